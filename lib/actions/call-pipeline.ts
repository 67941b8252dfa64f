import type { JsonObject } from "../contracts/json.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { Store } from "../store/client.ts"
import { findCalledRun, insertCall, readCallers } from "../store/run-calls.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { currentVersion, type TriggerRequest, triggerRunIn } from "./trigger-run.ts"

/** Calls below each other. Enough for any design; a pipeline that calls itself ends here soon. */
const MAX_DEPTH = 8

export interface PipelineCall {
  taskRunId: TaskRunId
  /** Counts clears: each life of the task starts one run. */
  generation: number
  caller: { runId: RunId; pipelineId: string; taskId: string }
  pipelineId: string
  params: JsonObject
  logicalAt: Date
  /** Null: the called pipeline chooses its data interval and partition. */
  data: { intervalStart: Date; intervalEnd: Date; partitionKey: string | null; partitionKeys: readonly string[] } | null
  isAwaited: boolean
}

/**
 * Starts the run that a task run asks for, once in each generation: whoever asks again, after a crash or in another attempt,
 * gets the run that is there.
 * @throws AppError `run.too_deep` where calls go too deep or a run would wait for itself; and what triggering throws.
 */
export async function callPipeline(store: Store, call: PipelineCall): Promise<{ runId: RunId; created: boolean }> {
  return inTransaction(store.pool, async (transaction) => {
    // A zombie attempt and its heir may ask at the same time: the second finds what the first has made.
    await transaction.query("select pg_advisory_xact_lock(hashtextextended('call:' || $1::text, 0))", [call.taskRunId])
    const known = await findCalledRun(transaction, call.taskRunId, call.generation)
    if (known) return { runId: known, created: false }
    const depth = await checkDepth(transaction, call)
    const { runId } = await triggerRunIn(transaction, store.boss, requestOf(call))
    await insertCall(transaction, { ...call, runId, depth })
    return { runId, created: true }
  })
}

async function checkDepth(transaction: Transaction, call: PipelineCall): Promise<number> {
  const callers = await readCallers(transaction, call.caller.runId)
  const line = [...callers].reverse().concat(call.pipelineId).join(" → ")
  if (callers.length > MAX_DEPTH) {
    const message = `Pipelines may call each other ${MAX_DEPTH} levels deep, and this is one more: ${line}.`
    throw new AppError("run.too_deep", message, { kind: "config" })
  }
  const above = callers.filter((id) => id === call.pipelineId).length
  if (call.isAwaited && above > 0) {
    const { maxActiveRuns } = (await currentVersion(transaction, call.pipelineId)).manifest
    if (above >= maxActiveRuns) {
      const message = `The run would wait for itself: ${line}, but ${call.pipelineId} runs ${maxActiveRuns} at a time; raise its maxActiveRuns or do not wait.`
      throw new AppError("run.too_deep", message, { kind: "config" })
    }
  }
  return callers.length
}

function requestOf(call: PipelineCall): TriggerRequest {
  const { caller, data } = call
  return {
    pipelineId: call.pipelineId,
    kind: "event",
    // Two callers may ask for the same logical time, and one may ask again after a clear.
    scheduleKey: `call/${call.taskRunId}/${call.generation}`,
    logicalAt: call.logicalAt,
    params: call.params,
    actor: `${caller.pipelineId}.${caller.taskId}`,
    reason: `called by ${caller.taskId} of run ${caller.runId} of ${caller.pipelineId}`,
    ...(data && { intervalStart: data.intervalStart, intervalEnd: data.intervalEnd }),
    // Without one of its own, the called pipeline's partition follows from the interval.
    ...(data?.partitionKey && { partitionKey: data.partitionKey, partitionKeys: data.partitionKeys }),
  }
}
