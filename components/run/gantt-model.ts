import type { Attempt, RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"

/** A stretch of a task's time. Milliseconds since the epoch. */
export interface GanttBar {
  /** `waiting` ready, for a worker or slot; `retry` for the next try; `deferred` for a trigger; `running` one attempt. */
  kind: "waiting" | "running" | "retry" | "deferred"
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
  const readyAt = time(task.readyAt)
  let free = Math.min(decidedAt, time(task.attempts[0]?.startedAt ?? null) ?? decidedAt)
  for (const [i, attempt] of task.attempts.entries()) {
    const start = time(attempt.startedAt)!
    const end = time(attempt.finishedAt) ?? now
    if (i === 0) free = task.attempts.length === 1 && readyAt !== null && readyAt <= start ? readyAt : free
    push(bars, i === 0 ? "waiting" : task.attempts[i - 1]!.state === "deferred" ? "deferred" : "retry", free, start)
    // The looks of a sensor are one attempt, which spans the waits between them.
    const isMany = attempt.state === "deferred" && (attempt.metrics.polls ?? 1) > 1
    push(bars, isMany ? "deferred" : "running", start, end, attempt)
    free = end
  }
  if (task.state === "ready") push(bars, "waiting", readyAt ?? free, now)
  if (task.state === "up_for_retry") push(bars, "retry", free, time(task.nextAttemptAt) ?? now)
  if (task.state === "deferred") push(bars, "deferred", free, now)
  return bars
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
 * The chain of tasks that decided when the run ended: from the last to end, back through whichever upstream ended
 * last. In order of execution; empty where nothing ran.
 */
export function criticalPath(rows: readonly GanttRow[], upstream: ReadonlyMap<string, readonly string[]>): string[] {
  const tasks = rows.filter((row) => row.task.mapIndex < 0)
  const ends = new Map(tasks.flatMap((row) => (endOf(row) === null ? [] : [[row.task.taskId, endOf(row)!]])))
  const path: string[] = []
  let at = lastToEnd([...ends.keys()], ends)
  while (at !== null) {
    path.unshift(at)
    at = lastToEnd(upstream.get(at) ?? [], ends)
  }
  return path
}

function lastToEnd(ids: readonly string[], ends: ReadonlyMap<string, number>): string | null {
  let last: string | null = null
  for (const id of ids) if (ends.has(id) && (last === null || ends.get(id)! > ends.get(last)!)) last = id
  return last
}

function endOf(row: GanttRow): number | null {
  return row.bars.findLast((bar) => bar.kind === "running")?.end ?? null
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
