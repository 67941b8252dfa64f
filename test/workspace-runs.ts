import { triggerRun } from "#lib/actions/trigger-run.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import type { TestDatabase } from "./db.ts"
import { makeHomeDir, startWorker, type WorkerProcess, waitFor, waitForRun } from "./spawn-worker.ts"

/** A finished run as a test looks at it. */
export interface FinishedRun {
  id: string
  state: string
  /** State of each task by id. */
  tasks: Record<string, string>
  /** Messages of the attempts that failed, by task id. */
  failures: Record<string, string>
  /** Rows that each dataset was told to have changed, by dataset id; several writes of one dataset are summed. */
  rows: Record<string, { inserted: number; updated: number; deleted: number; rejected: number }>
}

/** A workspace whose pipelines run in a real worker process, on a test's databases. */
export interface WorkspaceRuns {
  store: Store
  /** Starts a run and waits for its end, whatever that is. */
  run(pipelineId: string, params?: JsonObject): Promise<FinishedRun>
  /** Looks after each announced change until there is an answer. */
  until<Answer>(what: string, look: () => Promise<Answer | null>): Promise<Answer>
  stop(): Promise<void>
}

/** Resolves once the worker has loaded the workspace and takes work; `connections` are URLs by name. */
export async function openWorkspace(
  database: TestDatabase,
  workspaceDir: string,
  connections: Record<string, string>,
): Promise<WorkspaceRuns> {
  const store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
  const home = await makeHomeDir()
  let worker: WorkerProcess | undefined
  const stop = async () => {
    await worker?.stop()
    await store.close()
    await home.dispose()
  }
  try {
    worker = await startWorker({
      databaseUrl: database.url,
      warehouseUrl: database.warehouseUrl,
      workspaceDir,
      homeDir: home.dir,
      env: {
        HEADRACE_AUTHOR_PROCESSES: "1",
        ...Object.fromEntries(
          Object.entries(connections).map(([name, url]) => [`HEADRACE_CONNECTION_${name.toUpperCase()}`, url]),
        ),
      },
    })
  } catch (error) {
    await stop()
    throw error
  }
  return {
    store,
    stop,
    async run(pipelineId, params = {}) {
      const { runId } = await triggerRun(store, { pipelineId, kind: "manual", actor: "test", params })
      return readRun(store, runId, await waitForRun(database.url, store.pool, runId))
    },
    until: (what, look) => waitFor(database.url, what, look),
  }
}

async function readRun(store: Store, id: string, state: string): Promise<FinishedRun> {
  const tasks = await store.pool.query<{ task: string; state: string }>(
    "select task_id as task, state from task_run where run_id = $1 order by position",
    [id],
  )
  const failures = await store.pool.query<{ task: string; message: string }>(
    `select task_id as task, failure ->> 'message' as message
     from attempt join task_run on task_run.id = task_run_id
     where task_run.run_id = $1 and failure is not null order by attempt.id`,
    [id],
  )
  const rows = await store.pool.query<{ dataset: string; rows: FinishedRun["rows"][string] }>(
    `select dataset_id as dataset, jsonb_build_object('inserted', sum(rows_inserted), 'updated', sum(rows_updated),
       'deleted', sum(rows_deleted), 'rejected', sum(rows_rejected)) as rows
     from materialization where run_id = $1 group by dataset_id`,
    [id],
  )
  return {
    id,
    state,
    tasks: Object.fromEntries(tasks.rows.map((row) => [row.task, row.state])),
    failures: Object.fromEntries(failures.rows.map((row) => [row.task, row.message])),
    rows: Object.fromEntries(rows.rows.map((row) => [row.dataset, row.rows])),
  }
}
