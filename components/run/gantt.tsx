"use client"
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import { useNow } from "../format/now.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { axisMarks, GanttAxis, GanttGrid, ROW_HEIGHT, type Scale, scaleOf } from "./gantt-axis.tsx"
import { criticalPath, type GanttRow, ganttModel } from "./gantt-model.ts"
import { GanttRowItem } from "./gantt-row.tsx"

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
  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT) - OVERSCAN)
  const last = Math.min(model.rows.length, Math.ceil((view.top + view.height) / ROW_HEIGHT) + OVERSCAN)
  return (
    <div className="flex min-h-0 flex-col">
      <Legend onPath={setPathShown} />
      <GanttAxis marks={marks} scale={scale} width={view.width} />
      <div
        ref={pane}
        onScroll={(event) => {
          const { scrollTop, clientHeight, clientWidth } = event.currentTarget
          setView({ top: scrollTop, height: clientHeight, width: clientWidth })
        }}
        className="relative min-h-0 flex-1 overflow-y-auto overflow-x-hidden pb-2"
      >
        <GanttGrid marks={marks} scale={scale} height={model.rows.length * ROW_HEIGHT} />
        <ul className="relative" style={{ height: model.rows.length * ROW_HEIGHT }} aria-label="Tasks over time">
          {model.rows.slice(first, last).map((row, i) => (
            <GanttRowItem
              key={row.task.id}
              row={row}
              top={(first + i) * ROW_HEIGHT}
              scale={scale}
              isSelected={row.task.taskId === selected && row.task.mapIndex === (selectedIndex ?? -1)}
              onSelect={onSelect}
            />
          ))}
        </ul>
        {path.length > 1 && <Path ids={path} rows={model.rows} scale={scale} />}
      </div>
    </div>
  )
}

/** Steps from the end of each task to the start of the next, along the chain that decided when the run ended. */
function Path({ ids, rows, scale }: { ids: string[]; rows: readonly GanttRow[]; scale: Scale }) {
  const points = ids.flatMap((id) => {
    const index = rows.findIndex((row) => row.task.taskId === id)
    const running = rows[index]?.bars.filter((bar) => bar.kind === "running") ?? []
    const y = index * ROW_HEIGHT + ROW_HEIGHT - 3
    return [`${scale(running[0]!.start)} ${y}`, `${scale(running.at(-1)!.end)} ${y}`]
  })
  return (
    <svg
      className="pointer-events-none absolute inset-x-0 top-0 w-full"
      style={{ height: rows.length * ROW_HEIGHT }}
      aria-hidden="true"
    >
      <path d={`M${points.join("L")}`} fill="none" stroke="var(--crit)" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  )
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
