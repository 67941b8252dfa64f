import type { Benchmark } from "./harness.ts"
import { openWorker } from "./open-worker.ts"
import { measureLoad } from "./orchestration-load.ts"

/** What one real worker process does with tasks that do nothing, on an empty database. */
export default {
  name: "orchestration: load",
  async run() {
    const worker = await openWorker("shapes")
    try {
      return await measureLoad(worker)
    } finally {
      await worker.close()
    }
  },
} satisfies Benchmark
