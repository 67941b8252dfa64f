"use client"
import type { Monitor } from "#lib/contracts/api/freshness.ts"
import { formatDuration } from "../format/duration.ts"
import { RelativeTime } from "../format/time.tsx"
import { useCheckNow } from "../queries/freshness.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"

/** What looks at the table by itself, and what it found last. */
export function MonitorSection({ monitor, hasOwnCheck }: { monitor: Monitor; hasOwnCheck: boolean }) {
  const check = useCheckNow()
  const { outcome, isRunning } = monitor
  const glyph = isRunning ? "running" : outcome === "failed" ? "failed" : outcome === "ok" ? "success" : "scheduled"
  const word = isRunning ? "Looking" : outcome === "failed" ? "Could not look" : outcome === "ok" ? "Looked" : "Due"
  return (
    <section className="border-line border-b px-6 py-4 max-sm:px-4" aria-label="Monitor">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2>Monitor</h2>
        <Mark glyph={glyph}>{word}</Mark>
        <span className="text-t3">
          every {formatDuration(monitor.everyMs)}
          {monitor.finishedAt && (
            <>
              , last <RelativeTime at={monitor.finishedAt} />
            </>
          )}
          , next <RelativeTime at={monitor.nextAt} />
        </span>
        {!hasOwnCheck && (
          <Button
            icon="retry"
            className="ml-auto"
            disabled={check.isPending || isRunning}
            onClick={() => check.mutate(monitor.datasetId)}
          >
            Check now
          </Button>
        )}
      </div>
      <ul className="mt-2 grid gap-1">
        {monitor.parts.length === 0 && monitor.outcome !== null && <li className="text-t2">{monitor.message}</li>}
        {monitor.parts.map((part) => (
          <li key={part.name} className="flex min-w-0 gap-2">
            <Mark glyph={part.outcome === "ok" ? "success" : "failed"} className="w-32 flex-none">
              {part.name}
            </Mark>
            <span className="min-w-0 flex-1 truncate text-t2" title={part.message}>
              {part.message}
            </span>
            <span className="flex-none text-t3">{formatDuration(part.durationMs)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
