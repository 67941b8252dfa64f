#!/usr/bin/env node
// Plain JavaScript for any Node ≥ 20: the program itself is TypeScript, which Node runs from 24 on. On an older one it starts
// again under the Node 24 that came with the dependencies.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(import.meta.url)

if (Number(process.versions.node.split(".")[0]) >= 24) {
  await import("../lib/models/load-sources.mjs")
  await import("./main.ts")
} else {
  const bundled = path.join(path.dirname(program), `../node_modules/node-linux-${process.arch}/bin/node`)
  if (!existsSync(bundled)) {
    process.stderr.write(
      `Headrace needs Node 24; this is ${process.version}. Run npm ci in Headrace's folder, which brings it, or install it.\n`,
    )
    process.exit(2)
  }
  const child = spawn(bundled, [program, ...process.argv.slice(2)], { stdio: "inherit" })
  // The terminal signals both; this one only waits, and others' signals are passed on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)))
}
