"use client"
import { useVirtualizer } from "@tanstack/react-virtual"
import { useEffect, useRef } from "react"
import type { Incident } from "#lib/contracts/api/incidents.ts"
import { cn } from "../ui/cn.ts"
import { IncidentRow, ROW_HEIGHT } from "./incident-row.tsx"

/** The incidents of a box, a screenful drawn at a time; scrolls to the selected one, and asks for more at its end. */
export function IncidentList({
  incidents,
  selectedId,
  chosen,
  isDimmed,
  onSelect,
  onChoose,
  onReachEnd,
}: {
  incidents: readonly Incident[]
  selectedId: string | null
  chosen: ReadonlySet<string>
  isDimmed: boolean
  onSelect: (id: string) => void
  onChoose: (id: string, isOn: boolean) => void
  onReachEnd: () => void
}) {
  const pane = useRef<HTMLElement>(null)
  const virtualizer = useVirtualizer({
    count: incidents.length,
    getScrollElement: () => pane.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => incidents[index]!.id,
    overscan: 6,
    // Before the pane is measured: more than a screenful, or the first rows would come late.
    initialRect: { width: 0, height: 1_200 },
  })
  const items = virtualizer.getVirtualItems()
  const isAtEnd = incidents.length > 0 && (items.at(-1)?.index ?? 0) >= incidents.length - 10
  // Outside React: asks the caller's query for the next page once the end comes into view.
  useEffect(() => {
    if (isAtEnd) onReachEnd()
  }, [isAtEnd, onReachEnd])
  const selectedIndex = incidents.findIndex(({ id }) => id === selectedId)
  // Outside React: the scrollbar follows the keys. Only a move of the selection counts, not a new incident above it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as said
  useEffect(() => {
    if (selectedIndex >= 0) virtualizer.scrollToIndex(selectedIndex, { align: "auto" })
  }, [selectedId])
  return (
    <section
      ref={pane}
      aria-label="Incidents"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto border-line border-t focus-visible:-outline-offset-2"
    >
      <ul className={cn("relative", isDimmed && "opacity-60")} style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const incident = incidents[item.index]!
          return (
            <li
              key={incident.id}
              aria-setsize={incidents.length}
              aria-posinset={item.index + 1}
              className="absolute inset-x-0 top-0"
              style={{ height: ROW_HEIGHT, transform: `translateY(${item.start}px)` }}
            >
              <IncidentRow
                incident={incident}
                isSelected={incident.id === selectedId}
                isChosen={chosen.has(incident.id)}
                isChoosing={chosen.size > 0}
                onSelect={onSelect}
                onChoose={onChoose}
              />
            </li>
          )
        })}
      </ul>
    </section>
  )
}
