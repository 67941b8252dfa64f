import type { AuthorPool } from "#jobs/author/author-call.ts"
import type { Deferred, Operator, OperatorContext, RunContext, TaskLog } from "#jobs/operators/operator.ts"
import type { WaitServices } from "#jobs/operators/wait-services.ts"
import type { AttemptTrace } from "#jobs/tracing/attempt-trace.ts"
import type { AttemptOutcome } from "#lib/actions/plan-attempt-end.ts"
import type { Json, JsonObject } from "#lib/contracts/json.ts"
import type { ManifestTask } from "#lib/contracts/manifest.ts"
import { referencedTasks, resolveReferences, type TaskOutputs } from "#lib/contracts/references.ts"
import { type TaskResult, type TaskResultInput, taskResultSchema } from "#lib/contracts/task-result.ts"
import { AppError, toFailure } from "#lib/domain/errors.ts"
import type { TaskRunId } from "#lib/domain/ids.ts"
import { splitPartitionKey } from "#lib/domain/partition-scheme.ts"
import type { Connections } from "#lib/server/connections.ts"
import type { TablePolicies } from "#lib/server/quality/table-policies.ts"
import type { Claim } from "#lib/store/attempts.ts"
import type { TaskEnd } from "#lib/store/task-ends.ts"
import type { PipelineVersion } from "#lib/store/versions.ts"
import { runHook } from "./run-hook.ts"

/** Outputs are for references, not for data: more than this belongs into a table. */
const MAX_OUTPUT_BYTES = 256 * 1024

export interface ExecutionServices {
  operators: Record<string, Operator>
  connections: Connections
  policies: TablePolicies
  author: AuthorPool
  waits: WaitServices
  workspaceDir: string
  /** Folder with the files of a version; written when first asked for. */
  codeDirOf(version: PipelineVersion): Promise<string>
  /** Outputs of finished tasks of a run, by task id. */
  readOutputs(runId: string, taskIds: readonly string[]): Promise<Record<string, TaskOutputs>>
  readTasks(runId: string, taskIds: readonly string[]): Promise<TaskEnd[]>
  /** The item of an instance of a mapped task. */
  readItem(taskRunId: TaskRunId): Promise<Json>
}

/**
 * Executes one attempt: resolve → check → hook → run → hook → outcome. Never throws: whatever happens becomes an outcome,
 * and the caller records it. `signal` is aborted with an AppError as its reason on timeout, cancel or supersession.
 */
export async function executeAttempt(
  services: ExecutionServices,
  claim: Claim,
  version: PipelineVersion,
  log: TaskLog,
  signal: AbortSignal,
  trace: AttemptTrace | null = null,
): Promise<AttemptOutcome> {
  try {
    const task = version.manifest.tasks.find((entry) => entry.id === claim.taskId)
    const operator = task && services.operators[task.operator]
    if (!task || !operator) {
      throw new AppError("internal", `Task ${claim.taskId} names an operator that this worker does not have.`)
    }
    const run = toRunContext(claim)
    const options = await resolveOptions(services, claim, version, run, task, operator)
    const resume = operator.waits ? await services.waits.readResume(claim.taskRunId) : null
    const context: OperatorContext<unknown> = {
      attemptId: claim.attemptId,
      attemptNumber: claim.attemptNumber,
      taskRunId: claim.taskRunId,
      generation: claim.generation,
      resume,
      waits: services.waits,
      executionKey: `${claim.runId}:${claim.taskRunId}:${claim.generation}`,
      run,
      manifest: version.manifest,
      task,
      options,
      codeDir: needsCode(task) ? await services.codeDirOf(version) : "",
      workspaceDir: services.workspaceDir,
      connections: services.connections,
      policies: services.policies,
      readTasks: (taskIds) => services.readTasks(claim.runId, taskIds),
      author: services.author,
      log,
      trace,
      signal,
    }
    // Once before the work, not again each time that a sensor looks.
    const skippedBefore = task.hooks.before && resume === null ? await runHook(context, "before", null) : null
    const raw: TaskResultInput | Deferred =
      skippedBefore === null ? await untilAborted(operator.run(context), signal) : { skipped: skippedBefore }
    if ("wait" in raw) return { kind: "deferred", wait: raw.wait, result: checkResult(raw.result) }
    const result = checkResult(raw)
    if (result.skipped !== null) return { kind: "skipped", result, reason: result.skipped }
    if (task.hooks.after) await runHook(context, "after", result.outputs)
    return { kind: "success", result }
  } catch (error) {
    return toOutcome(signal.aborted ? signal.reason : error)
  }
}

