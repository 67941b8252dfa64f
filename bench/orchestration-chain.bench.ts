import { triggerRun } from "#lib/actions/trigger-run.ts"
import { waitForRun } from "#test/spawn-worker.ts"
import type { Benchmark } from "./harness.ts"
import { openWorker } from "./open-worker.ts"
import { quantile } from "./quantile.ts"

const RUNS = 7
const TASKS = 40

/**
 * A chain of 40 tasks that do nothing, through one real worker process: seconds from the trigger to the run's end, and the
 * time between a task's end and the next one's start as the database's clock saw them. The first run warms up.
 */
export default {
  name: "orchestration: chain",
  async run() {
    const { store, databaseUrl, close } = await openWorker("orchestration")
    try {
      const seconds: number[] = []
      const hopsMs: number[] = []
      for (let index = 0; index <= RUNS; index++) {
        const begin = performance.now()
        const { runId } = await triggerRun(store, { pipelineId: "chain_40", kind: "manual", actor: "bench" })
        const state = await waitForRun(databaseUrl, store.pool, runId)
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
      await close()
    }
  },
} satisfies Benchmark
