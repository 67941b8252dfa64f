"use client"
import { parseAsString, useQueryState } from "nuqs"
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import { type CriticalStep, criticalPath } from "#lib/domain/critical-path.ts"
import { useNow } from "../format/now.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { itemsIn, useVisibleArea } from "../ui/use-visible-area.ts"
import { type Axis, axisMarks, clipOf, GanttAxis, GanttGrid, ROW_HEIGHT, scaleOf } from "./gantt-axis.tsx"
import { GanttLegend } from "./gantt-legend.tsx"
import { type GanttRow, ganttModel, isWork, spansOf } from "./gantt-model.ts"
import { GanttRowItem } from "./gantt-row.tsx"
import { moved, type Span, spanOf, spanText, WHOLE, zoomed } from "./zoom.ts"

/** Rows are drawn in blocks: scrolling by a pixel draws nothing. */
const BLOCK = 8
const Row = memo(GanttRowItem)

/**
 * A run's tasks as bars over time: waiting for a slot, for a worker, running, between tries; the chain that decided when
 * the run ended is marked. Rows are buttons. Ctrl and the wheel (or + and −) zoom, shift and the wheel (or the arrow keys)
 * move; the part in view is in the address. Rows out of view are not drawn, so a run of thousands of tasks scrolls.
 */
export function Gantt({
  run,
  upstream,
  selected,
  selectedIndex = null,
  onSelect,
}: {
  run: RunDetail
  upstream: ReadonlyMap<string, readonly string[]>
  selected: string | null
  /** The selected instance of the selected task; null for the task itself. */
  selectedIndex?: number | null
  onSelect: (taskId: string, mapIndex: number | null) => void
}) {
  const isOver = run.finishedAt !== null
  // 10 s while it runs: bars that grow each second would draw the eye to what is not news.
  const tick = useNow(10_000)
  const now = isOver ? 0 : tick
  const model = useMemo(() => ganttModel(run, upstream, now), [run, upstream, now])
  const [isPathShown, setPathShown] = useState(true)
  const path = useMemo(() => pathOf(model.rows, upstream), [model, upstream])
  const [text, setText] = useQueryState("span", parseAsString.withOptions({ history: "replace" }))
  const span = useMemo(() => spanOf(text), [text])
  const pane = useRef<HTMLDivElement>(null)
  const area = useVisibleArea(pane, { stepY: BLOCK * ROW_HEIGHT })
  const axis = useMemo(() => scaleOf(model, area.width, span), [model, area.width, span])
  const marks = useMemo(() => axisMarks(model, axis, area.width), [model, axis, area.width])

  // Outside React: the scroll position. In a run of thousands of tasks, what is zoomed to may lie far below.
  useEffect(() => {
    const element = pane.current
    if (!element || span.to - span.from >= 1) return
    const isIn = (row: GanttRow) =>
      row.bars.some((bar) => axis.scale(bar.end) >= axis.left && axis.scale(bar.start) <= element.clientWidth)
    const [first, last] = itemsIn(element.scrollTop, element.clientHeight, ROW_HEIGHT, model.rows.length, 0)
    if (model.rows.slice(first, last).some(isIn)) return
    const next = model.rows.findIndex(isIn)
    if (next !== -1) element.scrollTop = next * ROW_HEIGHT
  }, [span, axis, model])

  const show = useRef((_: Span) => {})
  show.current = (next) => void setText(spanText(next))
  const current = useRef({ span, axis })
  current.current = { span, axis }
  // Outside React: the wheel, whose own scrolling can only be held back by a listener that is not passive.
  useEffect(() => {
    const element = pane.current
    if (!element) return
    const onWheel = (event: WheelEvent) => {
      const {
        span: before,
        axis: { left },
      } = current.current
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX
      const width = element.clientWidth - left
      if (event.ctrlKey || event.metaKey) {
        const at = (event.clientX - element.getBoundingClientRect().left - left) / width
        event.preventDefault()
        show.current(zoomed(before, Math.exp(-event.deltaY / 300), Math.min(1, Math.max(0, at))))
      } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY) && before.to - before.from < 1) {
        event.preventDefault()
        show.current(moved(before, sideways / width))
      }
    }
    element.addEventListener("wheel", onWheel, { passive: false })
    return () => element.removeEventListener("wheel", onWheel)
  }, [])

  if (run.taskRuns.length === 0) return <EmptyState title="This run has no tasks." />
  const zoom = (factor: number) => show.current(zoomed(span, factor))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const next = spanAfter(event.key, span)
    if (!next) return
    event.preventDefault()
    show.current(next)
  }
  const [first, last] = itemsIn(area.top, area.height, ROW_HEIGHT, model.rows.length, BLOCK)
  const top = first * ROW_HEIGHT
  const height = (last - first) * ROW_HEIGHT
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the rows and buttons inside
    <div className="flex min-h-0 flex-col" onKeyDown={onKeyDown}>
      <GanttLegend
        path={path}
        isPathShown={isPathShown}
        onPath={setPathShown}
        isZoomed={text !== null && span.to - span.from < 1}
        onZoom={zoom}
        onWhole={() => show.current(WHOLE)}
      />
      <GanttAxis marks={marks} axis={axis} width={area.width} />
      <div ref={pane} className="relative min-h-0 flex-1 overflow-y-auto overflow-x-hidden pb-2">
        <GanttGrid marks={marks} axis={axis} top={top} height={height} />
        <ul className="relative" style={{ height: model.rows.length * ROW_HEIGHT }} aria-label="Tasks over time">
          {model.rows.slice(first, last).map((row, i) => (
            <Row
              key={row.task.id}
              row={row}
              top={(first + i) * ROW_HEIGHT}
              axis={axis}
              isSelected={row.task.taskId === selected && row.task.mapIndex === (selectedIndex ?? -1)}
              onSelect={onSelect}
            />
          ))}
        </ul>
        {isPathShown && path.length > 1 && (
          <Path steps={path} rows={model.rows} axis={axis} top={top} height={height} />
        )}
      </div>
    </div>
  )
}

