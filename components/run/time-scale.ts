import type { GanttModel } from "./gantt-model.ts"

/** A pause in which nothing ran, drawn narrower than it was. */
export interface TimeBreak {
  start: number
  end: number
}
export interface TimeScale {
  /** 0 to 1 along the axis. */
  position(at: number): number
  breaks: TimeBreak[]
  /** Stretches between the breaks, each with its share of the axis. */
  parts: { start: number; end: number; share: number }[]
}

/** A pause longer than all the work together hides the work: a run that failed at night and was retried by day. */
const BREAK_FROM = 1
/** Width of a break, as a share of the work: enough to see and to label. */
const BREAK_SHARE = 0.12

/**
 * Where instants stand on a run's time axis, from `model.start` to `end`. In proportion, but for long pauses in which no
 * task ran or waited for a worker.
 */
export function timeScale(model: Pick<GanttModel, "rows" | "start">, end: number): TimeScale {
  const busy = busyStretches(model, end)
  const work = busy.reduce((sum, stretch) => sum + stretch.end - stretch.start, 0)
  const breaks = busy.slice(1).flatMap((stretch, i) => {
    const pause = { start: busy[i]!.end, end: stretch.start }
    return pause.end - pause.start > work * BREAK_FROM ? [pause] : []
  })
  const edges = [model.start, ...breaks.flatMap((pause) => [pause.start, pause.end]), end]
  const lengths = edges.slice(1).map((edge, i) => (i % 2 === 1 ? work * BREAK_SHARE : edge - edges[i]!))
  const total = lengths.reduce((sum, length) => sum + length, 0) || 1
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0) / total)
  return {
    breaks,
    parts: lengths.flatMap((length, i) =>
      i % 2 === 0 ? [{ start: edges[i]!, end: edges[i + 1]!, share: length / total }] : [],
    ),
    position(at) {
      const i = Math.max(0, edges.slice(1, -1).findLastIndex((edge) => at >= edge) + 1)
      const span = edges[i + 1]! - edges[i]! || 1
      return starts[i]! + ((at - edges[i]!) / span) * (lengths[i]! / total)
    },
  }
}

/** When something ran, waited for a worker or was decided, as disjoint stretches in order. */
function busyStretches({ rows, start }: Pick<GanttModel, "rows" | "start">, end: number): TimeBreak[] {
  const all = rows.flatMap((row) => [
    ...row.bars.filter((bar) => bar.kind !== "retry" && bar.kind !== "deferred"),
    ...(row.notRunAt === null ? [] : [{ start: row.notRunAt, end: row.notRunAt }]),
  ])
  const ends = [{ start, end: start }, ...all, { start: end, end }].toSorted((a, b) => a.start - b.start)
  const merged: TimeBreak[] = []
  for (const stretch of ends) {
    const last = merged.at(-1)
    if (last && stretch.start <= last.end) last.end = Math.max(last.end, stretch.end)
    else merged.push({ start: stretch.start, end: stretch.end })
  }
  return merged
}
