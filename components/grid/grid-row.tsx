import { memo } from "react"
import { NO_STATE, stateCode, stateOfCode } from "#lib/domain/severity.ts"
import { statusOf } from "../status/status-map.ts"
import { cn } from "../ui/cn.ts"
import { CellIcon, Icon } from "../ui/icon.tsx"
import type { GridRow } from "./grid-model.ts"
import { CELL } from "./grid-size.ts"

const SUCCESS = stateCode("success")

/** The DOM id of the cell that arrow keys have led to. */
export const ACTIVE_CELL = "grid-active-cell"

/**
 * Rows and cells have their roles by name: a table cannot draw only what is in view, and the grid itself has the focus and
 * names its active cell. One row: its name and the cells of the columns in view. Drawn again only when something of it differs: all it gets are
 * values, and `cells` is the text of exactly the cells in view.
 */
export const GridRowItem = memo(function GridRowItem({
  row,
  index,
  cells,
  firstColumn,
  active,
  isSelected,
  selectedColumn,
}: {
  row: GridRow
  /** Its place in the list. */
  index: number
  cells: string
  firstColumn: number
  /** Column of the active cell, -1 for the name; null where it is in another row. */
  active: number | null
  isSelected: boolean
  /** Column of the selected run where this row is selected too, else null. */
  selectedColumn: number | null
}) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-row={index}
      data-group={row.kind === "group" ? "" : undefined}
      className={cn("grid-row absolute left-0 flex w-full", isSelected && "bg-selected")}
      style={{ top: index * CELL, height: CELL }}
    >
      <div
        role="rowheader"
        aria-colindex={1}
        aria-expanded={row.kind === "group" ? row.isOpen : undefined}
        id={active === -1 ? ACTIVE_CELL : undefined}
        data-column={-1}
        title={row.label}
        className={cn(
          "sticky left-0 z-[1] flex flex-none cursor-pointer items-center gap-1 truncate bg-surface pr-2 text-12",
          row.kind === "task" ? "text-t1" : "text-t2",
          isSelected && "bg-selected",
          active === -1 && "group-focus-visible/grid:shadow-[inset_0_0_0_2px_var(--focus)]",
        )}
        style={{ width: "var(--names)", paddingLeft: 20 + Math.min(4, row.depth) * 14 }}
      >
        {row.kind === "group" ? (
          <Icon name={row.isOpen ? "chev" : "right"} size={12} className="text-t3" />
        ) : (
          <span className="w-3 flex-none" />
        )}
        <span className="truncate">{row.label}</span>
        {row.kind === "group" && !row.isOpen && <span className="flex-none text-11 text-t3">{row.places.length}</span>}
      </div>
      <div role="presentation" className="flex-none" style={{ width: firstColumn * CELL }} />
      {Array.from(cells, (code, i) => {
        const column = firstColumn + i
        const state = code === NO_STATE ? null : stateOfCode(code)
        return (
          <div
            key={column}
            role="gridcell"
            aria-colindex={column + 2}
            aria-label={state === null ? "Not in this run" : statusOf(state).label}
            aria-selected={isSelected && selectedColumn === column}
            id={active === column ? ACTIVE_CELL : undefined}
            data-active={active === column ? "" : undefined}
            data-column={column}
            className={code === SUCCESS ? "grid-cell is-success" : "grid-cell"}
          >
            {code !== SUCCESS && <CellIcon name={state === null ? "none" : statusOf(state).cell} />}
          </div>
        )
      })}
    </div>
  )
})
