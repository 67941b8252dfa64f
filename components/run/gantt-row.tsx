"use client"
import { formatDuration } from "../format/duration.ts"
import { statusOf } from "../status/status-map.ts"
import { cn } from "../ui/cn.ts"
import { StateIcon } from "../ui/icon.tsx"
import { type Axis, clipOf, ROW_HEIGHT, type Scale } from "./gantt-axis.tsx"
import type { GanttBar, GanttRow } from "./gantt-model.ts"
import { doneOf, taskRunName } from "./instance-words.ts"

const MIDDLE = ROW_HEIGHT / 2

/** One task: its name as a button and its bars. `top` is where it lies in the list. */
export function GanttRowItem({
  row,
  top,
  axis,
  isSelected,
  onSelect,
}: {
  row: GanttRow
  top: number
  axis: Axis
  isSelected: boolean
  onSelect: (taskId: string, mapIndex: number | null) => void
}) {
  const { task } = row
  const { scale, left } = axis
  const look = statusOf(task.state)
  const isQuiet = row.bars.length === 0
  return (
    <li className="absolute right-0 left-0 px-5" style={{ top, height: ROW_HEIGHT }}>
      <button
        type="button"
        onClick={() => onSelect(task.taskId, task.mapIndex < 0 ? null : task.mapIndex)}
        aria-pressed={isSelected}
        aria-label={`${taskRunName(task)}${task.instances ? ` ${doneOf(task.instances)}` : ""}, ${look.label.toLowerCase()}, ${rowWords(row)}`}
        className={cn(
          "flex h-full w-full items-center gap-1.5 rounded-2 px-1 text-left text-12 hover:bg-hover focus-visible:-outline-offset-2",
          isSelected && "bg-selected hover:bg-selected",
        )}
      >
        <StateIcon name={look.glyph} />
        <span className={cn("truncate", isQuiet ? "text-t2" : "font-med text-t1")} style={{ width: left - 48 }}>
          {task.mapIndex >= 0 && <span className="inline-block w-3" />}
          {taskRunName(task)}
          {task.instances && <span className="pl-1.5 font-body text-t3">{doneOf(task.instances)}</span>}
        </span>
      </button>
      <svg
        className="pointer-events-none absolute inset-0 size-full"
        style={{ clipPath: clipOf(left) }}
        aria-hidden="true"
      >
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
  if (bar.kind === "waiting" || (bar.kind === "slot" && width < 6)) {
    return <rect x={x} y={MIDDLE - 1.5} width={width} height={3} rx={1} fill="var(--st-queued)" />
  }
  if (bar.kind === "slot") {
    return (
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

/** What the bars say, for people who do not see them. */
function rowWords(row: GanttRow): string {
  const sum = (kind: GanttBar["kind"]) =>
    row.bars.filter((bar) => bar.kind === kind).reduce((total, bar) => total + bar.end - bar.start, 0)
  const tries = row.bars.filter((bar) => bar.kind === "running").length
  const waits = (
    [
      ["slot", "for a slot"],
      ["waiting", "for a worker"],
      ["retry", "between tries"],
      ["deferred", "deferred"],
    ] as const
  ).flatMap(([kind, words]) => (sum(kind) > 0 ? [`waited ${formatDuration(sum(kind))} ${words}`] : []))
  const ran =
    tries > 0
      ? `ran ${formatDuration(sum("running"))}${tries > 1 ? ` in ${tries} tries` : ""}`
      : row.notRunAt === null
        ? "not started"
        : "not run"
  return [...waits, ran].join(", ")
}
