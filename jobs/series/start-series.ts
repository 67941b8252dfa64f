import type pg from "pg"
import type { Logger } from "pino"
import { judgeSeries } from "#lib/actions/judge-series.ts"
import { tellSchemaChanges } from "#lib/actions/tell-schema-changes.ts"
import { findAffected } from "#lib/server/catalogue/find-affected.ts"
import type { Store } from "#lib/store/client.ts"
import { type ClaimedMeasure, claimMeasures } from "#lib/store/measures.ts"
import { Loop } from "../scheduler/loop.ts"
import { MEASURE_LEASE_MS, measureDataset } from "./measure-dataset.ts"

export interface SeriesSweep {
  /** Something was measured, or loaded. */
  wake(): void
  /** Begins nothing more; what is under way in the warehouse is cut off and left to others. */
  stop(): Promise<void>
}

/** Scans at once by this worker: they share the warehouse with those who load. */
const LIMIT = 1
/** The backstop for a lost notification, and for what another worker was judging when it came. */
const POLL_MS = 5_000

/**
 * Judges what was measured, says what changes of columns mean, and measures the columns that policies name after each load: in
 * this worker beside all others, right after it happened.
 */
export function startSeries(parts: {
  store: Store
  warehouse: pg.Pool
  log: Pick<Logger, "info" | "warn">
}): SeriesSweep {
  const { store, log } = parts
  const stopping = new AbortController()
  const live = new Set<Promise<void>>()
  const loop = (name: string, step: () => Promise<void>) =>
    new Loop({
      everyMs: POLL_MS,
      step: () => step().then(() => null),
      onError: (error) => log.warn({ loop: name, error: String(error) }, "loop step failed"),
    })

  const judging = loop("series", async () => {
    const { unusual } = await judgeSeries(store, new Date())
    if (unusual > 0) log.info({ unusual }, "unusual measurements")
  })
  const telling = loop("schema changes", async () => {
    const told = await tellSchemaChanges(store, (id, changes) => findAffected(store.pool, id, changes))
    if (told > 0) log.info({ told }, "tables with other columns")
  })
  const measuring = loop("measuring", async () => {
    const limit = LIMIT - live.size
    if (limit <= 0) return
    for (const each of await claimMeasures(store.pool, { leaseMs: MEASURE_LEASE_MS, limit })) begin(each)
  })

  function begin(claimed: ClaimedMeasure): void {
    const work: Promise<void> = measureDataset({ ...parts, signal: stopping.signal }, claimed)
      .then(({ outcome, message }) => {
        if (outcome === "failed") log.warn({ dataset: claimed.datasetId, error: message }, "table not measured")
      })
      .catch((error: unknown) => log.warn({ dataset: claimed.datasetId, error: String(error) }, "table not measured"))
      .finally(() => {
        live.delete(work)
        measuring.wake()
      })
    live.add(work)
  }

  const loops = [judging, telling, measuring]
  for (const each of loops) each.wake()
  return {
    wake() {
      for (const each of loops) each.wake()
    },
    async stop() {
      await Promise.all(loops.map((each) => each.stop()))
      stopping.abort(new Error("The worker is stopping."))
      await Promise.all(live)
    },
  }
}
