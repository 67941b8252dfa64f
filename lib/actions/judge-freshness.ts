import { intervalsOf, usualOf } from "../domain/freshness/arrival-stats.ts"
import {
  type DataObservation,
  evaluateFreshness,
  type FreshnessVerdict,
} from "../domain/freshness/evaluate-freshness.ts"
import { duePartitions } from "../domain/freshness/late-rules.ts"
import { nextMeasureAt } from "../domain/freshness/measure-plan.ts"
import type { Store } from "../store/client.ts"
import { type EventRecord, recordEvents } from "../store/events.ts"
import {
  type JudgedDataset,
  lockDueFreshness,
  lockMeasured,
  type Measurement,
  readLoadedPartitions,
  type WatchedDataset,
  writeFreshness,
} from "../store/freshness.ts"
import { announce } from "../store/notify.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"

const BATCH = 200

/**
 * Judges the datasets that are due at `now` and need nothing from the warehouse, in batches: each by whichever scheduler comes
 * first, in the transaction that writes its state, its history and the event that tells of a change. Returns how many changed.
 */
export async function judgeFreshness(store: Store, now: Date): Promise<{ changed: number }> {
  let changed = 0
  for (;;) {
    const judged = await inTransaction(store.pool, async (transaction) => {
      const due = await lockDueFreshness(transaction, now, BATCH)
      const present = await readLoadedPartitions(
        transaction,
        due.flatMap((watched) => wantedPartitions(watched, now)),
      )
      const results = due.map((watched) => judge(watched, new Set(present.get(watched.datasetId)), now, null))
      await write(transaction, due, results, now)
      return results
    })
    changed += judged.filter(({ begins }) => begins).length
    if (judged.length < BATCH) return { changed }
  }
}

/** What the warehouse answered; `presentKeys` are the partitions that have data. */
export interface Measured {
  data: DataObservation
  presentKeys: string[]
}

/**
 * Judges a dataset by what was measured. False when it was not for this worker any more: the lease was over, or the policy is
 * another one; nothing is written then.
 */
export async function recordMeasurement(
  store: Store,
  claimed: Measurement,
  measured: Measured,
  now: Date,
): Promise<boolean> {
  return inTransaction(store.pool, async (transaction) => {
    const watched = await lockMeasured(transaction, claimed)
    if (watched === null) return false
    const loaded = await readLoadedPartitions(transaction, wantedPartitions(watched, now))
    const present = presentIn(watched, measured, loaded.get(watched.datasetId) ?? [])
    // Something arrived, or somebody asked, while it was measured: it is looked at once more.
    const isAskedAgain = watched.checkAt !== null && watched.checkAt.getTime() !== claimed.checkAt?.getTime()
    const judged = judge(watched, present, now, measured)
    await write(transaction, [watched], [isAskedAgain ? { ...judged, checkAt: watched.checkAt } : judged], now)
    return true
  })
}

/** Of a policy on both, a partition is there when it is loaded and has data. */
function presentIn({ policy }: WatchedDataset, { presentKeys }: Measured, loaded: readonly string[]): Set<string> {
  if (policy.measure === "data") return new Set(presentKeys)
  const inData = new Set(presentKeys)
  return new Set(loaded.filter((key) => inData.has(key)))
}

function wantedPartitions({ datasetId, policy, watchedSince }: WatchedDataset, now: Date) {
  if (!policy.partitions || policy.measure === "data") return []
  try {
    return [{ datasetId, keys: duePartitions(policy.partitions, watchedSince, now).map(({ key }) => key) }]
  } catch {
    // Said when it is judged.
    return []
  }
}

function judge(
  watched: WatchedDataset,
  presentKeys: ReadonlySet<string>,
  now: Date,
  measured: Measured | null,
): JudgedDataset {
  const { policy, watchedSince, loadedAt } = watched
  const data = measured?.data ?? watched.data
  const verdict = verdictOf(() => evaluateFreshness(policy, { watchedSince, loadedAt, data, presentKeys }, now), now)
  const begins = verdict.state !== watched.state || !watched.hasInterval
  const failures = data.kind === "failed" ? watched.failures + 1 : 0
  const arrivals = arrivalsAfter(watched, data, now)
  const interval = usualOf(intervalsOf(arrivals))
  const lag = usualOf(watched.lagsMs, 1)
  return {
    datasetId: watched.datasetId,
    state: verdict.state,
    since: begins ? sinceOf(watched, verdict, now) : watched.since,
    dueAt: verdict.dueAt,
    message: verdict.message,
    announced: announcedAfter(watched.announced, verdict),
    checkAt: measured ? nextMeasureAt(verdict, { now, everyMs: policy.everyMs, failures }) : verdict.nextChangeAt,
    dataAt: data.kind === "measured" ? data.newest : null,
    measurement: measured && { data, presentKeys: measured.presentKeys, failures, arrivals },
    intervalMs: interval?.medianMs ?? null,
    intervalSpreadMs: interval?.spreadMs ?? null,
    lagMs: lag?.medianMs ?? null,
    lagSpreadMs: lag?.spreadMs ?? null,
    begins,
  }
}

/** How long until a policy is tried again that could not be judged. */
const AGAIN_MS = 3_600_000

/** A policy that this version of the program cannot read (of another version, with a zone it does not know) holds up no other. */
function verdictOf(evaluate: () => FreshnessVerdict, now: Date): FreshnessVerdict {
  try {
    return evaluate()
  } catch (error) {
    const message = `The policy cannot be judged: ${error instanceof Error ? error.message : String(error)}`
    const nextChangeAt = new Date(now.getTime() + AGAIN_MS)
    return { state: "unknown", since: null, dueAt: null, nextChangeAt, message }
  }
}

/** It is late since it was due, also when it is looked at later; but no state begins before the one that it ends. */
function sinceOf(watched: WatchedDataset, verdict: FreshnessVerdict, now: Date): Date {
  const since = verdict.since ?? now
  return watched.hasInterval && since < watched.since ? watched.since : since
}

/** A doubt tells nothing and takes nothing back. */
function announcedAfter(announced: WatchedDataset["announced"], { state }: FreshnessVerdict) {
  if (state === "unknown") return announced
  return state === "fresh" ? null : state
}

/** Loads are noted as they come; of what nobody here loads, that newer data was seen. */
function arrivalsAfter(
  { arrivals, pipelineId, data: before }: WatchedDataset,
  data: DataObservation,
  now: Date,
): Date[] {
  if (pipelineId !== null || data.kind !== "measured" || data.newest === null) return arrivals
  const known = before.kind === "measured" ? before.newest : null
  return known === null || data.newest > known ? [...arrivals, now].slice(-20) : arrivals
}

async function write(
  transaction: Transaction,
  watched: readonly WatchedDataset[],
  judged: readonly JudgedDataset[],
  now: Date,
): Promise<void> {
  await writeFreshness(transaction, judged, now)
  await recordEvents(
    transaction,
    judged.flatMap((each, index) => eventOf(watched[index]!, each)),
  )
  if (judged.length > 0) await announce(transaction, [{ type: "freshness" }])
}

/** One event a change that people are told of: late, worse, better, or fresh again. */
function eventOf({ announced, pipelineId }: WatchedDataset, judged: JudgedDataset): EventRecord[] {
  if (judged.announced === announced) return []
  const { datasetId, state, message, since, dueAt } = judged
  return [
    {
      type: judged.announced === null ? "freshness.recovered" : `freshness.${judged.announced}`,
      pipelineId,
      data: { datasetId, state, message, since: since.toISOString(), dueAt: dueAt?.toISOString() ?? null },
    },
  ]
}
