import type { BulkResult } from "../contracts/api/runs.ts"
import type { RetryIncidentsResult } from "../contracts/api/triage.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId } from "../domain/ids.ts"
import type { Store } from "../store/client.ts"
import { MAX_RETRIED_RUNS, readFailedRuns } from "../store/read/failed-runs.ts"
import { actOnRuns } from "./act-on-runs.ts"

export interface RetryRequest {
  ids: readonly string[]
  version: "pinned" | "newest"
  dryRun: boolean
  actor: string
}

/**
 * Runs again what failed of the causes of many incidents: each run once, however many of them it shows in. What cannot be
 * done is said for that run and for its incidents, and stops none of the others.
 *
 * @throws AppError `request.invalid` for more than 500 runs together.
 */
export async function retryIncidents(store: Store, { ids, ...request }: RetryRequest): Promise<RetryIncidentsResult> {
  const failed = await readFailedRuns(store.pool, ids)
  const runIds = [...new Set([...failed.values()].flat())]
  if (runIds.length > MAX_RETRIED_RUNS) {
    throw new AppError(
      "request.invalid",
      `These incidents have more than ${MAX_RETRIED_RUNS} failed runs; choose fewer, or load the range by a backfill.`,
    )
  }
  const result = await actOnRuns(store, { action: "retry", runIds: runIds as RunId[], ...request })
  const byRun = new Map(result.items.map((item) => [item.runId as string, item]))
  const incidents = [...new Set(ids)].map((id) => outcomeOf(id, failed.get(id), byRun, request.dryRun))
  return { incidents, items: result.items, text: result.text, dryRun: result.dryRun }
}

function outcomeOf(
  incidentId: string,
  runIds: readonly string[] | undefined,
  byRun: ReadonlyMap<string, BulkResult["items"][number]>,
  dryRun: boolean,
): RetryIncidentsResult["incidents"][number] {
  if (!runIds) return { incidentId, ok: false, text: `There is no incident ${incidentId}.`, runIds: [] }
  if (runIds.length === 0) return { incidentId, ok: false, text: "No run of it is failed now.", runIds: [] }
  const refused = runIds.flatMap((id) => {
    const item = byRun.get(id)
    return item?.ok === false ? [item.text] : []
  })
  const done = runIds.length - refused.length
  const runs = done === 1 ? "run" : "runs"
  const text = done > 0 ? `${done} ${runs} ${dryRun ? "would run" : done === 1 ? "runs" : "run"} again.` : ""
  return {
    incidentId,
    ok: done > 0,
    text: [text, ...refused.slice(0, 1)].filter(Boolean).join(" "),
    runIds: [...runIds],
  }
}
