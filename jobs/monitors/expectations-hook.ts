import { checkDataset } from "#lib/server/quality/check-dataset.ts"
import type { MonitorHook } from "./monitor-hooks.ts"

/** Checks a table against the expectations of its policy. What does not hold is a result, kept with the others; no failure. */
export const EXPECTATIONS_HOOK: MonitorHook = {
  name: "expectations",
  async run({ store, connections, datasetId, signal }) {
    const checked = await checkDataset({ store, connections, signal }, datasetId)
    if (checked === null) return null
    const failing = checked.checks.filter(({ passed }) => !passed).length
    const count = checked.checks.length === 1 ? "1 expectation" : `${checked.checks.length} expectations`
    return {
      outcome: "ok",
      message:
        failing === 0 ? `${count}, all hold.` : `${count}, ${failing} ${failing === 1 ? "does" : "do"} not hold.`,
    }
  },
}
