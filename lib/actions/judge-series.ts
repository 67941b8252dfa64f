import { type WatchRule, watchRule } from "../contracts/quality/watched-series.ts"
import type { SeriesPoint } from "../domain/anomaly/expected-band.ts"
import { judgePoint, ruleText } from "../domain/anomaly/judge-point.ts"
import { type PartitionPosition, partitionPosition } from "../domain/anomaly/partition-position.ts"
import type { Store } from "../store/client.ts"
import { announce } from "../store/notify.ts"
import {
  type HistoryPoint,
  type JudgedPoint,
  lockNewPoints,
  type NewPoint,
  readHistories,
  type WantedHistory,
  writeJudged,
} from "../store/series.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"

/** Each point brings its history: a few MB at most. */
const BATCH = 100

/**
 * Judges what was measured and is not judged yet, a batch a transaction: what is unusual becomes an anomaly, and what is not
 * closes those before it. Datasets that another worker judges are left to it. Returns how many were judged, and how many of
 * them are unusual.
 */
export async function judgeSeries(store: Store, now: Date): Promise<{ judged: number; unusual: number }> {
  const total = { judged: 0, unusual: 0 }
  for (;;) {
    const judged = await inTransaction(store.pool, (transaction) => judgeBatch(transaction, now))
    total.judged += judged.length
    total.unusual += judged.filter(({ state }) => state === "unusual").length
    if (judged.length < BATCH) return total
  }
}

async function judgeBatch(transaction: Transaction, now: Date): Promise<JudgedPoint[]> {
  const points = (await lockNewPoints(transaction, BATCH)).map(placed)
  const histories = await readHistories(transaction, points.flatMap(wantedOf))
  const seen = new Map<string, SeriesPoint["mark"]>()
  const judged = points.toSorted(byPosition).map((point) => {
    const verdict = judge(point, histories.get(point.id) ?? [], seen, now)
    seen.set(point.id, verdict.state === "unusual" ? "unusual" : "plain")
    return verdict
  })
  await writeJudged(transaction, judged)
  if (judged.length > 0) await announce(transaction, [{ type: "series" }])
  return judged
}

/** A point with its rule and its place in time; null: it is not watched, or has no such place. */
interface Placed extends NewPoint {
  watch: WatchRule | null
  position: PartitionPosition | null
}

function placed(point: NewPoint): Placed {
  const watch = watchRule(point.section, point.metric, point.column)
  const position =
    watch === null || point.partitionKey === null ? null : partitionPosition(point.partitionKey, watch.timezone)
  // A load of several partitions at once is no point of any series.
  return { ...point, watch: point.partitionKey?.includes("..") ? null : watch, position }
}

function wantedOf({ watch, position, section: _, ...point }: Placed): WantedHistory[] {
  if (watch === null) return []
  const kind = position ? "partitions" : point.partitionKey === null ? "table" : "key"
  return [{ ...point, kind, staticKey: position?.staticKey ?? "", limit: watch.lookback }]
}

/** In a series by partition; the partitions of one batch come before each other as time has them. */
function byPosition(a: Placed, b: Placed): number {
  const [left, right] = [a.position?.start.getTime() ?? 0, b.position?.start.getTime() ?? 0]
  return left - right || Number(a.id) - Number(b.id)
}

function judge(
  { watch, position, section: _, ...point }: Placed,
  history: readonly HistoryPoint[],
  seen: ReadonlyMap<string, SeriesPoint["mark"]>,
  now: Date,
): JudgedPoint {
  const none = { expected: null, lower: null, upper: null, rule: "", severity: "warn" as const }
  if (watch === null) return { ...point, ...none, state: "unwatched" }
  const before = history.map(({ id, partitionKey, at, value, mark }) => ({
    at: (position ? partitionPosition(partitionKey!, watch.timezone)?.start : at)?.getTime() ?? at.getTime(),
    value,
    mark: seen.get(id) ?? mark,
  }))
  const isOver = position === null || position.end <= now
  const at = (position?.start ?? point.at).getTime()
  const { state, band } = judgePoint(before, { at, value: point.value, isOver }, watch)
  if (band === null) return { ...point, ...none, state }
  const { expected, lower, upper } = band
  return { ...point, state, expected, lower, upper, rule: ruleText(watch, band), severity: watch.severity }
}