/** A noop without hooks runs nothing, and a long chain of them should not wait for a folder. */
function needsCode(task: ManifestTask): boolean {
  return task.operator !== "noop" || task.hooks.before || task.hooks.after
}

function toRunContext(claim: Claim): RunContext {
  return {
    runId: claim.runId,
    pipelineId: claim.pipelineId,
    kind: claim.kind,
    logicalAt: claim.logicalAt.toISOString(),
    intervalStart: claim.intervalStart.toISOString(),
    intervalEnd: claim.intervalEnd.toISOString(),
    partitionKey: claim.partitionKey,
    partitionKeys: claim.partitionKeys,
    partition: splitPartitionKey(claim.partitionKey),
    params: claim.params,
  }
}

async function resolveOptions(
  services: ExecutionServices,
  claim: Claim,
  version: PipelineVersion,
  run: RunContext,
  task: ManifestTask,
  operator: Operator,
): Promise<unknown> {
  const needed = referencedTasks(task.options as Json)
  const outputs = needed.length > 0 ? await services.readOutputs(claim.runId, needed) : {}
  // A mapped task without instances left an empty list, not nothing.
  for (const id of needed) if (version.shape.mapped.has(id)) outputs[id] ??= []
  const item = claim.mapIndex < 0 ? null : await services.readItem(claim.taskRunId)
  const resolved = resolveReferences(task.options as JsonObject, { outputs, params: claim.params, run, item })
  const parsed = operator.options.safeParse(resolved)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "options"}: ${issue.message}`)
  throw new AppError("pipeline.invalid", `Options of ${task.id} do not fit once resolved: ${problems.join("; ")}.`, {
    kind: "config",
    where: task.source ? `${task.source.file}:${task.source.line}` : null,
  })
}

function checkResult(raw: unknown): TaskResult {
  const result = taskResultSchema.parse(raw ?? {})
  const bytes = Buffer.byteLength(JSON.stringify(result.outputs))
  if (bytes > MAX_OUTPUT_BYTES) {
    throw new AppError(
      "task.output_too_large",
      `The task's outputs take ${bytes} bytes as JSON, more than the ${MAX_OUTPUT_BYTES} allowed; write data to a table and return its name.`,
    )
  }
  return result
}

/**
 * Waits for the operator, but not beyond its abort: one that does not listen is left behind after a moment of grace. What
 * it still does is harmless: the fence refuses it.
 */
function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal, graceMs = 10_000): Promise<Value> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), graceMs)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener("abort", onAbort, { once: true })
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal.removeEventListener("abort", onAbort)
    })
  })
}

/** Reasons an attempt is stopped for that are no failure of the task. */
export const CANCELLED = new AppError("attempt.cancelled", "The run was cancelled.", { kind: "cancelled" })
export const HANDED_BACK = new AppError("attempt.cancelled", "The worker is stopping.", { kind: "infrastructure" })

function toOutcome(error: unknown): AttemptOutcome {
  if (error === CANCELLED) return { kind: "cancelled" }
  if (error === HANDED_BACK) return { kind: "handed_back" }
  const failure = toFailure(error)
  const details = error instanceof AppError ? error.details : {}
  const left = taskResultSchema.safeParse(details.taskResult)
  return {
    kind: "failed",
    attemptState:
      failure.code === "attempt.timed_out"
        ? "timed_out"
        : failure.code === "attempt.killed" || failure.code === "attempt.out_of_memory"
          ? "killed"
          : "failed",
    failure,
    exitCode: typeof details.exitCode === "number" ? details.exitCode : null,
    result: left.success ? left.data : null,
  }
}
