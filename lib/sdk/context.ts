import type { Json, JsonObject } from "../contracts/json.ts"
import type { TaskErrorOptions } from "./task-error.ts"

/** The run that a task belongs to. Instants are ISO 8601 in UTC. */
export interface RunInfo {
  runId: string
  pipelineId: string
  kind: string
  logicalAt: string
  intervalStart: string
  intervalEnd: string
  /** `2026-03-01`, `eu` or `2026-03-01|eu`; of several partitions a run `2026-03-01..2026-03-07`. */
  partitionKey: string | null
  /** All that the run loads, oldest first; none in a pipeline without partitions. */
  partitionKeys: string[]
  /** The parts of `partitionKey`. */
  partition: { time: string | null; key: string | null }
}

/** Writes lines to the attempt's log; `log("…")` is `log.info("…")`. */
export interface TaskLogger {
  (message: string): void
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** What author code gets as its first argument. */
export interface TaskContext {
  run: RunInfo
  /** Params of the run, checked against the pipeline's schema. */
  params: JsonObject
  /** `id` grows with each attempt: use it to fence writes to outside systems. `number` counts from 1. `traceparent`: send it as a
   * header of that name, so that what the receiver does stands in the run's trace; null where runs are not traced. */
  attempt: { id: string; number: number; traceparent: string | null }
  log: TaskLogger
  /** Aborted on cancel and timeout; a second later the process is killed. */
  signal: AbortSignal
  /**
   * Runs one SQL statement with `$1` parameters on a connection that the task declares, and gives its rows (at most
   * 16 MB of them). Each call is a transaction of its own.
   */
  query<Row = Record<string, unknown>>(connection: string, sql: string, params?: Json[]): Promise<Row[]>
  /** Ends the task as skipped, with the reason shown to people. */
  skip(reason: string): never
  /** Fails the attempt and says whether and when another try can help; the same as throwing a `TaskError`. */
  fail(message: string, options?: TaskErrorOptions): never
}

/** Runs before the task's work, in the same attempt. Throwing fails the attempt, `ctx.skip` skips the task. */
export type BeforeHook = (ctx: TaskContext) => unknown

/** Runs after the work succeeded, in the same attempt, with its outputs. Throwing fails the attempt. */
export type AfterHook = (ctx: TaskContext, outputs: JsonObject) => unknown
