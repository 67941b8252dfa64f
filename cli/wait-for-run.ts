import { setTimeout as delay } from "node:timers/promises"
import { type RunDetail, runDetailSchema } from "#lib/contracts/api/runs.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import type { CliContext } from "./context.ts"
import { CliError, EXIT } from "./exit-code.ts"
import { durationText, plain, stateText } from "./output.ts"

const POLL_MS = 500

/**
 * Follows a run to its end, saying what each task does. Ctrl-C stops the waiting, not the run.
 * @throws CliError `interrupted`.
 */
export async function waitForRun({ client, output, signal }: CliContext, runId: string): Promise<RunDetail> {
  const seen = new Map<string, string>()
  for (;;) {
    const run = await client.get(`/runs/${runId}`, runDetailSchema)
    for (const task of run.taskRuns) {
      const before = seen.get(task.id)
      seen.set(task.id, task.state)
      if (before === task.state || task.state === "pending" || task.state === "ready") continue
      const took = task.durationMs === null ? "" : `  ${durationText(task.durationMs)}`
      output.note(`  ${plain(task.taskId).padEnd(28)} ${stateText(task.state)}${took}`)
    }
    if (isFinalRunState(run.state)) return run
    await delay(POLL_MS, undefined, { signal }).catch(() => {
      throw new CliError(
        `Stopped waiting; run ${runId} goes on. Cancel it with: headrace cancel ${runId}`,
        EXIT.interrupted,
      )
    })
  }
}

/** Prints how a run ended. @throws CliError `failed` unless it succeeded. */
export function reportEnd({ output }: CliContext, run: RunDetail): void {
  output.result(
    run,
    () => `Run ${run.id} of ${run.pipelineId}: ${stateText(run.state)} after ${durationText(run.durationMs)}`,
  )
  if (run.state === "success") return
  const failed = run.taskRuns.find((task) => task.taskId === run.failedTaskId)
  const failure = failed?.attempts.at(-1)?.failure
  const where = failure?.where ? ` (${plain(failure.where)})` : ""
  const what = failed
    ? `Task ${failed.taskId} failed: ${plain(failure?.message ?? failed.reason ?? "no message")}${where}\n`
    : ""
  const next = failed ? `Read its log with: headrace logs ${run.id} ${failed.taskId}` : `See headrace show ${run.id}`
  throw new CliError(`${what}${next}`, EXIT.failed)
}
