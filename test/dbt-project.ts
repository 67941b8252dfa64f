import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { after } from "node:test"
import { type ParsedProject, type ParseOptions, parseProject } from "#lib/models/project/parse-project.ts"
import type { Target } from "#lib/models/project/profile.ts"

/** A target as a profile would give it. */
export const TARGET: Target = {
  profileName: "shop",
  name: "dev",
  type: "postgres",
  database: "db",
  schema: "public",
  threads: 2,
  credentials: { type: "postgres", host: "localhost", user: "me", password: "secret", dbname: "db", schema: "public" },
}

/** Writes files into a folder of its own, which goes when the tests end. A project named `shop` where no project file is given. */
export function writeProject(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "headrace-dbt-"))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const all = { "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\n", ...files }
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/** Writes a project and parses it for {@link TARGET}. */
export function parseFiles(
  files: Readonly<Record<string, string>>,
  options: Partial<ParseOptions> = {},
): ParsedProject {
  return parseProject({ folder: writeProject(files), target: TARGET, ...options })
}
