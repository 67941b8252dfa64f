import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import { isFinalRunState, type RunState } from "#lib/domain/run-state.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { Listener } from "#lib/store/listener.ts"
import { EVENTS_CHANNEL } from "#lib/store/notify.ts"
import type { TestDatabase } from "./db.ts"

/** A finished run as a test looks at it. */
export interface FinishedRun {
  id: string
  state: RunState
  /** State of each task by id. */
  tasks: Record<string, string>
  /** Messages of the attempts that failed, by task id. */
  failures: Record<string, string>
  /** Rows that each dataset was told to have changed, by dataset id; several writes of one dataset are summed. */
  rows: Record<string, { inserted: number; updated: number; deleted: number; rejected: number }>
}

/** Runs a workspace through the real worker program, in a process of its own, on a test's databases. */
export class WorkerProcess {
  readonly store: Store
  readonly #options: WorkerOptions
  readonly #homeDir: string
  #child: ChildProcess | null = null

  private constructor(options: WorkerOptions, store: Store, homeDir: string) {
    this.#options = options
    this.store = store
    this.#homeDir = homeDir
  }

  /** Resolves once the worker has loaded the workspace and takes work. */
  static async start(options: WorkerOptions): Promise<WorkerProcess> {
    const store = await openStore({
      databaseUrl: options.database.url,
      applicationName: "test",
      onError: () => undefined,
    })
    const worker = new WorkerProcess(options, store, await mkdtemp(path.join(os.tmpdir(), "headrace-test-")))
    await worker.launch().catch(async (error: unknown) => {
      await worker.stop()
      throw error
    })
    return worker
  }

  /** Starts the program (again). @throws Error with what it wrote when it ends before it is ready. */
  async launch(): Promise<void> {
    const { database, workspaceDir, connections = {}, env = {} } = this.#options
    const named = Object.entries(connections).map(([name, url]) => [`HEADRACE_CONNECTION_${name.toUpperCase()}`, url])
    const child = spawn(process.execPath, [path.resolve(import.meta.dirname, "../jobs/worker.ts")], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        DATABASE_URL: database.url,
        HEADRACE_WAREHOUSE_URL: database.warehouseUrl,
        HEADRACE_WORKSPACE: workspaceDir,
        HEADRACE_HOME: this.#homeDir,
        HEADRACE_LOG_LEVEL: "warn",
        HEADRACE_AUTHOR_PROCESSES: "1",
        ...Object.fromEntries(named),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    })
    this.#child = child
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        output = (output + chunk).slice(-10_000)
      })
    }
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve())
      child.once("exit", (code) => reject(new Error(`The worker ended with ${code} before it was ready:\n${output}`)))
    })
  }

  /** SIGKILL: no draining, as when the machine loses power. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM")
    await this.store.close()
    await rm(this.#homeDir, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = null
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, "exit")
    child.kill(signal)
    await ended
  }

  /** Starts a run and waits for its end, whatever that is. */
  async run(pipelineId: string, params: JsonObject = {}): Promise<FinishedRun> {
    const { runId } = await triggerRun(this.store, { pipelineId, kind: "manual", actor: "test", params })
    return this.finished(runId)
  }

  /** Waits until a run has ended: looks when the database announces a change of it. */
  async finished(runId: string): Promise<FinishedRun> {
    let wake = () => {}
    const listener = new Listener({
      databaseUrl: this.#options.database.url,
      channels: [EVENTS_CHANNEL],
      applicationName: "test-listen",
      onNotification: (_channel, payload) => {
        if (payload.includes(`"${runId}"`)) wake()
      },
      onReady: () => wake(),
      onError: () => undefined,
    })
    try {
      let changed = new Promise<void>((resolve) => {
        wake = resolve
      })
      await listener.start()
      for (;;) {
        await changed
        changed = new Promise((resolve) => {
          wake = resolve
        })
        const { rows } = await this.store.pool.query<{ state: RunState }>("select state from run where id = $1", [
          runId,
        ])
        if (rows[0] && isFinalRunState(rows[0].state)) return await this.#read(runId, rows[0].state)
      }
    } finally {
      await listener.close()
    }
  }

  async #read(id: string, state: RunState): Promise<FinishedRun> {
    const { pool } = this.store
    const tasks = await pool.query<{ task: string; state: string }>(
      "select task_id as task, state from task_run where run_id = $1 order by position",
      [id],
    )
    const failures = await pool.query<{ task: string; message: string }>(
      `select task_id as task, failure ->> 'message' as message
       from attempt join task_run on task_run.id = task_run_id
       where task_run.run_id = $1 and failure is not null order by attempt.id`,
      [id],
    )
    const rows = await pool.query<{ dataset: string; rows: FinishedRun["rows"][string] }>(
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
}

export interface WorkerOptions {
  database: TestDatabase
  workspaceDir: string
  /** URLs by connection name. */
  connections?: Record<string, string>
  /** Further variables. */
  env?: Record<string, string>
}
