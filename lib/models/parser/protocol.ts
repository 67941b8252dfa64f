import type { ParseOptions } from "../project/parse-project.ts"
import type { Problem } from "../project/project-error.ts"
import type { ManifestSlice } from "../run/manifest-slice.ts"
import type { ProjectSetup } from "../run/protocol.ts"

/*
 * What passes between a process and the thread that parses projects for it. All of it is plain data.
 */

/** What to parse: as for `parseProject`, without what only the process itself could do. */
export type ParserOptions = Pick<ParseOptions, "folder" | "vars" | "env" | "flags"> & {
  target: NonNullable<ParseOptions["target"]>
}

/** What the thread is asked. `open` parses a project and keeps it under `project`, of which the others ask. */
export type ParserQuestion =
  | { kind: "open"; project: number; options: ParserOptions }
  | { kind: "slice"; project: number; ids: readonly string[] }
  | { kind: "graph"; project: number }
  | { kind: "close"; project: number }

export interface ParserAnswers {
  open: ProjectSetup
  slice: ManifestSlice
  /** A GraphAnswer in V8's serialization, in memory that all threads share. */
  graph: Uint8Array
  close: null
}

export type ParserRequest = ParserQuestion & { request: number }

export type ParserReply = { request: number } & (
  | { answer: ParserAnswers[keyof ParserAnswers] }
  | { failure: ParserFailure }
)

export interface ParserFailure {
  message: string
  stack: string | undefined
  /** Of a ProjectError. */
  problems: readonly Problem[] | null
  macroStack: readonly string[]
}
