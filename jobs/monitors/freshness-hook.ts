import { WAREHOUSE } from "#lib/server/connections.ts"
import { claimMeasurements, isBeingMeasured } from "#lib/store/freshness.ts"
import { MEASURE_LEASE_MS, measureDataset } from "../freshness/measure-dataset.ts"
import type { MonitorHook } from "./monitor-hooks.ts"

/** Measures a dataset's freshness with its monitor, however soon it would be due. Loads need no look: they tell by themselves. */
export const FRESHNESS_HOOK: MonitorHook = {
  name: "freshness",
  async run({ store, connections, datasetId, now, signal }) {
    const [claimed] = await claimMeasurements(store.pool, { now, leaseMs: MEASURE_LEASE_MS, limit: 1, datasetId })
    const warehouse = connections.pool(WAREHOUSE)
    if (claimed) return measureDataset({ store, warehouse, signal }, claimed)
    const isUnderWay = await isBeingMeasured(store.pool, datasetId, now)
    return isUnderWay ? { outcome: "ok", message: "It is being measured already." } : null
  },
}
