"use client"
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import { formatDuration } from "../format/duration.ts"
import { formatInstant, formatUtc, type InstantStyle } from "../format/instant.ts"
import { useNow } from "../format/now.ts"
import { useZone } from "../format/zone.ts"
import { statusOf } from "../status/status-map.ts"
import { cn } from "../ui/cn.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { criticalPath, type GanttBar, type GanttModel, type GanttRow, ganttModel, timeTicks } from "./gantt-model.ts"
import { type TimeBreak, type TimeScale, timeScale } from "./time-scale.ts"

/** 24 px: the smallest target that everybody can hit (WCAG 2.5.8). */
const ROW = 24
const MIDDLE = ROW / 2
const NAMES = 176
const RIGHT = 56
/** Rows drawn beyond the edges of the pane. */
const OVERSCAN = 8

/**
 * A run's tasks as bars over time: waiting, running, between tries. Rows are buttons; the critical path shows while its
 * legend is pointed at or focused. Rows out of view are not drawn, so a run of thousands of tasks scrolls.
 */
export function Gantt({
  run,
  upstream,
  selected,
  onSelect,
}: {
  run: RunDetail
  upstream: ReadonlyMap<string, readonly string[]>
  selected: string | null
  onSelect: (taskId: string) => void
}) {
  const isOver = run.finishedAt !== null
  // 10 s while it runs: bars that grow each second would draw the eye to what is not news.
  const tick = useNow(10_000)
  const now = isOver ? 0 : tick
  const model = useMemo(() => ganttModel(run, upstream, now), [run, upstream, now])
  const [isPathShown, setPathShown] = useState(false)
  const path = useMemo(() => (isPathShown ? criticalPath(model.rows, upstream) : []), [isPathShown, model, upstream])
  const pane = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 400, width: 800 })
  // Outside React: the size of the pane.
  useEffect(() => {
    const element = pane.current
    if (!element) return
    const read = () => setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth })
    const observer = new ResizeObserver(read)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  if (run.taskRuns.length === 0) return <EmptyState title="This run has no tasks." />
  const { scale, time, pixels } = scaleOf(model, view.width)
  const marks = axisMarks(model, { scale, time, pixels }, view.width)
  const first = Math.max(0, Math.floor(view.top / ROW) - OVERSCAN)
  const last = Math.min(model.rows.length, Math.ceil((view.top + view.height) / ROW) + OVERSCAN)
  return (
    <div className="flex min-h-0 flex-col">
      <Legend onPath={setPathShown} />
      <Axis marks={marks} scale={scale} width={view.width} />
      <div
        ref={pane}
        onScroll={(event) => {
          const { scrollTop, clientHeight, clientWidth } = event.currentTarget
          setView({ top: scrollTop, height: clientHeight, width: clientWidth })
        }}
        className="relative min-h-0 flex-1 overflow-y-auto overflow-x-hidden pb-2"
      >
        <GridLines marks={marks} scale={scale} height={model.rows.length * ROW} />
        <ul className="relative" style={{ height: model.rows.length * ROW }} aria-label="Tasks over time">
          {model.rows.slice(first, last).map((row, i) => (
            <Row
              key={row.task.id}
              row={row}
              top={(first + i) * ROW}
              scale={scale}
              isSelected={row.task.taskId === selected}
              onSelect={onSelect}
            />
          ))}
        </ul>
        {path.length > 1 && <Path ids={path} rows={model.rows} scale={scale} />}
      </div>
    </div>
  )
}

/** Pixels from the pane's left edge. */
type Scale = (at: number) => number

function scaleOf(model: GanttModel, width: number): { scale: Scale; time: TimeScale; pixels: number } {
  const left = 24 + NAMES
  const pixels = Math.max(1, width - left - RIGHT)
  const time = timeScale(model, model.end)
  // The usual end belongs on the axis unless that would squeeze what happened into less than half of it.
  const beyond = model.medianEnd !== null && model.medianEnd > model.end ? time.position(model.medianEnd) : 1
  const stretch = beyond <= 2 ? beyond : 1
  return { time, pixels: pixels / stretch, scale: (at) => left + (time.position(at) * pixels) / stretch }
}

