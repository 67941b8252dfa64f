import type { Overview } from "#lib/contracts/api/system.ts"

type Row = Overview["timeline"][number]
type Run = Row["runs"][number]

/** Where the timeline begins, ends and stands, as epoch milliseconds. */
export interface Window {
  start: number
  end: number
  now: number
}

/** One mark on a row: a run, or several of one state that would touch. Positions are shares of the window, 0 to 1. */
export interface TimelineMark {
  state: "success" | "failed" | "running" | "queued" | "cancelled"
  from: number
  to: number
  /** Newest first. */
  runIds: string[]
}

export interface TimelineRow {
  pipelineId: string
  marks: TimelineMark[]
  /** Coming runs, as shares of the window. */
  upcoming: number[]
  counts: Partial<Record<TimelineMark["state"], number>>
}

export interface TimelineGroup {
  name: string
  rows: TimelineRow[]
}

const HOUR_MS = 3_600_000
// Two runs nearer than this share of 27 hours (about 2 px on a wide screen) are drawn as one.
const TOUCH = 0.002
// Nothing is drawn in the last hundredth: it would hang over the edge.
const EDGE = 0.01

/** Twenty-four hours back and two and a half ahead, as the design has it. */
export function timelineWindow(now: number): Window {
  return { start: now - 24 * HOUR_MS, end: now + 2.5 * HOUR_MS, now }
}

/** The rows by owner or by tag, each group in the order of its busiest; a pipeline with two tags stands under both. */
export function groupTimeline(timeline: readonly Row[], by: "owner" | "tag", window: Window): TimelineGroup[] {
  const groups = new Map<string, TimelineRow[]>()
  for (const row of timeline) {
    const names = by === "owner" ? [row.owner ?? "No owner"] : row.tags.length > 0 ? row.tags : ["No tag"]
    const built = toRow(row, window)
    for (const name of names) groups.set(name, [...(groups.get(name) ?? []), built])
  }
  return [...groups].map(([name, rows]) => ({ name, rows }))
}

/** The marks of one row: runs of the same state that touch become one, failures always stand alone. */
export function packRuns(runs: readonly Run[], window: Window): TimelineMark[] {
  const span = window.end - window.start
  const share = (at: number) => Math.min(1, Math.max(0, (at - window.start) / span))
  const marks: TimelineMark[] = []
  for (const run of runs.toSorted((a, b) => startOf(a) - startOf(b))) {
    const state = run.state === "cancelling" ? "running" : run.state
    const from = share(startOf(run))
    const to = share(run.finishedAt ? Date.parse(run.finishedAt) : window.now)
    const before = marks.at(-1)
    if (before && before.state === state && state !== "failed" && from - before.to < TOUCH) {
      before.to = Math.max(before.to, to)
      before.runIds.unshift(run.id)
    } else marks.push({ state, from, to: Math.max(to, from), runIds: [run.id] })
  }
  return marks
}

/** Full hours for the axis: every third, as shares of the window. */
export function axisHours(window: Window, hourOf: (at: number) => number): { at: number; share: number }[] {
  const first = Math.ceil(window.start / HOUR_MS) * HOUR_MS
  const hours: { at: number; share: number }[] = []
  for (let at = first; at < window.end - HOUR_MS; at += HOUR_MS) {
    if (hourOf(at) % 3 === 0) hours.push({ at, share: (at - window.start) / (window.end - window.start) })
  }
  return hours
}

function toRow(row: Row, window: Window): TimelineRow {
  const span = window.end - window.start
  const counts: TimelineRow["counts"] = {}
  for (const run of row.runs) {
    const state = run.state === "cancelling" ? "running" : run.state
    counts[state] = (counts[state] ?? 0) + 1
  }
  return {
    pipelineId: row.pipelineId,
    marks: packRuns(row.runs, window),
    upcoming: row.nextRuns
      .map(Date.parse)
      .filter((at) => at >= window.now && at < window.end - span * EDGE)
      .map((at) => (at - window.start) / span),
    counts,
  }
}

function startOf(run: Run): number {
  return Date.parse(run.startedAt ?? run.createdAt)
}
