import { globSync, readFileSync } from "node:fs"
import path from "node:path"
import type { MacroNode } from "./node.ts"
import { parseMacros } from "./parse-macros.ts"

const FOLDER = path.join(import.meta.dirname, "builtin")

/** What the paths of built-in macros begin with, in messages: they are no files of the project. */
export const BUILTIN_FOLDER = "dbt/"

/** The macros that every project has, as the package `dbt`; those in `builtin/postgres` belong to `dbt_postgres`. */
export function builtinMacros(): MacroNode[] {
  return globSync("**/*.sql", { cwd: FOLDER })
    .sort()
    .flatMap((file) => {
      const packageName = file.startsWith("postgres/") ? "dbt_postgres" : "dbt"
      const origin = { packageName, path: `${BUILTIN_FOLDER}${file}`, relativePath: file }
      return parseMacros(readFileSync(path.join(FOLDER, file), "utf8"), origin)
    })
}
