import { WAREHOUSE } from "#lib/server/connections.ts"
import { readMeasure } from "#lib/store/measures.ts"
import { measureDataset } from "../series/measure-dataset.ts"
import type { MonitorHook } from "./monitor-hooks.ts"

/** Counts a table's rows, measures the columns that its policy names, sees whether they changed and holds them against the contract. */
export const SERIES_HOOK: MonitorHook = {
  name: "series",
  async run({ store, connections, datasetId, signal }) {
    const asked = await readMeasure(store.pool, datasetId)
    return asked && measureDataset({ store, warehouse: connections.pool(WAREHOUSE), signal }, asked)
  },
}
