import { AppError } from "../../domain/errors.ts"
import { SqlError } from "../adapter/database.ts"
import { JinjaError } from "../jinja/errors.ts"
import { BUILTIN_FOLDER } from "../project/builtin-macros.ts"
import { ProjectError } from "../project/project-error.ts"
import type { NodeError } from "./protocol.ts"

/** What stopped a node, for people: the message, where it is, and the line of the compiled query that the server refused. */
export function toNodeError(error: unknown, compiledCode: string | null, file: string): NodeError {
  const sql = find(error, SqlError)
  if (sql) {
    const line = compiledLine(sql, compiledCode)
    const hint = sql.hint === null ? "" : ` (hint: ${sql.hint})`
    const place = placeOf(error)
    return {
      message: `${sql.message}${hint}${trailOf(error)}`,
      file: place?.file ?? file,
      line: place?.line ?? null,
      sqlState: sql.sqlState,
      compiledLine: line,
      kind: "database",
    }
  }
  const app = find(error, AppError)
  if (app) {
    const kind = app.kind === "data" ? "data" : "compilation"
    const [, where, line] = /^(.*?)(?::(\d+))?$/s.exec(app.where ?? file)!
    return {
      message: `${app.message}${trailOf(error)}`,
      file: where!,
      line: line === undefined ? null : Number(line),
      sqlState: null,
      compiledLine: null,
      kind,
    }
  }
  if (error instanceof ProjectError || error instanceof JinjaError) {
    const message = error instanceof ProjectError ? (error.problems[0]?.message ?? error.message) : error.message
    const place = error.file?.startsWith(BUILTIN_FOLDER) ? placeOf(error) : null
    return {
      message,
      file: place?.file ?? error.file ?? file,
      line: place?.line ?? error.line,
      sqlState: null,
      compiledLine: null,
      kind: "compilation",
    }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { message, file, line: null, sqlState: null, compiledLine: null, kind: "internal" }
}

/** Where the project's own files were left on the way to an error. */
function placeOf(error: unknown): { file: string; line: number } | null {
  const trace = find(error, JinjaError)?.trace ?? []
  return trace.find(({ file }) => !file.startsWith(BUILTIN_FOLDER)) ?? null
}

/** The macros on the way to an error, which a ProjectError has behind its message. */
function trailOf(error: unknown): string {
  const stack = error instanceof ProjectError ? error.macroStack : []
  return stack.map((each) => `\n  in macro ${each}`).join("")
}

function find<Kind extends Error>(error: unknown, kind: abstract new (...args: never[]) => Kind): Kind | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 20; cause = cause.cause, depth++) {
    if (cause instanceof kind) return cause as Kind
  }
  return null
}

/** The line of the compiled query in which the statement failed; null where it failed outside of that. */
function compiledLine({ sql, position }: SqlError, compiledCode: string | null): number | null {
  if (position === null || !compiledCode) return null
  const begin = sql.indexOf(compiledCode)
  // The server counts characters, JavaScript UTF-16 units.
  const offset = [...sql].slice(0, position - 1).join("").length - begin
  if (begin === -1 || offset < 0 || offset > compiledCode.length) return null
  return compiledCode.slice(0, offset).split("\n").length
}
