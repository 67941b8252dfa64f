import type { LogLevel, RunContext } from "#jobs/operators/operator.ts"
import type { Json, JsonObject } from "#lib/contracts/json.ts"
import type { Failure } from "#lib/domain/errors.ts"

/**
 * Which of a task's author functions to call. `transform` and `validate` take batches of rows; `choose` calls the main one
 * of a branch or short-circuit and gives what it decided.
 */
export type AuthorHook = "main" | "choose" | "before" | "after" | "transform" | "validate"

/** A row as it crosses to author code: structured clone, so dates and bigints arrive as such. */
export type AuthorRow = Record<string, unknown>

/** Like {@link TaskLog}; where it returns a promise, reading of the child's output waits for it (back-pressure). */
export type AuthorLog = (level: LogLevel, message: string) => void | Promise<void>

/** Runs SQL on a connection for author code. The implementation bounds the rows. */
export type AuthorQuery = (connection: string, text: string, params: Json[]) => Promise<AuthorRow[]>

/** One attempt's use of a child process. */
export interface AuthorSessionCall {
  /** Folder with the files of the version that the run pins. */
  codeDir: string
  /** File that declares the pipeline, relative to `codeDir`. */
  file: string
  pipelineId: string
  taskId: string
  run: RunContext
  attemptId: string
  attemptNumber: number
  /** Null: not traced. */
  traceparent?: string | null
  /** Time limit of the session, counted from the moment it has a process; null for none. */
  timeoutMs: number | null
  memoryMb: number
  signal: AbortSignal
  log: AuthorLog
  query?: AuthorQuery
}

export interface AuthorCall extends AuthorSessionCall {
  hook: AuthorHook
  /** `main`, `choose`: the resolved inputs; `after`: the task's outputs; `transform`/`validate`: rows. */
  input: unknown
}

/** What became of a call. Nothing here is an exception: the caller maps it (see `unwrapAuthorOutcome`). */
export type AuthorOutcome =
  | { kind: "done"; output: JsonObject | AuthorRow[] | (string | null)[] }
  | { kind: "skipped"; reason: string }
  /** The author's code threw; `where` and `stack` name the author's files only. */
  | { kind: "threw"; failure: Failure }
  | { kind: "timed_out" }
  | { kind: "out_of_memory"; exitCode: number; detail: string }
  | { kind: "killed"; exitCode: number | null; signal: string | null; detail: string }
  | { kind: "cancelled" }

/** A child process held for one attempt: several calls, one after another, in the same process. */
export interface AuthorSession {
  /** `transform` gives the rows to load; `validate` gives, for each row, null or why it is rejected. Never rejects. */
  send(hook: AuthorHook, input: unknown): Promise<AuthorOutcome>
  /** Gives the process back. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Warm child processes for author code, one task at a time each, without our credentials. Calls beyond `size` wait in
 * line. The same line serves calls with another memory limit than the default, which get a process of their own.
 */
export interface AuthorPool {
  run(call: AuthorCall): Promise<AuthorOutcome>
  /** Waits for a free process. Outcomes of the wait (cancelled while waiting) come from the first `send`. */
  open(call: AuthorSessionCall): Promise<AuthorSession>
  /** The author's project, where bare imports are resolved. */
  workspaceDir: string
  /** Ends all processes; running calls end as killed. */
  close(): Promise<void>
}
