import type { InstanceCounts } from "#lib/contracts/api/runs.ts"
import { cn } from "../ui/cn.ts"

/** How far the instances of a mapped task are, as one bar. The words beside it say the same. */
export function InstanceBar({ counts, className }: { counts: InstanceCounts; className?: string }) {
  const { total, success, failed, skipped } = counts
  const parts = [
    ["success", success],
    ["skipped", skipped],
    ["failed", failed],
  ] as const
  return (
    <span className={cn("flex h-[5px] overflow-hidden rounded-full bg-sunken", className)} aria-hidden="true">
      {parts.map(([state, count]) =>
        count === 0 ? null : (
          <span
            key={state}
            data-s={state}
            className="min-w-[2px] bg-c"
            style={{ width: `${(count / total) * 100}%` }}
          />
        ),
      )}
    </span>
  )
}
