import type { RunContext } from "#jobs/operators/operator.ts"
import type { Json } from "#lib/contracts/json.ts"
import type { AuthorHook, AuthorOutcome, AuthorRow } from "./author-call.ts"

/** What a child of the author pool is told, over Node's IPC channel with structured clone. */
export type ToChild =
  | {
      type: "open"
      codeDir: string
      file: string
      pipelineId: string
      taskId: string
      run: RunContext
      attempt: { id: string; number: number; traceparent: string | null }
    }
  | { type: "send"; id: number; hook: AuthorHook; input: unknown }
  | { type: "abort"; reason: string }
  | { type: "rows"; id: number; rows: AuthorRow[] }
  | { type: "query_failed"; id: number; message: string; retry: "never" | "later" }
  | { type: "close" }

export type FromChild =
  | { type: "ready" }
  /** `marked`: descriptors on which the end mark of this call was written; its log ends there. */
  | { type: "result"; id: number; outcome: ChildOutcome; marked: number[] }
  | { type: "query"; id: number; connection: string; text: string; params: Json[] }
  /** Not clean: something of the author's is still running in the process, or may be broken in it. */
  | { type: "closed"; isClean: boolean; rssBytes: number }

export type ChildOutcome = Extract<AuthorOutcome, { kind: "done" | "skipped" | "threw" }>

/** A log line on descriptor 3, as JSON; `end` closes the log of a call. */
export type LogRecord = { level: "debug" | "info" | "warn" | "error"; text: string } | { end: number }

export const LOG_FD = 3
export const STDOUT_FD = 1
export const STDERR_FD = 2

/** Ends a call's output on stdout and stderr, where text of any kind may stand before it. */
export function endMark(id: number): string {
  return `\0headrace-end-${id}\0`
}

/** Outputs are for references, not for data. The executor holds operators to the same bound. */
export const MAX_OUTPUT_BYTES = 256 * 1024

/** Longest log line; the rest of a longer one is left out. */
export const MAX_LINE_CHARS = 16 * 1024
