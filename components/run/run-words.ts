import type { RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import type { RunState } from "#lib/domain/run-state.ts"

/** What happened in a run, in words: the title and, where something is wrong, the sentence below it. */
export interface RunWords {
  title: string
  /** The failure's own message; null where nothing is wrong. */
  lead: string | null
  /** What followed from it, or how the run ended; null where the title says all. */
  consequence: string | null
}

type WordedRun = Pick<RunDetail, "id" | "state" | "failedTaskId" | "errorMessage" | "taskRuns">

/** Words for a run. A title names the task that failed, as people search for that first. */
export function runWords(run: WordedRun): RunWords {
  const failed = failedTask(run)
  const lead = failed ? (run.errorMessage ?? failureMessage(failed)) : run.errorMessage
  return { title: `Run ${run.id} ${titleVerb(run, failed)}`, lead, consequence: consequence(run, failed) }
}

/** The task to look at first: the one that failed, else one that is being retried. */
export function failedTask(run: Pick<RunDetail, "failedTaskId" | "taskRuns">): TaskRun | null {
  return (
    run.taskRuns.find((task) => task.taskId === run.failedTaskId) ??
    run.taskRuns.find((task) => task.state === "failed") ??
    run.taskRuns.find((task) => task.state === "up_for_retry") ??
    null
  )
}

/** What a task's last failed attempt said, or why it did not run. */
export function failureMessage(task: TaskRun): string | null {
  return task.attempts.findLast((attempt) => attempt.failure)?.failure?.message ?? task.reason
}

function titleVerb(run: WordedRun, failed: TaskRun | null): string {
  if (run.state === "failed" && failed) return `failed at ${failed.taskId}`
  if (run.state === "running" && failed?.state === "failed") return `is failing at ${failed.taskId}`
  const waiting = run.state === "running" ? waitingTask(run) : null
  if (waiting && !failed) return `waits at ${waiting.taskId}`
  if (run.state === "running" && failed) return `retries ${failed.taskId}`
  return STATE_VERBS[run.state]
}

/** The task that a run waits at: one is put off, and none can go on without it. */
function waitingTask(run: WordedRun): TaskRun | null {
  const isMoving = run.taskRuns.some((task) => ["ready", "running", "up_for_retry"].includes(task.state))
  const waiting = isMoving ? [] : run.taskRuns.filter((task) => task.state === "deferred")
  // What a person can end comes first.
  return waiting.find((task) => task.wait?.kind === "approval") ?? waiting[0] ?? null
}

const STATE_VERBS = {
  queued: "is queued",
  running: "is running",
  cancelling: "is being cancelled",
  success: "succeeded",
  failed: "failed",
  cancelled: "was cancelled",
} as const satisfies Record<RunState, string>

function consequence(run: WordedRun, failed: TaskRun | null): string | null {
  const notRun = run.taskRuns.filter((task) => task.state === "upstream_failed").length
  const cancelled = run.taskRuns.filter((task) => task.state === "cancelled").length
  const parts: string[] = []
  if (failed && failed.attemptCount > 1) parts.push(`${failed.attemptCount} tries failed`)
  if (notRun > 0) parts.push(`${countOf(notRun, "task")} after it did not run`)
  if (run.state === "cancelled" && cancelled > 0) parts.push(`${countOf(cancelled, "task")} did not finish`)
  const words = parts.join(", ")
  return words === "" ? null : `${words[0]!.toUpperCase()}${words.slice(1)}.`
}

/** "1 task", "2 tasks". */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`
}
