import type pg from "pg"
import type { Logger } from "pino"
import { judgeFreshness } from "#lib/actions/judge-freshness.ts"
import type { Store } from "#lib/store/client.ts"
import { claimMeasurements, type Measurement, nextFreshnessAt } from "#lib/store/freshness.ts"
import { Loop } from "../scheduler/loop.ts"
import { MEASURE_LEASE_MS, measureDataset } from "./measure-dataset.ts"

export interface FreshnessSweep {
  /** Something may have arrived. */
  wake(): void
  /** Begins nothing more; what is under way in the warehouse is cut off and left to others. */
  stop(): Promise<void>
}

/** Asked of the warehouse at once by this worker: they share its time with those who load. */
const LIMIT = 3
/** The backstop for a lost notification. */
const POLL_MS = 5_000

/**
 * Watches how fresh datasets are, in this worker beside all others, whether runs happen or not: judged at the instants at
 * which their state may change, and when something arrives. What needs the warehouse is measured a few at a time.
 */
export function startFreshness(parts: {
  store: Store
  /** With connections of its own, so that it waits for no task. */
  warehouse: pg.Pool
  log: Pick<Logger, "info" | "warn">
}): FreshnessSweep {
  const { store, log } = parts
  const stopping = new AbortController()
  const live = new Set<Promise<void>>()
  const loop = (name: string, step: () => Promise<Date | null>) =>
    new Loop({
      everyMs: POLL_MS,
      step,
      onError: (error) => log.warn({ loop: name, error: String(error) }, "loop step failed"),
    })

  const judging = loop("freshness", async () => {
    const { changed } = await judgeFreshness(store, new Date())
    if (changed > 0) log.info({ changed }, "freshness of datasets changed")
    return nextFreshnessAt(store.pool, false)
  })
  const measuring = loop("freshness data", async () => {
    const limit = LIMIT - live.size
    if (limit <= 0) return null
    const claimed = await claimMeasurements(store.pool, { now: new Date(), leaseMs: MEASURE_LEASE_MS, limit })
    for (const each of claimed) begin(each)
    // The end of one wakes the loop again.
    return claimed.length === limit ? null : nextFreshnessAt(store.pool, true)
  })

  function begin(claimed: Measurement): void {
    const work: Promise<void> = measureDataset({ ...parts, signal: stopping.signal }, claimed)
      .then(({ outcome, message }) => {
        if (outcome === "failed") log.warn({ dataset: claimed.datasetId, error: message }, "freshness not measured")
      })
      .catch((error: unknown) => {
        log.warn({ dataset: claimed.datasetId, error: String(error) }, "freshness not recorded")
      })
      .finally(() => {
        live.delete(work)
        measuring.wake()
      })
    live.add(work)
  }

  judging.wake()
  measuring.wake()
  return {
    wake() {
      judging.wake()
      measuring.wake()
    },
    async stop() {
      await Promise.all([judging.stop(), measuring.stop()])
      stopping.abort(new Error("The worker is stopping."))
      await Promise.all(live)
    },
  }
}
