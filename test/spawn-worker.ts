import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import pg from "pg"

const WORKER = path.resolve(import.meta.dirname, "../jobs/worker.ts")

export interface WorkerSettings {
  databaseUrl: string
  warehouseUrl: string
  workspaceDir: string
  /** Shared by the workers of one test; where code of versions is written. */
  homeDir: string
  /** Further `HEADRACE_…` variables. */
  env?: Record<string, string>
}

export interface WorkerProcess {
  child: ChildProcess
  /** All that it wrote so far. */
  output(): string
  /** SIGKILL: no chance to hand anything back. */
  kill(): Promise<void>
  /** SIGTERM, and waits for the end. Gives the exit code. */
  stop(): Promise<number | null>
}

/** Starts a real worker process and waits until it takes work. */
export async function startWorker(settings: WorkerSettings): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [WORKER], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      NODE_ENV: "test",
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATABASE_URL: settings.databaseUrl,
      HEADRACE_WAREHOUSE_URL: settings.warehouseUrl,
      HEADRACE_WORKSPACE: settings.workspaceDir,
      HEADRACE_HOME: settings.homeDir,
      HEADRACE_DRAIN_MS: "2000",
      ...settings.env,
    },
  })
  let output = ""
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-200_000)
  }
  child.stdout?.on("data", keep)
  child.stderr?.on("data", keep)
  const exited = once(child, "exit")
  const ready = new Promise<void>((resolve) => {
    child.on("message", (message) => {
      if ((message as { type?: string }).type === "ready") resolve()
    })
  })
  const first = await Promise.race([ready.then(() => "ready"), exited.then(() => "exit")])
  if (first === "exit") throw new Error(`the worker ended before it was ready:\n${output}`)
  return {
    child,
    output: () => output,
    async kill() {
      child.kill("SIGKILL")
      await exited
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM")
      await exited
      return child.exitCode
    },
  }
}

/** A folder for HEADRACE_HOME that is removed with `dispose`. */
export async function makeHomeDir(): Promise<{ dir: string; dispose(): Promise<void> }> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "headrace-test-"))
  return { dir, dispose: () => rm(dir, { recursive: true, force: true }) }
}

/**
 * Waits until `read` gives something, looking again at each announced change (and each 250 ms, for what is announced by
 * nobody). Fails with `what` after `timeoutMs`.
 */
export async function waitFor<Value>(
  databaseUrl: string,
  what: string,
  read: () => Promise<Value | null | undefined | false>,
  timeoutMs = 60_000,
): Promise<Value> {
  const client = new pg.Client({ connectionString: databaseUrl })
  client.on("error", () => undefined)
  await client.connect()
  let wake: () => void = () => undefined
  client.on("notification", () => wake())
  try {
    await client.query("listen headrace_events")
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, 250)
      })
      const value = await read()
      if (value) return value
      if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`)
      await changed
    }
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Waits until a run has ended and gives its state. */
export function waitForRun(databaseUrl: string, pool: pg.Pool, runId: string, timeoutMs?: number): Promise<string> {
  return waitFor(
    databaseUrl,
    `run ${runId} to end`,
    async () => {
      const { rows } = await pool.query<{ state: string }>(
        "select state from run where id = $1 and finished_at is not null",
        [runId],
      )
      return rows[0]?.state
    },
    timeoutMs,
  )
}
