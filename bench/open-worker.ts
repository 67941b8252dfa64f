import path from "node:path"
import { openStore, type Store } from "#lib/store/client.ts"
import { forgetVersions } from "#lib/store/versions.ts"
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
  env: Record<string, string> = {},
): Promise<BenchWorker> {
  // Ids start again in each database, and benchmarks share this process.
  forgetVersions()
  const database = await createTestDatabase()
  await prepare(database.url)
  const home = await makeHomeDir()
  const store = await openStore({ databaseUrl: database.url, applicationName: "bench", onError: () => undefined })
  const worker = await startWorker({
    databaseUrl: database.url,
    warehouseUrl: database.warehouseUrl,
    workspaceDir: path.resolve(import.meta.dirname, "../test/workspaces", workspace),
    homeDir: home.dir,
    env: { HEADRACE_LOG_LEVEL: "info", ...env },
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
