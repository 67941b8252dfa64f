import { CellIcon } from "../ui/icon.tsx"
import { PartitionCanvas } from "./partition-canvas.tsx"
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

/** Beyond this, cells are painted: thousands of elements would make the page slow, and nobody tells them apart by icon. */
const MOST_ELEMENTS = 400

/** Partitions as a heat-map in their order, newest last, with the counts of each state in words. */
export function PartitionStrip({ cells, label }: { cells: readonly PartitionCell[]; label: string }) {
  const counts = new Map<AnyState, number>()
  for (const cell of cells) counts.set(cell.state, (counts.get(cell.state) ?? 0) + 1)
  return (
    <figure aria-label={label} className="m-0">
      {cells.length > MOST_ELEMENTS ? <PartitionCanvas cells={cells} /> : <Cells cells={cells} />}
      <figcaption className="mt-2">
        <CellLegend counts={[...counts]} />
      </figcaption>
    </figure>
  )
}

function Cells({ cells }: { cells: readonly PartitionCell[] }) {
  return (
    <div className="flex flex-wrap gap-x-[3px] gap-y-1" aria-hidden="true">
      {cells.map((cell) => {
        const title = `${cell.key}: ${statusOf(cell.state).label.toLowerCase()}${cell.isPlanned ? ", will run" : ""}`
        return (
          <span key={cell.key} title={title} className="flex flex-col items-center gap-0.5">
            <CellIcon name={statusOf(cell.state).cell} />
            <span className={`h-0.5 w-3.5 rounded-full ${cell.isPlanned ? "bg-accent" : ""}`} />
          </span>
        )
      })}
    </div>
  )
}
