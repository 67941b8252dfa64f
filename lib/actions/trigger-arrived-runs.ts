import type { JsonObject } from "../contracts/json.ts"
import type { Manifest } from "../contracts/manifest.ts"
import { zoneOf } from "../contracts/manifest-schedule.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId } from "../domain/ids.ts"
import { partitionInterval, partitionKey } from "../domain/partition.ts"
import { partitionScheme } from "../domain/partition-scheme.ts"
import { type ArrivalRun, foldArrivals, isWanted } from "../domain/trigger-arrivals.ts"
import {
  consumeArrivals,
  foldWaiting,
  lockPipelineWithArrivals,
  readArrivals,
  type StoredArrival,
} from "../store/arrivals.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import type { PipelineVersion } from "../store/versions.ts"
import { currentVersion, type TriggerRequest, triggerEachKeyIn } from "./trigger-run.ts"

/**
 * Creates the runs for what has arrived: datasets, ends of other pipelines' runs, events. One pipeline a transaction, under
 * its row's lock, in which arrivals are marked as used up: each starts exactly one run, however many processes look and
 * wherever they die. Arrivals of a paused pipeline wait.
 */
export async function triggerArrivedRuns(
  store: Store,
  onError: (pipelineId: string, error: unknown) => void,
): Promise<{ created: number }> {
  let created = 0
  const seen: string[] = []
  for (;;) {
    let pipelineId: string | null = null
    try {
      const count = await inTransaction(store.pool, async (transaction) => {
        pipelineId = await lockPipelineWithArrivals(transaction, seen)
        return pipelineId === null ? 0 : runArrivals(transaction, store.boss, pipelineId)
      })
      if (pipelineId === null) break
      created += count
      // Where runs were created more may wait; where none was, what waits is not enough for one yet.
      if (count === 0) seen.push(pipelineId)
    } catch (error) {
      onError(pipelineId ?? "", error)
      if (pipelineId === null) break
      seen.push(pipelineId)
    }
  }
  return { created }
}

async function runArrivals(transaction: Transaction, boss: Store["boss"], pipelineId: string): Promise<number> {
  const version = await currentVersion(transaction, pipelineId)
  const { manifest } = version
  const arrivals = await readArrivals(transaction, pipelineId)
  const unwanted = arrivals.filter((arrival) => !isWanted(manifest.triggers, arrival))
  if (unwanted.length > 0) await consumeArrivals(transaction, unwanted, { refused: "Nothing waits for it any more." })
  let created = 0
  for (const run of foldArrivals(manifest.triggers, arrivals, partitionOf(manifest))) {
    try {
      const last = run.arrivals.at(-1)!
      const { runId } = await triggerRunFor(transaction, boss, version, run, {
        pipelineId,
        scheduleKey: `arrival ${last.id}`,
        logicalAt: last.at,
        actor: (last as StoredArrival).actor ?? run.kind,
        reason: run.reason,
      })
      await consumeArrivals(transaction, run.arrivals, { runId })
      created++
    } catch (error) {
      // Before anything was written: the payload does not fit this version's params. It will not fit later either.
      if (!(error instanceof AppError && error.code === "run.params_invalid")) throw error
      await consumeArrivals(transaction, run.arrivals, { refused: error.message })
      await recordEvent(transaction, {
        type: "trigger.refused",
        pipelineId,
        data: { reason: run.reason, message: error.message },
      })
    }
  }
  await foldWaiting(transaction, pipelineId)
  return created
}

/**
 * Creates the run that arrivals make due, or one for each key of the pipeline's partitions: the first counts as theirs. By
 * time, it covers the partition in which their interval starts.
 */
export async function triggerRunFor(
  transaction: Transaction,
  boss: Store["boss"],
  { manifest }: PipelineVersion,
  run: ArrivalRun,
  request: Omit<TriggerRequest, "kind">,
): Promise<{ runId: RunId; created: boolean }> {
  const arrivals = run.arrivals as StoredArrival[]
  const event = arrivals[0]?.source === "event" ? arrivals[0] : null
  return triggerEachKeyIn(transaction, boss, {
    ...request,
    ...intervalOf(manifest, run),
    kind: run.kind,
    reason: run.reason,
    ...(event ? { params: event.payload ?? {}, areParamsFree: manifest.params === null } : {}),
    cause: { arrivals: arrivals.map(causeOf) },
  })
}

function intervalOf(manifest: Manifest, run: ArrivalRun): Pick<TriggerRequest, "intervalStart" | "intervalEnd"> {
  if (run.intervalStart === null || run.intervalEnd === null) return {}
  const unit = manifest.partition && partitionScheme(manifest.partition).unit
  if (unit === null) return { intervalStart: run.intervalStart, intervalEnd: run.intervalEnd }
  const partition = partitionInterval(unit, zoneOf(manifest), run.intervalStart)
  return { intervalStart: partition.start, intervalEnd: partition.end }
}

function partitionOf(manifest: Manifest): ((start: Date) => string) | null {
  const unit = manifest.partition && partitionScheme(manifest.partition).unit
  if (unit === null) return null
  const timezone = zoneOf(manifest)
  return (start) => partitionKey(unit, timezone, partitionInterval(unit, timezone, start).start)
}

function causeOf(arrival: StoredArrival): JsonObject {
  const { source, name, updates, at, causeRunId, state } = arrival
  return { source, name, updates, at: at.toISOString(), runId: causeRunId, ...(state ? { state } : {}) }
}
