import type { InstanceCounts, TaskRun } from "#lib/contracts/api/runs.ts"
import { formatCount } from "../format/count.ts"

/** "12 of 40 done, 1 failed", or how they ended: "40 instances, 1 failed". */
export function instanceWords({ total, success, failed, skipped }: InstanceCounts): string {
  const done = success + failed + skipped
  const parts = [
    done < total
      ? `${formatCount(done)} of ${formatCount(total)} done`
      : `${formatCount(total)} ${total === 1 ? "instance" : "instances"}`,
  ]
  if (failed > 0) parts.push(`${formatCount(failed)} failed`)
  if (skipped > 0) parts.push(`${formatCount(skipped)} skipped`)
  return parts.join(", ")
}

/** The same where there is little room: "12/40". */
export function doneOf({ total, success, failed, skipped }: InstanceCounts): string {
  return `${success + failed + skipped}/${total}`
}

/** What a task run is called where instances stand beside tasks. */
export function taskRunName(taskRun: TaskRun): string {
  return taskRun.mapIndex < 0 ? taskRun.taskId : `#${taskRun.mapIndex} ${taskRun.label ?? ""}`.trim()
}
