"use client"
import { memo } from "react"
import type { Incident } from "#lib/contracts/api/incidents.ts"
import { RelativeTime, UpcomingTime } from "../format/time.tsx"
import { cn } from "../ui/cn.ts"
import { StateIcon } from "../ui/icon.tsx"
import { countWords, KIND_WORDS, placeWords, SEVERITY_LOOK, standingOf } from "./incident-words.ts"
import { focusDetail } from "./use-triage-keys.ts"

/** Height of a row of the inbox in px: three lines. */
export const ROW_HEIGHT = 80

/** One incident in the inbox. A click selects it; with Ctrl or ⌘ its own page opens. */
export const IncidentRow = memo(function IncidentRow({
  incident,
  isSelected,
  isChosen,
  isChoosing,
  onSelect,
  onChoose,
}: {
  incident: Incident
  isSelected: boolean
  isChosen: boolean
  /** True while any is chosen: then all show their boxes. */
  isChoosing: boolean
  onSelect: (id: string) => void
  onChoose: (id: string, isOn: boolean) => void
}) {
  const { id, title, severity } = incident
  const look = SEVERITY_LOOK[severity]
  return (
    <div
      className={cn(
        "group relative h-full border-grid border-b bg-surface hover:bg-hover",
        (isSelected || isChosen) && "bg-selected hover:bg-selected",
        isSelected && "shadow-[inset_3px_0_var(--accent)]",
      )}
    >
      <a
        data-incident={id}
        href={`/triage/${id}`}
        aria-current={isSelected || undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          if (isSelected) focusDetail()
          onSelect(id)
        }}
        className="block h-full py-2 pr-5 pl-6 focus-visible:-outline-offset-2 max-sm:px-4"
      >
        <span className="flex items-center gap-2">
          <span className={cn("flex-none group-hover:invisible", isChoosing && "invisible", "max-md:visible")}>
            <StateIcon name={look.glyph} />
          </span>
          <b className="min-w-0 flex-1 truncate" title={title}>
            {title}
          </b>
          <RelativeTime at={incident.lastAt} className="flex-none text-12 text-t3" />
        </span>
        <span className="flex items-center gap-2 pl-[22px]">
          <span className="min-w-0 flex-1 truncate text-t2">
            {placeWords(incident) ?? KIND_WORDS[incident.kind]}
            {incident.owner && <span className="text-t3"> · {incident.owner}</span>}
          </span>
          {incident.occurrences > 1 && (
            <span className="flex-none text-12 text-t3">
              first <RelativeTime at={incident.firstAt} />
            </span>
          )}
        </span>
        <span className="mt-0.5 flex items-center gap-3 pl-[22px] text-12 text-t2">
          <span className="flex-none">{look.label}</span>
          <span className="min-w-0 truncate">{countWords(incident)}</span>
          <Standing incident={incident} />
        </span>
      </a>
      <input
        type="checkbox"
        tabIndex={-1}
        aria-label={`Choose ${title}`}
        checked={isChosen}
        onChange={(event) => onChoose(id, event.target.checked)}
        className={cn(
          "absolute top-3 left-6 size-3.5 accent-accent max-md:hidden",
          !isChosen && !isChoosing && "opacity-0 focus:opacity-100 group-hover:opacity-100",
        )}
      />
    </div>
  )
})

function Standing({ incident }: { incident: Incident }) {
  const { label, glyph } = standingOf(incident)
  return (
    <span className="ml-auto flex min-w-0 flex-none items-center gap-1.5 whitespace-nowrap">
      {label !== "Open" && <StateIcon name={glyph} size={12} />}
      {incident.snoozedUntil ? (
        <span>
          Until <UpcomingTime at={incident.snoozedUntil} />
        </span>
      ) : label === "Resolved" ? (
        <span>Resolved</span>
      ) : (
        <span className={incident.assignee ? "max-w-28 truncate" : "text-t3"}>{incident.assignee ?? "Nobody yet"}</span>
      )}
    </span>
  )
}
