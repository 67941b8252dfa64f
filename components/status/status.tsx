import { formatExact } from "../format/count.ts"
import { Badge, Mark } from "../ui/badge.tsx"
import { CellIcon, StateIcon } from "../ui/icon.tsx"
import { type AnyState, statusOf } from "./status-map.ts"

/** A state as icon and word, for tables; `label` replaces the word ("Failed at stg_orders"). */
export function Status({ state, label, className }: { state: AnyState; label?: string; className?: string }) {
  const look = statusOf(state)
  return (
    <Mark glyph={look.glyph} className={className ?? ""}>
      {label ?? look.label}
    </Mark>
  )
}

/** A state on its tint; once a header. */
export function StatusBadge({ state, label, size = "md" }: { state: AnyState; label?: string; size?: "md" | "lg" }) {
  const look = statusOf(state)
  return (
    <Badge glyph={look.glyph} size={size}>
      {label ?? look.label}
    </Badge>
  )
}

/** Only the state's glyph, its word for screen readers and on hover. */
export function StatusGlyph({ state, size = 14 }: { state: AnyState; size?: number }) {
  const look = statusOf(state)
  return (
    <span title={look.label} className="inline-flex flex-none">
      <StateIcon name={look.glyph} size={size} />
      <span className="sr-only">{look.label}</span>
    </span>
  )
}

/** A legend of cells with counts: `Success 104  Failed 1`. */
export function CellLegend({ counts }: { counts: readonly (readonly [AnyState, number])[] }) {
  return (
    <ul className="flex flex-wrap gap-x-3.5 gap-y-0.5 text-12 text-t2">
      {counts.map(([state, count]) => (
        <li key={state} className="inline-flex items-center gap-[5px] whitespace-nowrap">
          <CellIcon name={statusOf(state).cell} />
          {statusOf(state).label} {formatExact(count)}
        </li>
      ))}
    </ul>
  )
}