function Row({
  row,
  top,
  scale,
  isSelected,
  onSelect,
}: {
  row: GanttRow
  top: number
  scale: Scale
  isSelected: boolean
  onSelect: (taskId: string) => void
}) {
  const { task } = row
  const look = statusOf(task.state)
  const isQuiet = row.bars.length === 0
  return (
    <li className="absolute right-0 left-0 px-5" style={{ top, height: ROW }}>
      <button
        type="button"
        onClick={() => onSelect(task.taskId)}
        aria-pressed={isSelected}
        aria-label={`${task.taskId}, ${look.label.toLowerCase()}, ${rowWords(row)}`}
        className={cn(
          "flex h-full w-full items-center gap-1.5 rounded-2 px-1 text-left text-12 hover:bg-hover focus-visible:-outline-offset-2",
          isSelected && "bg-selected hover:bg-selected",
        )}
      >
        <StateIcon name={look.glyph} />
        <span className={cn("truncate", isQuiet ? "text-t2" : "font-med text-t1")} style={{ width: NAMES - 24 }}>
          {task.taskId}
        </span>
      </button>
      <svg className="pointer-events-none absolute inset-0 size-full" aria-hidden="true">
        {row.bars.map((bar) => (
          <Bar key={`${bar.kind} ${bar.start}`} bar={bar} state={task.state} scale={scale} />
        ))}
        {row.notRunAt !== null && (
          <g data-s={look.glyph}>
            <rect x={scale(row.notRunAt)} y={MIDDLE - 5} width={3} height={10} rx={1} fill="var(--c)" />
            <text x={scale(row.notRunAt) + 8} y={MIDDLE + 4}>
              not run
            </text>
          </g>
        )}
      </svg>
    </li>
  )
}

function Bar({ bar, state, scale }: { bar: GanttBar; state: GanttRow["task"]["state"]; scale: Scale }) {
  const x = scale(bar.start)
  const width = Math.max(2, scale(bar.end) - x)
  if (bar.kind === "waiting") {
    return width < 6 ? (
      <rect x={x} y={MIDDLE - 1.5} width={width} height={3} rx={1} fill="var(--st-queued)" />
    ) : (
      <rect
        x={x + 0.5}
        y={MIDDLE - 3.5}
        width={width - 1}
        height={7}
        rx={1.5}
        fill="url(#gantt-wait)"
        stroke="var(--st-queued)"
      />
    )
  }
  if (bar.kind === "running") {
    const look = statusOf(bar.attempt?.state ?? state).glyph
    const isBad = look === "failed"
    return (
      <g data-s={look}>
        <rect x={x} y={MIDDLE - 6} width={width} height={12} rx={2} fill="var(--c)" />
        {/* A short failure is a mark, not a sliver. */}
        {isBad && width < 16 && <use href="#s-failed" x={x + width / 2 - 7} y={MIDDLE - 7} width={14} height={14} />}
      </g>
    )
  }
  const hue = bar.kind === "retry" ? "up_for_retry" : "deferred"
  const words = `waits ${formatDuration(bar.end - bar.start)}`
  const isRoomy = width > 110
  return (
    <g data-s={hue}>
      <path
        d={`M${x + 8} ${MIDDLE}H${x + width - 4}`}
        stroke="var(--c)"
        strokeWidth="2"
        strokeDasharray="2 4"
        strokeLinecap="round"
      />
      {isRoomy && (
        <text
          x={x + width / 2}
          y={MIDDLE + 3.5}
          textAnchor="middle"
          style={{ paintOrder: "stroke", stroke: "var(--surface)", strokeWidth: 8 }}
        >
          {words}
        </text>
      )}
    </g>
  )
}

