"use client"
import { formatDuration } from "../format/duration.ts"
import { formatInstant, formatUtc, type InstantStyle } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { type GanttModel, timeTicks } from "./gantt-model.ts"
import { type TimeBreak, type TimeScale, timeScale } from "./time-scale.ts"
import { type Span, WHOLE } from "./zoom.ts"

/** 24 px: the smallest target that everybody can hit (WCAG 2.5.8). */
export const ROW_HEIGHT = 24
const MARGIN_RIGHT = 56

/** Width of the names in a pane of this width. */
export function namesWidth(paneWidth: number): number {
  return paneWidth < 600 ? 120 : 176
}

/** Pixels from the pane's left edge. */
export type Scale = (at: number) => number

export interface Axis {
  scale: Scale
  time: TimeScale
  /** Where the bars begin, and the width of all of the time if it were drawn at this zoom. */
  left: number
  pixels: number
}

/** Where instants stand in a pane of this width that shows this part of the time. */
export function scaleOf(model: GanttModel, width: number, span: Span = WHOLE): Axis {
  const left = 24 + namesWidth(width)
  const room = Math.max(1, width - left - MARGIN_RIGHT)
  const time = timeScale(model, model.end)
  // The usual end belongs on the axis unless that would squeeze what happened into less than half of it.
  const beyond = model.medianEnd !== null && model.medianEnd > model.end ? time.position(model.medianEnd) : 1
  const stretch = beyond <= 2 ? beyond : 1
  const pixels = room / stretch / (span.to - span.from)
  return { time, left, pixels, scale: (at) => left + (time.position(at) - span.from * stretch) * pixels }
}

export interface AxisMarks {
  ticks: { at: number; style: InstantStyle }[]
  breaks: TimeBreak[]
  /** When runs usually end, where that is on the axis. */
  median: number | null
}

/** What to write along the axis, as far as it is in view. */
export function axisMarks(model: GanttModel, axis: Axis, width: number): AxisMarks {
  const { scale, time, pixels, left } = axis
  const isInView = (at: number) => scale(at) >= left - 1 && scale(at) <= width - 8
  const ticks = time.parts.flatMap((part) => {
    const count = Math.max(1, Math.floor((part.share * pixels) / 110))
    // Zoomed far in, a part has thousands of labels: only the stretch in view is divided.
    const [start, end] = stretchInView(part, axis, width)
    if (start >= end) return []
    const wanted = Math.max(1, Math.round((count * (end - start)) / Math.max(1, part.end - part.start)))
    const instants = timeTicks(start, end, wanted)
    const step = instants.length > 1 ? instants[1]! - instants[0]! : end - start
    const style: InstantStyle = step < 60_000 ? "seconds" : step < 43_200_000 ? "time" : "short"
    return instants.filter(isInView).map((at) => ({ at, style }))
  })
  const isShown = model.medianEnd !== null && isInView(model.medianEnd)
  return { ticks, breaks: time.breaks, median: isShown ? model.medianEnd : null }
}

function stretchInView(part: { start: number; end: number }, { scale, left }: Axis, width: number): [number, number] {
  const from = scale(part.start)
  const perPixel = (part.end - part.start) / Math.max(1e-9, scale(part.end) - from)
  const start = part.start + Math.max(0, left - from) * perPixel
  const end = part.end - Math.max(0, scale(part.end) - width) * perPixel
  return [Math.min(start, part.end), Math.max(end, part.start)]
}

/** The labels above the rows. */
export function GanttAxis({ marks, axis, width }: { marks: AxisMarks; axis: Axis; width: number }) {
  const zone = useZone()
  const { scale, left } = axis
  const { ticks, breaks, median } = marks
  // The labels of the median and of pauses win where two would stand.
  const taken = [...(median === null ? [] : [scale(median)]), ...breaks.map((pause) => middleOf(pause, scale))]
  return (
    <svg className="h-5 w-full flex-none" style={{ clipPath: clipOf(left - 24) }} aria-hidden="true">
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

/** The lines behind the rows in view. */
export function GanttGrid({ marks, axis, top, height }: { marks: AxisMarks; axis: Axis; top: number; height: number }) {
  const { scale, left } = axis
  const { ticks, breaks, median } = marks
  return (
    <svg
      className="pointer-events-none absolute inset-x-0 w-full"
      style={{ top, height, clipPath: clipOf(left) }}
      aria-hidden="true"
    >
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

/** Keeps bars that begin before the part in view off the names. */
export function clipOf(left: number): string {
  return `inset(0 0 0 ${left - 6}px)`
}

function middleOf(pause: TimeBreak, scale: Scale): number {
  return (scale(pause.start) + scale(pause.end)) / 2
}
