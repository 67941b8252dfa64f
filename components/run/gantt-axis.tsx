"use client"
import { formatDuration } from "../format/duration.ts"
import { formatInstant, formatUtc, type InstantStyle } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { type GanttModel, timeTicks } from "./gantt-model.ts"
import { type TimeBreak, type TimeScale, timeScale } from "./time-scale.ts"

/** 24 px: the smallest target that everybody can hit (WCAG 2.5.8). */
export const ROW_HEIGHT = 24
export const NAMES_WIDTH = 176
const MARGIN_RIGHT = 56

/** Pixels from the pane's left edge. */
export type Scale = (at: number) => number

/** Where instants stand in a pane of this width. */
export function scaleOf(model: GanttModel, width: number): { scale: Scale; time: TimeScale; pixels: number } {
  const left = 24 + NAMES_WIDTH
  const pixels = Math.max(1, width - left - MARGIN_RIGHT)
  const time = timeScale(model, model.end)
  // The usual end belongs on the axis unless that would squeeze what happened into less than half of it.
  const beyond = model.medianEnd !== null && model.medianEnd > model.end ? time.position(model.medianEnd) : 1
  const stretch = beyond <= 2 ? beyond : 1
  return { time, pixels: pixels / stretch, scale: (at) => left + (time.position(at) * pixels) / stretch }
}

export interface AxisMarks {
  ticks: { at: number; style: InstantStyle }[]
  breaks: TimeBreak[]
  /** When runs usually end, where that is on the axis. */
  median: number | null
}

/** What to write along the axis. */
export function axisMarks(model: GanttModel, axis: ReturnType<typeof scaleOf>, width: number): AxisMarks {
  const { scale, time, pixels } = axis
  const ticks = time.parts.flatMap((part) => {
    const instants = timeTicks(part.start, part.end, Math.max(1, Math.floor((part.share * pixels) / 110)))
    const step = instants.length > 1 ? instants[1]! - instants[0]! : part.end - part.start
    const style: InstantStyle = step < 60_000 ? "seconds" : step < 43_200_000 ? "time" : "short"
    return instants.map((at) => ({ at, style }))
  })
  const isShown = model.medianEnd !== null && scale(model.medianEnd) <= width - 8
  return { ticks, breaks: time.breaks, median: isShown ? model.medianEnd : null }
}

/** The labels above the rows. */
export function GanttAxis({ marks, scale, width }: { marks: AxisMarks; scale: Scale; width: number }) {
  const zone = useZone()
  const { ticks, breaks, median } = marks
  // The labels of the median and of pauses win where two would stand.
  const taken = [...(median === null ? [] : [scale(median)]), ...breaks.map((pause) => middleOf(pause, scale))]
  return (
    <svg className="h-5 w-full flex-none" aria-hidden="true">
      {ticks.map(({ at, style }) => (
        <text key={at} x={scale(at)} y={13} textAnchor="middle">
          {taken.every((x) => Math.abs(scale(at) - x) > 70) && formatInstant(at, zone, style)}
        </text>
      ))}
      {breaks.map((pause) => (
        <text key={pause.start} x={middleOf(pause, scale)} y={13} textAnchor="middle">
          {formatDuration(pause.end - pause.start)} later
        </text>
      ))}
      {median !== null && breaks.length === 0 && (
        <text x={Math.min(scale(median), width - 44)} y={13} textAnchor="middle">
          <title>{`Runs of this pipeline usually end by ${formatUtc(median)}`}</title>
          median {formatInstant(median, zone, "time")}
        </text>
      )}
    </svg>
  )
}

/** The lines behind the rows. */
export function GanttGrid({ marks, scale, height }: { marks: AxisMarks; scale: Scale; height: number }) {
  const { ticks, breaks, median } = marks
  return (
    <svg className="pointer-events-none absolute inset-x-0 top-0 w-full" style={{ height }} aria-hidden="true">
      {ticks.map(({ at }) => (
        <path key={at} d={`M${Math.round(scale(at)) + 0.5} 0V${height}`} stroke="var(--grid-line)" />
      ))}
      {breaks.map((pause) => (
        <rect
          key={pause.start}
          x={scale(pause.start) + 4}
          width={Math.max(0, scale(pause.end) - scale(pause.start) - 8)}
          height={height}
          fill="var(--sunken)"
        />
      ))}
      {median !== null && breaks.length === 0 && (
        <path
          d={`M${Math.round(scale(median)) + 0.5} 0V${height}`}
          stroke="var(--border-strong)"
          strokeDasharray="3 3"
        />
      )}
    </svg>
  )
}

function middleOf(pause: TimeBreak, scale: Scale): number {
  return (scale(pause.start) + scale(pause.end)) / 2
}
