import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import { authorFrames } from "#jobs/author/author-stack.ts"
import { AuthorImportError } from "#jobs/author/module-hooks.ts"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"

/** What went wrong while a file was imported: where in the author's files, and why. */
export function importProblem(error: unknown, entry: string, root: string, lastRead: string): WorkspaceProblem {
  const base = { file: relative(root, entry), line: null, column: null, pipelineId: null } as const
  if (error instanceof AuthorImportError) {
    const place = findSpecifier(error.from, error.specifier)
    return { ...base, ...place, file: relative(root, error.from), rule: "import", message: error.message }
  }
  if (error instanceof SyntaxError) {
    const message = `${sentence(error.message)}${advice(error)}`
    const place = headerPlace(error.stack) ?? checkedPlace(lastRead)
    if (!place) return { ...base, file: relative(root, lastRead), rule: "syntax", message }
    const isMissingExport = /does not provide an export named/.test(error.message)
    return { ...base, ...place, file: relative(root, place.file), rule: isMissingExport ? "import" : "syntax", message }
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `Something was thrown: ${String(error)}`
  const frame = authorFrames(error instanceof Error ? error.stack : undefined, root)[0]
  return {
    ...base,
    ...(frame && { file: frame.file, line: frame.line, column: frame.column }),
    rule: "exception",
    message: sentence(message),
  }
}

interface Place {
  file: string
  line: number
  column: number | null
}

/** Node puts `file:///x.ts:3`, the line, and a caret below it before the stack of a syntax error. */
function headerPlace(stack: string | undefined): Place | null {
  const [header = "", ...rest] = stack?.split("\n") ?? []
  const match = /^(?:file:\/\/)?(\/.*):(\d+)$/.exec(header)
  if (!match) return null
  const caret = rest.find((line) => /^\s*\^+\s*$/.test(line))
  const path = header.startsWith("file:") ? fileURLToPath(`file://${match[1]}`) : match[1]!
  return { file: path, line: Number(match[2]), column: caret === undefined ? null : caret.indexOf("^") + 1 }
}

/** V8's own syntax errors name no place when a module is imported; Node's check of the text alone does. */
function checkedPlace(file: string): Place | null {
  const source = readFileSync(file, "utf8")
  const input = /\.m?ts$/.test(file) ? stripTypeScriptTypes(source) : source
  const checked = spawnSync(process.execPath, ["--check", "--input-type=module", "-"], { input, timeout: 5_000 })
  const place = headerPlace(String(checked.stderr).replace(/^\[stdin\]:/, "/:"))
  return place && { ...place, file }
}

function findSpecifier(file: string, specifier: string): { line: number; column: number } | { line: null } {
  const lines = readFileSync(file, "utf8").split("\n")
  for (const [index, text] of lines.entries()) {
    const column = Math.max(text.indexOf(`"${specifier}"`), text.indexOf(`'${specifier}'`))
    if (column >= 0) return { line: index + 1, column: column + 1 }
  }
  return { line: null }
}

function advice(error: SyntaxError): string {
  const { code } = error as NodeJS.ErrnoException
  return code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX"
    ? " Use plain types: Headrace runs TypeScript by leaving types out."
    : ""
}

function sentence(text: string): string {
  const trimmed = text.trim().split("\n")[0]!.slice(0, 1_000)
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}
