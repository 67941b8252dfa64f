import type { LimitShare } from "#lib/domain/admission.ts"
import type { AttemptState } from "#lib/domain/attempt-state.ts"
import type { BackfillSlotPlan } from "#lib/domain/backfill-plan.ts"
import type { FailureTolerance, InstanceCounts } from "#lib/domain/mapping.ts"
import type { RetryPolicy } from "#lib/domain/retry.ts"
import type { RunState } from "#lib/domain/run-state.ts"
import type { Schedule } from "#lib/domain/schedule.ts"
import type { PlannableTask, PlannedTask } from "#lib/domain/task-plan.ts"
import { isFinalTaskRunState, type TaskRunState } from "#lib/domain/task-run-state.ts"

/**
 * What Postgres holds for the simulation: the rows that the rules of lib/domain move. Nothing here decides anything; every
 * change is made by a step of transactions.ts, whole or not at all.
 */
export interface World {
  /** The database's clock, in ms. Processes have clocks of their own. */
  nowMs: number
  /** Counts decisions, so that what came first can be told where the clock stands still. */
  moment: number
  pipelines: Pipeline[]
  runs: Run[]
  attempts: Attempt[]
  /** Task runs that may be claimed. */
  tickets: TaskRun[]
  /** Capacities of pools, pipelines and keys by id. */
  limits: Map<string, number>
  backfills: Backfill[]
  /** Every start of an attempt, in order: what the invariants look back at. */
  starts: { taskRun: TaskRun; fence: number }[]
  nextFence: number
}

/** What a task does beyond running: decide which others run, or wait without a worker. */
export type SimulatedKind = "plain" | "branch" | "short_circuit" | "sensor" | "vain_sensor"

export interface SimulatedTask extends PlannableTask {
  group: null
  kind: SimulatedKind
  policy: RetryPolicy
  map: { maxActive: number | null; tolerance: FailureTolerance } | null
}

export interface Pipeline {
  id: string
  tasks: SimulatedTask[]
  plan: PlannedTask[]
  /** Positions of the upstreams of each task, the edges of `plan` seen from the other end. */
  upstream: number[][]
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
  /** What the graph knows; instances of mapped tasks hang on these. */
  taskRuns: TaskRun[]
  /** Whether anything of it moved since it was last checked. */
  isTouched: boolean
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
  /** When it last became ready. */
  readyAtMs: number
  /** The moment in which its trigger rule was met. */
  releasedAt: number
  queuePriority: number
  /** The limit that has no room for it; null: none, or it is not ready. */
  waitingFor: string | null
  slots: LimitShare[]
  /** What a branch or short-circuit decided, what it decided against thereby, and at which moment. */
  choice: { follows: string[] | "nothing" | "no_direct"; skips: string[]; at: number } | null
  wait: { dueAtMs: number; sinceMs: number; endsAtMs: number; action: "fail" | "skip" } | null
  /** Of an instance: the mapped task it belongs to. */
  parent: TaskRun | null
  instances: TaskRun[]
  /** While it is mapped, and after: its instances by outcome, as counted. */
  mapped: (InstanceCounts & { nextIndex: number }) | null
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
    moment: 0,
    pipelines: [],
    runs: [],
    attempts: [],
    tickets: [],
    limits: new Map(),
    backfills: [],
    starts: [],
    nextFence: 1,
  }
}

export function newTaskRun(run: Run, position: number, parent: TaskRun | null = null): TaskRun {
  return {
    id: run.id * 10_000 + position * 100 + (parent ? parent.instances.length + 1 : 0),
    run,
    position,
    state: "pending",
    success: 0,
    failed: 0,
    skipped: 0,
    attemptCount: 0,
    attemptsBefore: 0,
    fence: null,
    nextAttemptAtMs: null,
    readyAtMs: 0,
    releasedAt: 0,
    queuePriority: 0,
    waitingFor: null,
    slots: [],
    choice: null,
    wait: null,
    parent,
    instances: [],
    mapped: null,
  }
}

export function taskOf(taskRun: TaskRun): SimulatedTask {
  return taskRun.run.pipeline.tasks[taskRun.position]!
}

export function plannedOf(taskRun: TaskRun): PlannedTask {
  return taskRun.run.pipeline.plan[taskRun.position]!
}

/** All task runs of a run, instances too. */
export function everyTaskRun(run: Run): TaskRun[] {
  if (run.taskRuns.every(({ instances }) => instances.length === 0)) return run.taskRuns
  return run.taskRuns.flatMap((taskRun) => [taskRun, ...taskRun.instances])
}

/** How an outcome counts at what comes after: as trigger rules and mapped tasks see it. */
export function outcomeOf({ state }: TaskRun): "success" | "failed" | "skipped" {
  return state === "success" || state === "skipped" ? state : "failed"
}

export function countStates(taskRuns: readonly TaskRun[]): { success: number; failed: number; skipped: number } {
  const counts = { success: 0, failed: 0, skipped: 0 }
  for (const taskRun of taskRuns) if (isFinalTaskRunState(taskRun.state)) counts[outcomeOf(taskRun)]++
  return counts
}
