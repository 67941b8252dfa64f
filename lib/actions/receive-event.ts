import type { JsonObject } from "../contracts/json.ts"
import { AppError } from "../domain/errors.ts"
import { readEventSubscribers, recordEventArrival } from "../store/arrivals.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { wakeSchedulers } from "../store/notify.ts"
import { inTransaction } from "../store/transaction.ts"
import { currentVersion, parseParams } from "./trigger-run.ts"

export interface EventReceipt {
  pipelineId: string
  accepted: boolean
  /** Why the pipeline does not take this payload. */
  problem: string | null
}

/**
 * Takes an event: each pipeline that waits for its name runs once with the payload as its params, soon after this returns,
 * or when it is resumed. A pipeline whose params do not take the payload is left out and named.
 * @throws AppError `trigger.nobody_waits` where no pipeline takes it.
 */
export async function receiveEvent(
  store: Store,
  event: { name: string; payload: JsonObject; actor: string; now: Date },
): Promise<EventReceipt[]> {
  return inTransaction(store.pool, async (transaction) => {
    const receipts: EventReceipt[] = []
    for (const pipelineId of await readEventSubscribers(transaction, event.name)) {
      const { manifest } = await currentVersion(transaction, pipelineId)
      try {
        if (manifest.params !== null) parseParams(manifest, event.payload)
      } catch (error) {
        if (!(error instanceof AppError && error.code === "run.params_invalid")) throw error
        receipts.push({ pipelineId, accepted: false, problem: error.message })
        continue
      }
      const id = await recordEventArrival(transaction, { ...event, pipelineId, at: event.now })
      await recordEvent(transaction, {
        type: "trigger.event",
        pipelineId,
        actor: event.actor,
        data: { name: event.name, arrivalId: id },
      })
      receipts.push({ pipelineId, accepted: true, problem: null })
    }
    if (receipts.length === 0) {
      const message = `No pipeline waits for the event ${event.name}; name it in a pipeline's \`events\`.`
      throw new AppError("trigger.nobody_waits", message)
    }
    if (!receipts.some((receipt) => receipt.accepted)) {
      throw new AppError("run.params_invalid", receipts.map((receipt) => receipt.problem).join(" "), { kind: "config" })
    }
    await wakeSchedulers(transaction)
    return receipts
  })
}
