import { type RunPipelineOptions, runPipelineOptionsSchema } from "#lib/contracts/operators/run-pipeline.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { defineWaitingOperator, type OperatorContext } from "./operator.ts"
import { timeoutAt } from "./timeout-at.ts"

/**
 * `runPipeline`: starts a run of another pipeline and waits for its end, which decides. A retry finds the run that its
 * predecessor started; a clear starts a new one. Outputs: `runId` and, where it waits, `state`.
 */
export const runPipelineOperator = defineWaitingOperator({
  name: "runPipeline",
  options: runPipelineOptionsSchema,
  async run(context) {
    const { options, waits, log } = context
    const { runId, created } = await waits.callPipeline(callOf(context))
    if (created) log("info", `Started run ${runId} of ${options.pipeline}: ${waits.urlOf(`/runs/${runId}`)}`)
    if (!options.wait) return { outputs: { runId } }
    const child = await waits.readRun(runId)
    if (!child) {
      throw new AppError(
        "run.child_failed",
        `Run ${runId} of ${options.pipeline} was removed before it was seen to end.`,
      )
    }
    if (!isFinalRunState(child.state)) return { wait: waitFor(context, runId), result: { outputs: { runId } } }
    log("info", `Run ${runId} of ${options.pipeline} ended as ${child.state}.`)
    if (child.state === "success") return { outputs: { runId, state: child.state } }
    const where = child.failedTaskId ? ` at ${child.failedTaskId}` : ""
    const why = child.errorMessage ? `: ${child.errorMessage}` : "."
    const verb = child.state === "failed" ? "failed" : "was cancelled"
    throw new AppError("run.child_failed", `Run ${runId} of ${options.pipeline} ${verb}${where}${why}`, {
      kind: "external",
      details: { taskResult: { outputs: { runId, state: child.state } } },
    })
  },
})

function callOf({ options, run, task, taskRunId, generation }: OperatorContext<RunPipelineOptions>) {
  const isSame = options.interval === "same"
  return {
    taskRunId,
    generation,
    caller: { runId: run.runId, pipelineId: run.pipelineId, taskId: task.id },
    pipelineId: options.pipeline,
    params: options.params,
    logicalAt: isSame ? new Date(run.logicalAt) : new Date(),
    data: isSame
      ? {
          intervalStart: new Date(run.intervalStart),
          intervalEnd: new Date(run.intervalEnd),
          partitionKey: run.partitionKey,
          partitionKeys: run.partitionKeys,
        }
      : null,
    isAwaited: options.wait,
  }
}

function waitFor(context: OperatorContext<RunPipelineOptions>, runId: RunId) {
  const { options } = context
  return {
    kind: "run" as const,
    childRunId: runId,
    pipelineId: options.pipeline,
    expiresAt: timeoutAt(context, options.timeout),
    onTimeout: options.onTimeout,
    text: `Waits for run ${runId} of ${options.pipeline}.`,
  }
}
