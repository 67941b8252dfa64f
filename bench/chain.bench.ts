import path from "node:path"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import { openStore } from "#lib/store/client.ts"
import { createTestDatabase } from "#test/db.ts"
import { makeHomeDir, startWorker, waitForRun } from "#test/spawn-worker.ts"

const RUNS = 7
const TASKS = 40

/**
 * A chain of 40 tasks that do nothing, through one real worker process: seconds from the trigger to the run's end, and the
 * time between a task's end and the next one's start as the database's clock saw them. The first run warms up.
 */
export default {
  name: "chain",
  async run() {
    const database = await createTestDatabase()
    const home = await makeHomeDir()
    const store = await openStore({ databaseUrl: database.url, applicationName: "bench", onError: () => undefined })
    const worker = await startWorker({
      databaseUrl: database.url,
      warehouseUrl: database.warehouseUrl,
      workspaceDir: path.resolve(import.meta.dirname, "../test/workspaces/orchestration"),
      homeDir: home.dir,
    })
    try {
      const seconds: number[] = []
      const hopsMs: number[] = []
      for (let index = 0; index <= RUNS; index++) {
        const begin = performance.now()
        const { runId } = await triggerRun(store, { pipelineId: "chain_40", kind: "manual", actor: "bench" })
        const state = await waitForRun(database.url, store.pool, runId)
        if (state !== "success") throw new Error(`the chain ended as ${state}`)
        if (index === 0) continue
        seconds.push((performance.now() - begin) / 1000)
        const { rows } = await store.pool.query<{ hopMs: number | null }>(
          `select extract(epoch from lead(started_at) over (order by id) - finished_at)::float8 * 1000 as "hopMs"
           from attempt where run_id = $1 order by id`,
          [runId],
        )
        hopsMs.push(...rows.flatMap((row) => (row.hopMs === null ? [] : [row.hopMs])))
      }
      return [
        { name: `chain of ${TASKS}, trigger to end`, value: quantile(seconds, 0.5), unit: "s" },
        { name: "end of a task to start of the next, p50", value: quantile(hopsMs, 0.5), unit: "ms" },
        { name: "end of a task to start of the next, p99", value: quantile(hopsMs, 0.99), unit: "ms" },
      ]
    } finally {
      await worker.stop()
      await store.close()
      await database.drop()
      await home.dispose()
    }
  },
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
