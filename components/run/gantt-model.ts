import type { Attempt, RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import type { TaskSpan } from "#lib/domain/critical-path.ts"

/** A stretch of a task's time. Milliseconds since the epoch. */
export interface GanttBar {
  /**
   * `slot` ready, for a slot of a limit; `waiting` ready, for a worker; `retry` for the next try; `deferred` for a trigger;
   * `running` one attempt.
   */
  kind: "slot" | "waiting" | "running" | "retry" | "deferred"
  start: number
  end: number
  attempt: Attempt | null
}
export interface GanttRow {
  task: TaskRun
  bars: GanttBar[]
  /** When it was decided that it would not run; null for tasks that ran or may yet. */
  notRunAt: number | null
}
export interface GanttModel {
  rows: GanttRow[]
  start: number
  end: number
  /** When runs of this pipeline usually end; null without history. */
  medianEnd: number | null
}

type GanttRun = Pick<RunDetail, "taskRuns" | "createdAt" | "startedAt" | "finishedAt" | "medianDurationMs">

/**
 * A run's tasks over time, in the order in which they started; those not started yet follow as declared. `upstream`
 * maps a task to those it waits for: what it waited for before its first try is not recorded once it is tried again,
 * and is taken from when the last of them ended. `now` ends what is still going on.
 */
export function ganttModel(run: GanttRun, upstream: ReadonlyMap<string, readonly string[]>, now: number): GanttModel {
  const start = time(run.startedAt) ?? time(run.createdAt)!
  const ended = new Map(run.taskRuns.map((task) => [task.taskId, time(task.finishedAt)]))
  const rows = run.taskRuns
    .map((task): GanttRow => {
      const decidedAt = latest((upstream.get(task.taskId) ?? []).map((id) => ended.get(id) ?? null))
      return { task, bars: barsOf(task, decidedAt ?? start, now), notRunAt: notRunAt(task) }
    })
    .toSorted((a, b) => startOf(a) - startOf(b))
  const placed = underTheirTask(rows)
  const lastEnd = latest(rows.flatMap((row) => row.bars.map((bar) => bar.end)))
  const medianEnd = run.medianDurationMs === null ? null : start + run.medianDurationMs
  return { rows: placed, start, end: Math.max(time(run.finishedAt) ?? now, lastEnd ?? 0, start + 1_000), medianEnd }
}

/** Instances, where some are shown, follow their mapped task in map order. */
function underTheirTask(rows: readonly GanttRow[]): GanttRow[] {
  const instances = rows.filter((row) => row.task.mapIndex >= 0)
  if (instances.length === 0) return [...rows]
  return rows
    .filter((row) => row.task.mapIndex < 0)
    .flatMap((row) => [
      row,
      ...instances
        .filter((one) => one.task.taskId === row.task.taskId)
        .toSorted((a, b) => a.task.mapIndex - b.task.mapIndex),
    ])
}

function barsOf(task: TaskRun, decidedAt: number, now: number): GanttBar[] {
  const bars: GanttBar[] = []
  // One bar for all instances of a mapped task, from its expansion to its end.
  if (task.instances && task.startedAt) push(bars, "running", time(task.startedAt)!, time(task.finishedAt) ?? now)
  const first = task.attempts[0]
  let free = Math.min(decidedAt, time(first?.startedAt ?? null) ?? decidedAt)
  for (const [i, attempt] of task.attempts.entries()) {
    const start = time(attempt.startedAt)!
    const end = time(attempt.finishedAt) ?? now
    const readyAt = readyFor(task, i, free, start)
    if (i > 0) push(bars, task.attempts[i - 1]!.state === "deferred" ? "deferred" : "retry", free, readyAt ?? start)
    pushWait(bars, readyAt ?? (i === 0 ? free : start), time(attempt.admittedAt), start)
    // The looks of a sensor are one attempt, which spans the waits between them.
    const isMany = attempt.state === "deferred" && (attempt.metrics.polls ?? 1) > 1
    push(bars, isMany ? "deferred" : "running", start, end, attempt)
    free = end
  }
  if (task.state === "ready") push(bars, task.waitingFor === null ? "waiting" : "slot", time(task.readyAt) ?? free, now)
  if (task.state === "up_for_retry") push(bars, "retry", free, time(task.nextAttemptAt) ?? now)
  if (task.state === "deferred") push(bars, "deferred", free, now)
  return bars
}

/** When the task had become ready for this try: as the try says, else as the task says of its only one. */
function readyFor(task: TaskRun, index: number, after: number, start: number): number | null {
  const own = time(task.attempts[index]!.readyAt)
  if (own !== null) return Math.min(Math.max(own, index === 0 ? own : after), start)
  const only = task.attempts.length === 1 ? time(task.readyAt) : null
  return only !== null && only <= start ? only : null
}

/** Before it was admitted it waited for a slot, after that for a worker. */
function pushWait(bars: GanttBar[], readyAt: number, admittedAt: number | null, start: number): void {
  const admitted = admittedAt === null ? readyAt : Math.min(Math.max(admittedAt, readyAt), start)
  push(bars, "slot", readyAt, admitted)
  push(bars, "waiting", admitted, start)
}

function push(bars: GanttBar[], kind: GanttBar["kind"], start: number, end: number, attempt: Attempt | null = null) {
  if (end > start || kind === "running") bars.push({ kind, start, end: Math.max(start, end), attempt })
}

function notRunAt(task: TaskRun): number | null {
  if (task.attempts.length > 0 || task.instances) return null
  const isOver = task.state === "upstream_failed" || task.state === "skipped" || task.state === "cancelled"
  return isOver ? time(task.finishedAt) : null
}

function startOf(row: GanttRow): number {
  const running = row.bars.find((bar) => bar.kind === "running")
  // What did not run stands below what did: late, in the order in which it was decided.
  if (running) return running.start
  return Number.MAX_SAFE_INTEGER / 2 + (row.bars[0] ? 0 : (row.notRunAt ?? Number.MAX_SAFE_INTEGER / 4))
}

/**
 * What the critical path is looked for in. A task that did not run counts with the instant at which that was decided: it
 * passes on what decided it, as from a failure to the task that tells people of it.
 */
export function spansOf(rows: readonly GanttRow[], upstream: ReadonlyMap<string, readonly string[]>): TaskSpan[] {
  // A mapped task stands for its instances.
  const tasks = rows.filter((row) => row.task.mapIndex < 0)
  return tasks.flatMap(({ task, bars, notRunAt }) => {
    const id = task.taskId
    const first = bars.findIndex(isWork)
    if (first === -1) {
      if (notRunAt === null) return []
      return { id, upstream: upstream.get(id) ?? [], readyAt: null, start: notRunAt, end: notRunAt }
    }
    const waited = bars.slice(0, first)
    return {
      id,
      upstream: upstream.get(id) ?? [],
      readyAt: waited[0]?.start ?? null,
      start: bars[first]!.start,
      end: bars.findLast(isWork)!.end,
    }
  })
}

/** Whether a task was at work in it: the looks of a sensor, too. */
export function isWork(bar: GanttBar): boolean {
  return bar.kind === "running" || bar.attempt !== null
}

const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((hours) => hours * 3_600_000),
]

/** Round instants to label on a time axis, at most `count` of them. */
export function timeTicks(start: number, end: number, count: number): number[] {
  const step = STEPS_MS.find((ms) => (end - start) / ms <= count) ?? STEPS_MS.at(-1)!
  const ticks: number[] = []
  for (let at = Math.ceil(start / step) * step; at <= end && ticks.length < 100; at += step) ticks.push(at)
  return ticks
}

function time(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant)
}
function latest(times: readonly (number | null)[]): number | null {
  return times.reduce((max, at) => (at !== null && (max === null || at > max) ? at : max), null)
}
