import type { RunSummary } from "#lib/contracts/api/runs.ts"
import { STATUS } from "../status/status-map.ts"

const ORDER = [
  "success",
  "skipped",
  "failed",
  "upstream_failed",
  "cancelled",
  "up_for_retry",
  "deferred",
  "running",
] as const

/** How far a run has come: `12 / 26` with a bar in the colours of its task runs; all of it in words on hover. */
export function TaskProgress({ run }: { run: Pick<RunSummary, "tasks" | "tasksTotal"> }) {
  const done = ["success", "skipped", "failed", "upstream_failed", "cancelled"] as const
  const finished = done.reduce((sum, state) => sum + (run.tasks[state] ?? 0), 0)
  const words = ORDER.flatMap((state) =>
    run.tasks[state] ? [`${run.tasks[state]} ${STATUS[state].label.toLowerCase()}`] : [],
  ).join(", ")
  return (
    <span className="inline-flex items-center gap-2 align-middle" title={words || "nothing started"}>
      <span className="inline-flex h-1.5 w-16 overflow-hidden rounded-full bg-band" aria-hidden="true">
        {ORDER.map((state) =>
          run.tasks[state] ? (
            <span
              key={state}
              style={{
                width: `${(run.tasks[state] / Math.max(1, run.tasksTotal)) * 100}%`,
                background: `var(--st-${STATUS[state].glyph})`,
              }}
            />
          ) : null,
        )}
      </span>
      <span className="text-12 text-t2">
        {finished}
        <span className="text-t3"> / {run.tasksTotal}</span>
      </span>
    </span>
  )
}
