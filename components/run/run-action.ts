import type { ClearRun, MarkRun, RunDetail, RunEffect } from "#lib/contracts/api/runs.ts"
import { formatCount } from "../format/count.ts"
import { countOf } from "./run-words.ts"

/** Something a person may do to a run; shown with its effect before it is done. */
export type RunAction =
  | { kind: "retry" }
  | {
      kind: "clear"
      taskIds: string[]
      /** Of the one task only these instances, or only those that failed; `name` is what they are called. */
      some?: { mapIndexes?: number[]; onlyFailed?: boolean; name: string }
    }
  | {
      kind: "mark"
      taskRunId: string
      taskId: string
      state: "success" | "failed" | "skipped"
      /** One instance of a mapped task, whose name `taskId` then is. */
      isInstance?: boolean
    }
  /** The whole run. */
  | { kind: "mark_run"; state: "success" | "failed" }
  | { kind: "repin" }
  | { kind: "cancel" }

/** What a person may choose beside the action. */
export interface ActionOptions {
  includeDownstream: boolean
  includeUpstream?: boolean
  version: "pinned" | "newest"
}

/** How the question is put: title, the verb on the button, and whether something is stopped or thrown away. */
export interface ActionWords {
  title: string
  verb: string
  isDanger: boolean
}

export function actionWords(runId: string, action: RunAction): ActionWords {
  switch (action.kind) {
    case "retry":
      return { title: `Retry what failed in run ${runId}?`, verb: "Retry failed", isDanger: false }
    case "clear":
      return {
        title: `Run ${action.some?.name ?? nameOf(action.taskIds)} again?`,
        verb: "Clear and run again",
        isDanger: true,
      }
    case "mark":
      return { title: `Mark ${action.taskId} as ${action.state}?`, verb: `Mark as ${action.state}`, isDanger: true }
    case "mark_run":
      return { title: `Mark run ${runId} as ${action.state}?`, verb: `Mark as ${action.state}`, isDanger: true }
    case "repin":
      return { title: `Move run ${runId} to the newest version?`, verb: "Move to the newest", isDanger: false }
    case "cancel":
      return { title: `Cancel run ${runId}?`, verb: "Cancel the run", isDanger: true }
  }
}

/** The request that previews (`dryRun`) or does it; cancelling has no preview of its own. */
export function actionRequest(
  runId: string,
  action: Exclude<RunAction, { kind: "cancel" }>,
  options: ActionOptions & { dryRun: boolean },
): { path: string; body: object } {
  const { dryRun, includeDownstream, includeUpstream = false, version } = options
  switch (action.kind) {
    case "retry":
      return { path: `/runs/${runId}/retry`, body: { version, dryRun } }
    case "clear":
      return {
        path: `/runs/${runId}/clear`,
        body: { ...clearBody(action), includeDownstream, includeUpstream, version, dryRun } satisfies ClearRun,
      }
    case "mark_run":
      return { path: `/runs/${runId}/mark`, body: { state: action.state, dryRun } satisfies MarkRun }
    case "repin":
      return { path: `/runs/${runId}/repin`, body: { dryRun } }
    case "mark":
      if (action.isInstance)
        return { path: `/task-runs/${action.taskRunId}/mark`, body: { state: action.state, dryRun } }
      return {
        path: `/runs/${runId}/mark`,
        body: { taskIds: [action.taskId], state: action.state, dryRun } satisfies MarkRun,
      }
  }
}

/** Which task runs a clear names, as the request says it. */
export function clearBody({ taskIds, some }: Extract<RunAction, { kind: "clear" }>): ClearRun {
  return {
    taskIds,
    ...(some?.mapIndexes && { mapIndexes: some.mapIndexes }),
    ...(some?.onlyFailed && { onlyFailed: true }),
  }
}

/** What cancelling does, from the states on screen: the server stops what runs and starts nothing more. */
export function cancelEffect(run: Pick<RunDetail, "id" | "taskRuns">): RunEffect {
  const running = run.taskRuns.filter((task) => task.state === "running")
  const waiting = run.taskRuns.filter((task) =>
    ["pending", "ready", "up_for_retry", "deferred", "mapped"].includes(task.state),
  )
  const stops = running.length > 0 ? `Stops ${countOf(running.length, "running task")}` : "Stops no running task"
  const rest = waiting.length > 0 ? `; ${countOf(waiting.length, "task")} will not start` : ""
  return {
    runId: run.id,
    taskIds: [...running, ...waiting].map((task) => task.taskId),
    datasets: [],
    text: `${stops}${rest}. What is loaded stays.`,
    dryRun: true,
    newestVersion: null,
  }
}

/** Whether "retry failed" would run anything. */
export function hasRetryable(run: Pick<RunDetail, "taskRuns" | "state">): boolean {
  if (run.state === "cancelling" || run.state === "queued") return false
  return run.taskRuns.some((task) => ["failed", "upstream_failed", "cancelled"].includes(task.state))
}

/** Names up to `most` of them: "a, b and 4 more". */
export function listOf(names: readonly string[], most = 3): string {
  if (names.length <= most) {
    return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
  }
  return `${names.slice(0, most).join(", ")} and ${formatCount(names.length - most)} more`
}

function nameOf(taskIds: readonly string[]): string {
  return taskIds.length === 1 ? taskIds[0]! : countOf(taskIds.length, "task")
}
