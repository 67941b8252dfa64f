"use client"
import type { ReactNode } from "react"
import type { TaskRun } from "#lib/contracts/api/runs.ts"
import type { ManifestTask, TaskMap } from "#lib/contracts/manifest.ts"
import { formatDuration } from "../format/duration.ts"
import { Facts } from "../ui/card.tsx"
import { Link } from "../ui/link.tsx"
import { listOf } from "./run-action.ts"

/** What the definition says of a task, and where this run had it otherwise. */
export function TaskFacts({ task, taskRun }: { task: ManifestTask; taskRun: TaskRun | null }) {
  const items: [string, ReactNode][] = [["Runs", task.operator]]
  if (task.group !== null) items.push(["Group", task.group])
  if (task.reads.length > 0) items.push(["Reads", <Datasets key="reads" ids={task.reads} />])
  if (task.writes.length > 0) items.push(["Writes", <Datasets key="writes" ids={task.writes} />])
  if (task.upstream.length > 0) items.push(["Waits for", listOf(task.upstream, 6)])
  if (task.triggerRule !== "all_success") items.push(["Trigger rule", <code key="rule">{task.triggerRule}</code>])
  if (task.map) items.push(["Mapped", mapWords(task.map)])
  if (task.setup) items.push(["Set-up", "Cleared with what needs it"])
  if (task.teardownOf.length > 0) items.push(["Tears down", listOf(task.teardownOf, 6)])
  items.push(["Retries", retryWords(task.retry)])
  for (const [cause, rule] of Object.entries(task.retryRules)) items.push([`Retries, ${cause}`, retryWords(rule)])
  if (task.dependsOnPast) {
    const behind = task.waitForDownstream ? ", and the tasks behind it there" : ""
    items.push(["Waits for its past", `Itself in the previous scheduled or backfill run${behind}`])
  }
  if (task.timeoutMs !== null) items.push(["Time limit", formatDuration(task.timeoutMs)])
  if (task.source) items.push(["Declared in", <code key="source">{`${task.source.file}:${task.source.line}`}</code>])
  if (taskRun?.triggerRule && taskRun.triggerRule !== task.triggerRule) {
    items.push(["Rule in this run", <code key="run-rule">{taskRun.triggerRule}</code>])
  }
  return <Facts items={items} />
}

/** "up to 8 at a time, 5 % may fail": what the definition says beyond the list. */
function mapWords({ maxActive, tolerance }: TaskMap): string {
  const places = maxActive === null ? "One instance an item" : `One instance an item, up to ${maxActive} at a time`
  if ("percent" in tolerance) return `${places}, ${tolerance.percent} % may fail`
  return tolerance.count === 0 ? places : `${places}, ${tolerance.count} may fail`
}

/** "2, 5 m apart", or how the wait grows: "2, first after 10 s, then ×2 up to 5 m". */
function retryWords({ retries, delayMs, backoffFactor, maxDelayMs }: ManifestTask["retry"]): string {
  if (retries === 0) return "None"
  const delay = formatDuration(delayMs)
  if (retries === 1) return `1, after ${delay}`
  if (backoffFactor === 1) return `${retries}, ${delay} apart`
  return `${retries}, first after ${delay}, then ×${backoffFactor} up to ${formatDuration(maxDelayMs)}`
}

function Datasets({ ids }: { ids: readonly string[] }) {
  return (
    <span className="flex flex-col">
      {ids.map((id) => (
        <Link
          key={id}
          href={`/datasets/${encodeURIComponent(id)}`}
          title={id}
          className="break-words leading-6 hover:underline"
        >
          {id.replace(/^warehouse\./, "")}
        </Link>
      ))}
    </span>
  )
}
