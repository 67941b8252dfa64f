import type { z } from "zod"
import type { AuthorPool } from "#jobs/author/author-call.ts"
import type { AttemptTrace } from "#jobs/tracing/attempt-trace.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { Manifest, ManifestTask } from "#lib/contracts/manifest.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import type { Resume, WaitRequest } from "#lib/contracts/wait.ts"
import type { AttemptId, RunId, TaskRunId } from "#lib/domain/ids.ts"
import type { PartitionParts } from "#lib/domain/partition-scheme.ts"
import type { Connections } from "#lib/server/connections.ts"
import type { TablePolicies } from "#lib/server/quality/table-policies.ts"
import type { TaskEnd } from "#lib/store/task-ends.ts"
import type { WaitServices } from "./wait-services.ts"

export type LogLevel = "debug" | "info" | "warn" | "error"

/** Writes one line of the attempt's log; secrets are taken out before it is stored. Never blocks. */
export type TaskLog = (level: LogLevel, message: string) => void

/** The run as a task sees it. Instants are ISO 8601 in UTC. */
export interface RunContext {
  runId: RunId
  pipelineId: string
  kind: string
  logicalAt: string
  intervalStart: string
  intervalEnd: string
  partitionKey: string | null
  /** All that the run loads, oldest first; none without partitions. */
  partitionKeys: string[]
  /** The parts of `partitionKey`. */
  partition: PartitionParts
  params: JsonObject
}

export interface OperatorContext<Options> {
  /** The attempt's id is the fence token that guards what it writes. */
  attemptId: AttemptId
  attemptNumber: number
  taskRunId: TaskRunId
  /** How often the task run was cleared. */
  generation: number
  /** What came of the wait that the task was put off for; null at its first attempt and for operators that never wait. */
  resume: Resume | null
  waits: WaitServices
  /**
   * Equal for all attempts that must have one effect together, other after a person's clear: `run:taskRun:generation`.
   */
  executionKey: string
  run: RunContext
  manifest: Manifest
  task: ManifestTask
  /** Validated, with all references to outputs, params and the run replaced by their values. */
  options: Options
  /** Folder that holds the files of the version this run pins. */
  codeDir: string
  /** The workspace's folder on this machine, as it is now; only for data that is too large for a version. */
  workspaceDir: string
  connections: Connections
  /** What the workspace expects of tables. */
  policies: TablePolicies
  /** What became so far of other tasks of the run. */
  readTasks(taskIds: readonly string[]): Promise<TaskEnd[]>
  /** Child processes for author code. */
  author: AuthorPool
  log: TaskLog
  /** Null: the run is not traced. */
  trace: AttemptTrace | null
  /** Aborted on timeout, cancel and when the attempt was superseded: stop at once and throw `signal.reason`. */
  signal: AbortSignal
}

/**
 * One way of doing a task's work. `run` returns what the task left behind, or what it waits for, or throws; an
 * {@link AppError} says whether a retry can help. It must hold the warehouse to the effect of one run however often it is called with the
 * same run and task (docs/ARCHITECTURE.md, "Exactly-once effect").
 */
export interface Operator<
  Schema extends z.ZodType = z.ZodType,
  Result extends TaskResultInput | Deferred = TaskResultInput | Deferred,
> {
  name: string
  options: Schema
  /** True: it may put its task off, and is given what came of that. */
  waits?: boolean
  run(context: OperatorContext<z.output<Schema>>): Promise<Result>
}

/** The task is put off: its worker and slot are free, and the operator is called again when `wait` is over. */
export interface Deferred {
  wait: WaitRequest
  /** What is to be seen meanwhile, such as outputs. */
  result?: TaskResultInput
}

/** Ties an operator's `run` to the type of its options. */
export function defineOperator<Schema extends z.ZodType>(
  operator: Operator<Schema, TaskResultInput>,
): Operator<Schema, TaskResultInput> {
  return operator
}

/** {@link defineOperator} for one that may put its task off. */
export function defineWaitingOperator<Schema extends z.ZodType>(
  operator: Omit<Operator<Schema>, "waits">,
): Operator<Schema> {
  return { ...operator, waits: true }
}
