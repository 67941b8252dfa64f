import path from "node:path"
import { openStore, type Store } from "#lib/store/client.ts"
import { createTestDatabase } from "#test/db.ts"
import { makeHomeDir, startWorker } from "#test/spawn-worker.ts"

export interface BenchWorker {
  store: Store
  databaseUrl: string
  pid: number
  close(): Promise<void>
}

/** A database of its own with what `prepare` puts into it, and one real worker process on the workspace named. */
export async function openWorker(
  workspace: "orchestration" | "shapes",
  prepare: (databaseUrl: string) => Promise<void> = async () => undefined,
): Promise<BenchWorker> {
  const database = await createTestDatabase()
  await prepare(database.url)
  const home = await makeHomeDir()
  const store = await openStore({ databaseUrl: database.url, applicationName: "bench", onError: () => undefined })
  const worker = await startWorker({
    databaseUrl: database.url,
    warehouseUrl: database.warehouseUrl,
    workspaceDir: path.resolve(import.meta.dirname, "../test/workspaces", workspace),
    homeDir: home.dir,
    // As `npm start` runs it, where measuring is not the point of the environment.
    env: {
      HEADRACE_LOG_LEVEL: "info",
      ...(process.env.XOPT && { XOPT: process.env.XOPT }),
      ...(process.env.BENCH_NODE_OPTIONS && { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS }),
    },
  })
  return {
    store,
    databaseUrl: database.url,
    pid: worker.child.pid!,
    async close() {
      await worker.stop()
      await store.close()
      await database.drop()
      await home.dispose()
    },
  }
}