/** Steps from the end of each task to the start of the next, along the chain that decided when the run ended. */
function Path({ ids, rows, scale }: { ids: string[]; rows: readonly GanttRow[]; scale: Scale }) {
  const points = ids.flatMap((id) => {
    const index = rows.findIndex((row) => row.task.taskId === id)
    const running = rows[index]?.bars.filter((bar) => bar.kind === "running") ?? []
    const y = index * ROW + ROW - 3
    return [`${scale(running[0]!.start)} ${y}`, `${scale(running.at(-1)!.end)} ${y}`]
  })
  return (
    <svg
      className="pointer-events-none absolute inset-x-0 top-0 w-full"
      style={{ height: rows.length * ROW }}
      aria-hidden="true"
    >
      <path d={`M${points.join("L")}`} fill="none" stroke="var(--crit)" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  )
}

interface AxisMarks {
  ticks: { at: number; style: InstantStyle }[]
  breaks: TimeBreak[]
  /** When runs usually end, where that is on the axis. */
  median: number | null
}

function axisMarks(model: GanttModel, axis: ReturnType<typeof scaleOf>, width: number): AxisMarks {
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

function Axis({ marks, scale, width }: { marks: AxisMarks; scale: Scale; width: number }) {
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
          <title>Runs of this pipeline usually end by {formatUtc(median)}</title>
          median {formatInstant(median, zone, "time")}
        </text>
      )}
    </svg>
  )
}

function GridLines({ marks, scale, height }: { marks: AxisMarks; scale: Scale; height: number }) {
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

function Legend({ onPath }: { onPath: (isShown: boolean) => void }) {
  return (
    <div className="flex min-h-9 flex-none flex-wrap items-center gap-x-3.5 gap-y-0.5 px-6 text-12 text-t2 max-sm:px-4">
      <svg width="0" height="0" className="absolute" aria-hidden="true">
        <defs>
          <pattern id="gantt-wait" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <path d="M0 0V5" stroke="var(--st-queued)" strokeWidth="2" />
          </pattern>
        </defs>
      </svg>
      <Key label="Waits for a worker">
        <rect x="0.5" y="1.5" width="17" height="7" rx="1.5" fill="url(#gantt-wait)" stroke="var(--st-queued)" />
      </Key>
      <Key label="Running, ended well">
        <rect width="18" height="10" rx="2" fill="var(--st-success)" />
      </Key>
      <Key label="Running, failed">
        <rect width="18" height="10" rx="2" fill="var(--st-failed)" />
      </Key>
      <Key label="Next try">
        <path d="M1 5H17" stroke="var(--st-up_for_retry)" strokeWidth="2" strokeDasharray="2 4" strokeLinecap="round" />
      </Key>
      <button
        type="button"
        className="inline-flex items-center gap-[5px] rounded-1 hover:text-t1"
        title="Point here to see the chain of tasks that decided when the run ended"
        onPointerEnter={() => onPath(true)}
        onPointerLeave={() => onPath(false)}
        onFocus={() => onPath(true)}
        onBlur={() => onPath(false)}
      >
        <svg width="18" height="10" aria-hidden="true">
          <path d="M0 5H18" stroke="var(--crit)" strokeWidth="1.5" />
        </svg>
        Critical path
      </button>
    </div>
  )
}

function Key({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-[5px] whitespace-nowrap">
      <svg width="18" height="10" aria-hidden="true">
        {children}
      </svg>
      {label}
    </span>
  )
}

/** What the bars say, for people who do not see them. */
function rowWords(row: GanttRow): string {
  const ran = row.bars.filter((bar) => bar.kind === "running")
  const waited = row.bars.filter((bar) => bar.kind === "waiting").reduce((sum, bar) => sum + bar.end - bar.start, 0)
  if (ran.length === 0) return row.notRunAt === null ? "not started" : "not run"
  const length = formatDuration(ran.reduce((sum, bar) => sum + bar.end - bar.start, 0))
  return `waited ${formatDuration(waited)}, ran ${length}${ran.length > 1 ? ` in ${ran.length} tries` : ""}`
}
