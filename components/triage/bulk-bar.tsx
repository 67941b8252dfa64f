"use client"
import type { Incident } from "#lib/contracts/api/incidents.ts"
import { Button } from "../ui/button.tsx"
import type { Ask } from "./incident-detail.tsx"

/** What may be done to the chosen incidents at once. */
export function BulkBar({
  incidents,
  onAsk,
  onClear,
}: {
  incidents: readonly Incident[]
  onAsk: Ask
  onClear: () => void
}) {
  if (incidents.length === 0) return null
  const isOver = incidents.every(({ state }) => state === "resolved")
  const canRetry = incidents.some(({ kind }) => kind === "pipeline_failure")
  return (
    <section
      aria-label="Chosen incidents"
      className="flex flex-none flex-wrap items-center gap-1.5 border-line border-t bg-selected py-1.5 pr-5 pl-6"
    >
      <b className="mr-auto">{incidents.length} chosen</b>
      <Button variant="ghost" size="sm" icon="x" onClick={onClear}>
        Choose none
      </Button>
      <div className="flex w-full flex-wrap gap-1">
        <Button size="sm" disabled={isOver} onClick={() => onAsk("acknowledge", incidents)}>
          Acknowledge
        </Button>
        <Button size="sm" disabled={isOver} onClick={() => onAsk("snooze", incidents)}>
          Snooze
        </Button>
        <Button size="sm" disabled={isOver} onClick={() => onAsk("assign", incidents)}>
          Assign
        </Button>
        <Button size="sm" disabled={isOver} onClick={() => onAsk("resolve", incidents)}>
          Resolve
        </Button>
        <Button
          size="sm"
          disabled={!canRetry}
          title={canRetry ? undefined : "None of them is about failed runs"}
          onClick={() => onAsk("retry", incidents)}
        >
          Retry
        </Button>
      </div>
    </section>
  )
}
