import { STATUS } from "../status/status-map.ts"
import { CellIcon } from "../ui/icon.tsx"

const SHOWN = [
  "success",
  "failed",
  "running",
  "up_for_retry",
  "deferred",
  "ready",
  "upstream_failed",
  "skipped",
  "cancelled",
  "pending",
] as const

/** What the cells mean. */
export function GridLegend() {
  return (
    <ul aria-label="Legend" className="flex flex-wrap items-center gap-x-3.5 gap-y-0.5">
      {SHOWN.map((state) => (
        <li key={state} className="inline-flex items-center gap-[5px] whitespace-nowrap">
          <CellIcon name={STATUS[state].cell} />
          {STATUS[state].label}
        </li>
      ))}
    </ul>
  )
}
