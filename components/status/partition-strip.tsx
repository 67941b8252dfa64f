import { CellIcon } from "../ui/icon.tsx"
import { CellLegend } from "./status.tsx"
import { type AnyState, statusOf } from "./status-map.ts"

/** A partition as a cell: its key, its state and whether it will run. */
export interface PartitionCell {
  key: string
  state: AnyState
  /** Underlined: a plan creates it. */
  isPlanned?: boolean
  /** Where a click goes. */
  href?: string | undefined
}

// Beyond this the strip is a texture, and the table beside it is the place to look.
const SHOWN = 400

/** Partitions as a heat-map in their order, newest last, with the counts of each state in words. */
export function PartitionStrip({ cells, label }: { cells: readonly PartitionCell[]; label: string }) {
  const shown = cells.slice(-SHOWN)
  const counts = new Map<AnyState, number>()
  for (const cell of cells) counts.set(cell.state, (counts.get(cell.state) ?? 0) + 1)
  return (
    <figure aria-label={label} className="m-0">
      <div className="flex flex-wrap gap-x-[3px] gap-y-1" aria-hidden="true">
        {shown.map((cell) => {
          const title = `${cell.key}: ${statusOf(cell.state).label.toLowerCase()}${cell.isPlanned ? ", will run" : ""}`
          return (
            <span key={cell.key} title={title} className="flex flex-col items-center gap-0.5">
              <CellIcon name={statusOf(cell.state).cell} />
              <span className={`h-0.5 w-3.5 rounded-full ${cell.isPlanned ? "bg-accent" : ""}`} />
            </span>
          )
        })}
      </div>
      <figcaption className="mt-2">
        <CellLegend counts={[...counts]} />
        {cells.length > SHOWN && <p className="mt-1 text-12 text-t3">Shown: the newest {SHOWN}.</p>}
      </figcaption>
    </figure>
  )
}
