import type { Benchmark } from "./harness.ts"
import { openWorker } from "./open-worker.ts"
import { measureLoad } from "./orchestration-load.ts"
import { seedTaskRuns } from "./seed-task-runs.ts"

/** The figures of orchestration.bench.ts with 1,000,000 task runs and 2,000 pipelines of history in the database. */
export default {
  name: "orchestration: load, with 1,000,000 task runs of history",
  async run() {
    const worker = await openWorker("shapes", seedTaskRuns)
    try {
      return await measureLoad(worker)
    } finally {
      await worker.close()
    }
  },
} satisfies Benchmark