/** The critical path's steps that ran. */
function pathOf(rows: readonly GanttRow[], upstream: ReadonlyMap<string, readonly string[]>): CriticalStep[] {
  const ran = new Set(rows.flatMap((row) => (row.bars.some(isWork) ? [row.task.taskId] : [])))
  return criticalPath(spansOf(rows, upstream)).filter((step) => ran.has(step.id))
}

function spanAfter(key: string, span: Span): Span | null {
  switch (key) {
    case "+":
    case "=":
      return zoomed(span, 1.5)
    case "-":
      return zoomed(span, 1 / 1.5)
    case "0":
      return WHOLE
    case "ArrowLeft":
      return moved(span, -0.2)
    case "ArrowRight":
      return moved(span, 0.2)
    default:
      return null
  }
}

/** Steps from the end of each task to the start of the next, along the chain that decided when the run ended. */
function Path({
  steps,
  rows,
  axis,
  top,
  height,
}: {
  steps: readonly CriticalStep[]
  rows: readonly GanttRow[]
  axis: Axis
  /** The part in view, in pixels of the list. */
  top: number
  height: number
}) {
  const places = useMemo(
    () => new Map(rows.flatMap((row, index) => (row.task.mapIndex < 0 ? [[row.task.taskId, index] as const] : []))),
    [rows],
  )
  const points = steps.flatMap((step, i) => {
    const y = (places.get(step.id) ?? 0) * ROW_HEIGHT + ROW_HEIGHT - 3 - top
    // Down at the end of the step before, then along the wait.
    const before = steps[i - 1] ? [`${axis.scale(steps[i - 1]!.end)} ${y}`] : []
    return [...before, `${axis.scale(step.start)} ${y}`, `${axis.scale(step.end)} ${y}`]
  })
  return (
    <svg
      className="pointer-events-none absolute inset-x-0 w-full"
      style={{ top, height, clipPath: clipOf(axis.left) }}
      aria-hidden="true"
    >
      <path d={`M${points.join("L")}`} fill="none" stroke="var(--crit)" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  )
}
