"use client"
import { formatCount } from "../format/count.ts"
import { formatDuration } from "../format/duration.ts"
import { useNow } from "../format/now.ts"
import type { TaskStatus } from "./task-status-store.ts"

/** The second line of a task's node: what it does now, how it ended, or how long it usually takes. */
export function TaskWords({ status, medianMs }: { status: TaskStatus | null; medianMs: number | null }) {
  if (status?.state === "running" && status.startedAt) return <Counting prefix="Running" from={status.startedAt} />
  if (status?.state === "up_for_retry" && status.nextAttemptAt) {
    return <Counting prefix={`Try ${status.attemptCount + 1} in`} until={status.nextAttemptAt} />
  }
  return <>{taskWords(status, medianMs)}</>
}

/** The same line where nothing counts. */
export function taskWords(status: TaskStatus | null, medianMs: number | null): string {
  switch (status?.state) {
    case undefined:
    case "pending":
      return medianMs === null ? "Not run yet" : `Usually ${formatDuration(medianMs)}`
    case "ready":
      return "Queued"
    case "running":
      return "Running"
    case "up_for_retry":
      return `Try ${status.attemptCount + 1} of ${status.maxAttempts} soon`
    case "deferred":
      return status.reason ?? "Deferred"
    case "mapped":
      return doneWords(status)
    case "success":
      return successWords(status)
    case "failed":
      if (status.instances !== null) return `${status.instancesFailed} of ${status.instances} failed`
      return status.attemptCount > 1 ? `Failed, ${status.attemptCount} tries` : "Failed"
    case "skipped":
      return "Skipped"
    case "upstream_failed":
      return "Did not run"
    case "cancelled":
      return "Cancelled"
  }
}

function doneWords({ instances, instancesDone, instancesFailed }: TaskStatus): string {
  const failed = instancesFailed > 0 ? `, ${formatCount(instancesFailed)} failed` : ""
  return instances === null ? "Running" : `${formatCount(instancesDone)} of ${formatCount(instances)}${failed}`
}

function successWords(status: TaskStatus): string {
  if (status.durationMs === null) return "Marked as success"
  const duration = formatDuration(status.durationMs)
  if (status.instances !== null) return `${duration} · ${formatCount(status.instances)} instances`
  return status.rows === null ? duration : `${duration} · ${formatCount(status.rows)} rows`
}

function Counting({ prefix, from, until }: { prefix: string; from?: string; until?: string }) {
  const now = useNow(1_000)
  const ms = until ? Date.parse(until) - now : now - Date.parse(from ?? "")
  if (now === 0) return <>{prefix}</>
  if (until && ms <= 0) return <>{prefix.replace(/ in$/, "")} starts</>
  // Whole seconds: tenths would flicker.
  return (
    <>
      {prefix} {formatDuration(Math.max(0, Math.round(ms / 1_000)) * 1_000)}
    </>
  )
}
