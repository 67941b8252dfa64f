import { readFile, stat } from "node:fs/promises"
import path from "node:path"
import { type Document, isNode, LineCounter, parseDocument } from "yaml"
import type { z } from "zod"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"

/** What a file says; `lineOf` gives the line of the deepest part of a path that the file has. */
export interface ReadYaml<Value> {
  value: Value
  lineOf(at: readonly PropertyKey[]): number | null
}

export type YamlFile<Value> =
  /** No such file, or nothing in it. */
  { kind: "empty" } | { kind: "faulty"; problems: WorkspaceProblem[] } | ({ kind: "read" } & ReadYaml<Value>)

export interface YamlFileOptions<Schema extends z.ZodType> {
  schema: Schema
  /** Of faults other than those of YAML itself. */
  rule: WorkspaceProblem["rule"]
  /** People write such files by hand; a larger one is something else. */
  maxMegabytes: number
  /** What to do about one that is too large, as a clause. */
  advice?: string
}

/** Reads a YAML file of a workspace against its schema: all of it, or every fault with its line. `file` is relative to `root`. */
export async function readYamlFile<Schema extends z.ZodType>(
  root: string,
  file: string,
  { schema, rule, maxMegabytes, advice }: YamlFileOptions<Schema>,
): Promise<YamlFile<z.output<Schema>>> {
  const text = await readText(path.join(root, file), maxMegabytes)
  if (text === null) return { kind: "empty" }
  const fault = (line: number | null, message: string) => yamlFault({ file, line, rule }, message)
  if (text === TOO_LARGE) {
    const message = `The file is larger than ${maxMegabytes} MB${advice === undefined ? "" : `; ${advice}`}.`
    return { kind: "faulty", problems: [fault(null, message)] }
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, linePos }) => ({
      ...fault(linePos?.[0].line ?? null, message.split("\n", 1)[0]!),
      column: linePos?.[0].col ?? null,
      rule: "syntax" as const,
    }))
    return { kind: "faulty", problems }
  }
  if (document.contents === null) return { kind: "empty" }
  const lineOf = (at: readonly PropertyKey[]) => lineIn(document, lines, at)
  const { success, data, error } = schema.safeParse(toPlain(document))
  if (success) return { kind: "read", value: data, lineOf }
  const problems = error.issues.map((issue) => {
    const place = issue.path.length > 0 ? `${issue.path.join(".")}: ` : ""
    return fault(lineOf(issue.path), `${place}${issue.message}`)
  })
  return { kind: "faulty", problems }
}

/** A fault of a file of the workspace that belongs to no pipeline. */
export function yamlFault(
  at: { file: string; line: number | null; rule: WorkspaceProblem["rule"] },
  message: string,
): WorkspaceProblem {
  return { ...at, column: null, pipelineId: null, message }
}

const TOO_LARGE = Symbol("too large")

async function readText(full: string, maxMegabytes: number): Promise<string | typeof TOO_LARGE | null> {
  try {
    if ((await stat(full)).size > maxMegabytes * 1024 * 1024) return TOO_LARGE
    return await readFile(full, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null
    throw error
  }
}

/** An alias that stands for too much is refused by the library, which then throws. */
function toPlain(document: Document.Parsed): unknown {
  try {
    return document.toJS()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function lineIn(document: Document.Parsed, lines: LineCounter, at: readonly PropertyKey[]): number | null {
  for (let length = at.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(at.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return null
}
