import type { PipelineSummary } from "#lib/contracts/api/pipelines.ts"
import { formatDuration } from "../format/duration.ts"
import { STATUS } from "../status/status-map.ts"
import { Link } from "../ui/link.tsx"

type RecentRun = PipelineSummary["recentRuns"][number]

const WIDTH = 6

/**
 * The last runs, oldest at the left, as even bars: success is low and plain, trouble is taller and has a cross, what runs
 * is hollow. One link a bar would be thirty tab stops a row, so bars are for the mouse and the sentence is for everyone.
 */
export function RunBars({ runs, slots = 30 }: { runs: readonly RecentRun[]; slots?: number }) {
  const shown = runs.slice(-slots)
  return (
    <span className="inline-flex items-center align-middle">
      <span className="sr-only">{inWords(shown)}</span>
      <svg aria-hidden="true" width={slots * WIDTH} height="16" className="flex-none">
        {shown.map((run, index) => (
          <RunBar key={run.id} run={run} x={(slots - shown.length + index) * WIDTH} />
        ))}
      </svg>
    </span>
  )
}

function RunBar({ run, x }: { run: RecentRun; x: number }) {
  const look = STATUS[run.state]
  const isBad = run.state === "failed"
  const isOpen = run.state === "running" || run.state === "queued" || run.state === "cancelling"
  const color = `var(--st-${look.glyph})`
  return (
    <Link href={`/runs/${run.id}`} tabIndex={-1}>
      <title>{`Run ${run.id}: ${look.label.toLowerCase()}${run.durationMs === null ? "" : `, ${formatDuration(run.durationMs)}`}`}</title>
      <rect x={x} y="0" width={WIDTH} height="16" fill="transparent" />
      <rect
        x={isOpen ? x + 0.6 : x}
        y={isBad ? 0 : isOpen ? 2.6 : 2}
        width={isOpen ? 3.4 : 4.5}
        height={isBad ? 16 : isOpen ? 10.8 : 12}
        rx="1"
        fill={isOpen ? "none" : color}
        stroke={isOpen ? color : "none"}
        strokeWidth="1.2"
      />
      {isBad && <path d={`M${x + 0.9} 6.6l2.7 2.8M${x + 3.6} 6.6l-2.7 2.8`} stroke="var(--st-on)" strokeWidth="1" />}
      {run.state === "cancelled" && <path d={`M${x + 0.4} 13l3.7-10`} stroke="var(--surface)" strokeWidth="1.1" />}
    </Link>
  )
}

function inWords(runs: readonly RecentRun[]): string {
  if (runs.length === 0) return "No runs"
  const failed = runs.filter((run) => run.state === "failed").length
  return `Last ${runs.length} runs: ${failed === 0 ? "none failed" : `${failed} failed`}, the newest: ${STATUS[runs.at(-1)!.state].label.toLowerCase()}`
}
