import type { Json } from "../contracts/json.ts"
import { AppError } from "../domain/errors.ts"
import type { Store } from "../store/client.ts"
import { answerDeferral, findByToken, keepEarlyAnswer } from "../store/deferrals.ts"
import { recordEvent } from "../store/events.ts"
import { lockRun } from "../store/runs.ts"
import { inTransaction } from "../store/transaction.ts"
import { releaseWoken } from "./wake-deferrals.ts"

/** Outputs of a task together may take 256 kB as JSON; the address takes a little. */
const MAX_PAYLOAD_BYTES = 240 * 1024

/**
 * Takes the one answer to a callback's address, whose token is known here by its hash alone. It may come before the attempt
 * that gave the address away has ended; then it is kept for it.
 * @throws AppError `wait.not_found` for an unknown, used or withdrawn address; `request.too_large`.
 */
export async function receiveCallback(
  store: Store,
  request: { tokenHash: string; payload: Json; now: Date },
): Promise<void> {
  if (Buffer.byteLength(JSON.stringify(request.payload)) > MAX_PAYLOAD_BYTES) {
    throw new AppError("request.too_large", `A callback may carry ${MAX_PAYLOAD_BYTES / 1024} kB of JSON; send a link.`)
  }
  const missing = new AppError(
    "wait.not_found",
    "Nothing waits at this address; it was used already, or never given out.",
  )
  await inTransaction(store.pool, async (transaction) => {
    const found = await findByToken(transaction, request.tokenHash)
    const run = found && (await lockRun(transaction, found.runId))
    if (!found || !run || run.state !== "running") throw missing
    const response = { payload: request.payload, at: request.now.toISOString() }
    const woken = await answerDeferral(transaction, found.taskRunId, "callback", response)
    if (woken) await releaseWoken(transaction, store, [woken])
    else if (!(await keepEarlyAnswer(transaction, found.taskRunId, response))) throw missing
    await recordEvent(transaction, {
      type: "callback.received",
      pipelineId: run.pipelineId,
      runId: run.id,
      taskRunId: found.taskRunId,
      actor: "callback",
    })
  })
}
