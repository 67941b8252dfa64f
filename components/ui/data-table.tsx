"use client"
import { useVirtualizer } from "@tanstack/react-virtual"
import { type CSSProperties, type MouseEvent, type ReactNode, useEffect, useMemo, useRef } from "react"
import { cn } from "./cn.ts"
import { type Shortcut, useKeys } from "./keys.ts"
import { Table, Td, Th, Tr } from "./table.tsx"

/** A column of a {@link DataTable}. */
export interface Column<Row> {
  id: string
  header: ReactNode
  cell: (row: Row) => ReactNode
  isNumber?: boolean
  /** CSS width; columns without one share what is left. */
  width?: string
  /** Classes for heading and cells, such as `max-md:hidden` or another width on phones. */
  className?: string
}

const VIRTUAL_FROM = 100

// The right margin as a cell of its own: the last column may be hidden on a narrow screen, and then its padding is too.
const ROW_END = "after:table-cell after:w-4 after:border-b after:content-[''] max-sm:after:w-2"
const CELL = "last:pr-2 max-sm:last:pr-2"

/**
 * A list in its own scrolling pane, virtualised beyond a hundred rows. Put `data-row-link` on one link in each row: `j`/`k`
 * move between these, `Enter` follows, and a click anywhere in the row does too. `onReachEnd` asks for more rows.
 */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  rowHeight = 32,
  minWidth,
  isSelected,
  isDimmed = false,
  onReachEnd,
  footer,
  className,
}: {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  rowHeight?: number
  /** Below this width (px) the pane scrolls sideways. */
  minWidth?: number
  isSelected?: (row: Row) => boolean
  /** True while these are old rows and new ones are being read. */
  isDimmed?: boolean
  onReachEnd?: (() => void) | undefined
  footer?: ReactNode
  className?: string
}) {
  const pane = useRef<HTMLElement>(null)
  const isVirtual = rows.length > VIRTUAL_FROM
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => pane.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    enabled: isVirtual,
    // Before the pane is measured: more than a screenful, or the first rows would push the rest down as they come.
    initialRect: { width: 0, height: 1_200 },
  })
  const items = isVirtual ? virtualizer.getVirtualItems() : null
  const first = items?.[0]?.index ?? 0
  const last = items ? (items.at(-1)?.index ?? -1) : rows.length - 1
  const before = first * rowHeight
  const after = Math.max(0, rows.length - 1 - last) * rowHeight

  const isAtEnd = rows.length > 0 && last >= rows.length - 10
  // Outside React: asks the caller's query for the next page once the end comes into view.
  useEffect(() => {
    if (isAtEnd) onReachEnd?.()
  }, [isAtEnd, onReachEnd])

  useListKeys(pane, rows.length, isVirtual ? (index) => virtualizer.scrollToIndex(index) : null)

  const visible = rows.slice(first, last + 1)
  return (
    <section
      ref={pane}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling pane must be reachable by keyboard (axe: scrollable-region-focusable)
      tabIndex={0}
      className={cn("relative min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2", className)}
    >
      <Table
        aria-label={label}
        aria-rowcount={isVirtual ? rows.length + 1 : undefined}
        className="table-fixed"
        style={minWidth ? { minWidth } : undefined}
        onClick={followRow}
      >
        <thead>
          <tr className={cn(ROW_END, "after:sticky after:top-0 after:z-[1] after:border-line after:bg-surface")}>
            {columns.map((column) => (
              <Th
                key={column.id}
                isNumber={column.isNumber ?? false}
                className={cn(CELL, column.width && "w-[var(--width)]", column.className)}
                style={column.width ? ({ "--width": column.width } as CSSProperties) : undefined}
              >
                {column.header}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody className={cn(isDimmed && "opacity-60")}>
          {before > 0 && <Spacer height={before} />}
          {visible.map((row, offset) => (
            <Tr
              key={rowKey(row)}
              data-index={first + offset}
              aria-rowindex={isVirtual ? first + offset + 2 : undefined}
              aria-selected={isSelected?.(row) || undefined}
              className={cn(
                ROW_END,
                "after:border-grid focus-within:after:bg-selected hover:after:bg-hover aria-selected:after:bg-selected",
                "has-[[data-row-link]]:cursor-pointer",
              )}
            >
              {columns.map((column) => (
                <Td
                  key={column.id}
                  isNumber={column.isNumber ?? false}
                  className={cn(CELL, column.className)}
                  style={{ height: rowHeight }}
                >
                  {column.cell(row)}
                </Td>
              ))}
            </Tr>
          ))}
          {after > 0 && <Spacer height={after} />}
        </tbody>
      </Table>
      {footer}
    </section>
  )
}

function Spacer({ height }: { height: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row takes no focus
    <tr aria-hidden="true">
      <td style={{ height, padding: 0, border: 0 }} />
    </tr>
  )
}

/** A click beside the link of a row counts as one on it; selecting text and other controls keep their meaning. */
function followRow(event: MouseEvent<HTMLElement>) {
  const target = event.target as HTMLElement
  if (event.defaultPrevented || target.closest("a, button, input, label, select")) return
  if (window.getSelection()?.toString()) return
  const link = target.closest("tr")?.querySelector<HTMLElement>("[data-row-link]")
  if (!link) return
  if (event.metaKey || event.ctrlKey) window.open((link as HTMLAnchorElement).href, "_blank", "noopener")
  else link.click()
}

function useListKeys(pane: { current: HTMLElement | null }, count: number, scrollTo: ((index: number) => void) | null) {
  const scroll = useRef(scrollTo)
  scroll.current = scrollTo
  const shortcuts = useMemo<Shortcut[]>(() => {
    const move = (step: number) => {
      const now = document.activeElement?.closest<HTMLElement>("tr[data-index]")
      const isHere = now && pane.current?.contains(now)
      const index = isHere ? Number(now.dataset.index) + step : step > 0 ? 0 : count - 1
      if (index < 0 || index >= count) return
      scroll.current?.(index)
      focusRow(pane.current, index, 3)
    }
    return [
      { keys: "j", label: "Next row", group: "Lists", run: () => move(1) },
      { keys: "k", label: "Previous row", group: "Lists", run: () => move(-1) },
    ]
  }, [pane, count])
  useKeys(shortcuts, count > 0)
}

/** A virtual row may take a frame or two to be there after the scroll. */
function focusRow(pane: HTMLElement | null, index: number, tries: number) {
  const link = pane?.querySelector<HTMLElement>(`tr[data-index="${index}"] [data-row-link]`)
  if (link) {
    link.focus({ preventScroll: true })
    link.closest("tr")?.scrollIntoView({ block: "nearest" })
  } else if (tries > 0) requestAnimationFrame(() => focusRow(pane, index, tries - 1))
}
