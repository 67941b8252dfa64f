import path from "node:path"
import { defineConfig } from "prisma/config"

// No engine binary is downloaded: this script speaks the schema engine's protocol on Prisma's own WASM build.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= path.join(import.meta.dirname, "scripts/schema-engine.mjs")

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://headrace@127.0.0.1:54329/headrace" },
})
