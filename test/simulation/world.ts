import type { AttemptState } from "#lib/domain/attempt-state.ts"
import type { BackfillSlotPlan } from "#lib/domain/backfill-plan.ts"
import type { RetryPolicy } from "#lib/domain/retry.ts"
import type { RunState } from "#lib/domain/run-state.ts"
import type { Schedule } from "#lib/domain/schedule.ts"
import type { PlannedTask } from "#lib/domain/task-plan.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"

/**
 * What Postgres holds for the simulation: the rows that the rules of lib/domain move. Nothing here decides anything; every
 * change is made by a step of transactions.ts, whole or not at all.
 */
export interface World {
  /** The database's clock, in ms. Processes have clocks of their own. */
  nowMs: number
  pipelines: Pipeline[]
  runs: Run[]
  attempts: Attempt[]
  /** Ids of task runs that may be claimed. */
  tickets: number[]
  backfills: Backfill[]
  /** Every start of an attempt, in order: what the invariants look back at. */
  starts: { taskRun: TaskRun; fence: number }[]
  nextFence: number
}

export interface Pipeline {
  id: string
  plan: PlannedTask[]
  /** Positions of the upstreams of each task, the edges of `plan` seen from the other end. */
  upstream: number[][]
  policies: RetryPolicy[]
  schedule: Schedule | null
  maxActiveRuns: number
  lastLogicalAt: Date | null
  isPaused: boolean
}

export interface Run {
  id: number
  pipeline: Pipeline
  kind: "schedule" | "manual" | "backfill"
  logicalAt: Date
  intervalStart: Date
  state: RunState
  unfinished: number
  /** A person's clear or mark opens a run whatever the pipeline's limit says. */
  wasReopened: boolean
  backfill: Backfill | null
  taskRuns: TaskRun[]
}

export interface TaskRun {
  id: number
  run: Run
  position: number
  state: TaskRunState
  success: number
  failed: number
  skipped: number
  attemptCount: number
  attemptsBefore: number
  fence: number | null
  nextAttemptAtMs: number | null
  readySinceMs: number | null
}

export interface Attempt {
  fence: number
  taskRun: TaskRun
  state: AttemptState
  workerId: number
  heartbeatMs: number
}

export interface Backfill {
  id: number
  pipeline: Pipeline
  state: "running" | "success" | "failed" | "cancelled"
  concurrency: number
  slots: (BackfillSlotPlan & { run: Run | null })[]
}

export function emptyWorld(nowMs: number): World {
  return {
    nowMs,
    pipelines: [],
    runs: [],
    attempts: [],
    tickets: [],
    backfills: [],
    starts: [],
    nextFence: 1,
  }
}
