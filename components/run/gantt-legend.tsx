"use client"
import type { ReactNode } from "react"
import { type CriticalStep, pathTimes } from "#lib/domain/critical-path.ts"
import { formatDuration } from "../format/duration.ts"
import { Button } from "../ui/button.tsx"

/** What the bars mean, the critical path in words and its switch, and the zoom. */
export function GanttLegend({
  path,
  isPathShown,
  onPath,
  isZoomed,
  onZoom,
  onWhole,
}: {
  path: readonly CriticalStep[]
  isPathShown: boolean
  onPath: (isShown: boolean) => void
  isZoomed: boolean
  onZoom: (factor: number) => void
  onWhole: () => void
}) {
  const { ranMs, waitedMs } = pathTimes(path)
  const words = `${path.length === 1 ? "1 task" : `${path.length} tasks`}: ran ${formatDuration(ranMs)}, waited ${formatDuration(waitedMs)}`
  return (
    <div className="flex min-h-9 flex-none flex-wrap items-center gap-x-3.5 gap-y-0.5 px-6 py-1 text-12 text-t2 max-sm:px-4">
      <svg width="0" height="0" className="absolute" aria-hidden="true">
        <defs>
          <pattern id="gantt-wait" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <path d="M0 0V5" stroke="var(--st-queued)" strokeWidth="2" />
          </pattern>
        </defs>
      </svg>
      <Key label="Waits for a slot">
        <rect x="0.5" y="1.5" width="17" height="7" rx="1.5" fill="url(#gantt-wait)" stroke="var(--st-queued)" />
      </Key>
      <Key label="Waits for a worker">
        <rect y="3.5" width="18" height="3" rx="1" fill="var(--st-queued)" />
      </Key>
      <Key label="Running, ended well">
        <rect width="18" height="10" rx="2" fill="var(--st-success)" />
      </Key>
      <Key label="Running, failed">
        <rect width="18" height="10" rx="2" fill="var(--st-failed)" />
      </Key>
      <Key label="Next try">
        <Dashes hue="up_for_retry" />
      </Key>
      <Key label="Deferred">
        <Dashes hue="deferred" />
      </Key>
      {path.length > 0 && (
        <button
          type="button"
          aria-pressed={isPathShown}
          className="inline-flex min-h-6 items-center gap-[5px] rounded-1 px-1 text-left hover:bg-hover hover:text-t1 aria-pressed:text-t1"
          title="The chain of tasks that decided when the run ended, and what its time went into"
          onClick={() => onPath(!isPathShown)}
        >
          <svg width="18" height="10" aria-hidden="true" className="flex-none">
            <path d="M0 5H18" stroke={isPathShown ? "var(--crit)" : "var(--border-control)"} strokeWidth="1.5" />
          </svg>
          Critical path
          <span className="text-t3">{words}</span>
        </button>
      )}
      <span className="ml-auto flex">
        <Button
          variant="ghost"
          size="sm"
          icon="minus"
          aria-label="Zoom out"
          title="Zoom out (−, or Ctrl and the wheel)"
          disabled={!isZoomed}
          onClick={() => onZoom(1 / 1.5)}
        />
        <Button
          variant="ghost"
          size="sm"
          icon="plus"
          aria-label="Zoom in"
          title="Zoom in (+, or Ctrl and the wheel)"
          onClick={() => onZoom(1.5)}
        />
        <Button
          variant="ghost"
          size="sm"
          icon="fit"
          aria-label="Show the whole time"
          title="Show the whole time (0)"
          disabled={!isZoomed}
          onClick={onWhole}
        />
      </span>
    </div>
  )
}

function Dashes({ hue }: { hue: "up_for_retry" | "deferred" }) {
  return <path d="M1 5H17" stroke={`var(--st-${hue})`} strokeWidth="2" strokeDasharray="2 4" strokeLinecap="round" />
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
