import { setTimeout as delay } from "node:timers/promises"
import pg from "pg"
import { AppError } from "#lib/domain/errors.ts"
import { translateError } from "./translate-error.ts"

export interface SessionOptions {
  /** Name of the connection, for errors. */
  connection: string
  /** Shown in pg_stat_activity; Postgres cuts it at 63 bytes. */
  applicationName: string
  signal?: AbortSignal
  /** Receives what SQL says with RAISE. */
  onNotice?: (message: string) => void
}

/**
 * Lends a session with settled settings (UTC, ISO dates) to `work` and gives it back as it was found. When the signal
 * aborts, the session is ended on the server, with the statement under way and its transaction, and `signal.reason` is
 * thrown. Driver errors come out translated ({@link translateError}).
 */
export async function withSession<Result>(
  pool: pg.Pool,
  options: SessionOptions,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  options.signal?.throwIfAborted()
  const client = await pool.connect().catch((error: unknown) => {
    throw translateError(error, options)
  })
  let broken = false
  // Without a listener, a connection lost while lent out would end the process.
  const onError = () => {
    broken = true
  }
  const onNotice = (notice: { message?: string }) => options.onNotice?.(notice.message ?? "")
  client.on("error", onError)
  client.on("notice", onNotice)
  let stopping: Promise<void> | undefined
  const onAbort = () => {
    broken = true
    stopping = stop(pool, client)
  }
  try {
    const pid = await settle(client, options)
    pids.set(client, pid)
    options.signal?.addEventListener("abort", onAbort, { once: true })
    options.signal?.throwIfAborted()
    return await work(client)
  } catch (error) {
    if (!(error instanceof AppError)) broken ||= isConnectionLoss(error)
    if (options.signal?.aborted) {
      broken = true
      throw options.signal.reason
    }
    throw translateError(error, options)
  } finally {
    options.signal?.removeEventListener("abort", onAbort)
    await stopping
    // Temporary tables, settings and advisory locks of this task must not meet the next one.
    if (!broken) await client.query("discard all").catch(onError)
    client.off("notice", onNotice)
    client.release(broken)
    if (!broken) client.off("error", onError)
  }
}

/** Backend process of a session, known only while it is lent out. */
const pids = new WeakMap<pg.PoolClient, number>()

async function settle(client: pg.PoolClient, options: SessionOptions): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(
    `select pg_backend_pid() as pid, set_config('application_name', $1, false), set_config('TimeZone', 'UTC', false),
            set_config('DateStyle', 'ISO, MDY', false), set_config('IntervalStyle', 'postgres', false),
            set_config('extra_float_digits', '1', false), set_config('bytea_output', 'hex', false)`,
    [options.applicationName],
  )
  return rows[0]!.pid
}

/** How long the server may take to end a session before our side closes the connection without it. */
const STOP_WAIT_MS = 5_000

/**
 * Ends the session on the server, and waits until it is gone: closing our side alone would leave a backend deep in a
 * statement at work, and cancelling alone would let the next statement of `work` begin.
 */
async function stop(pool: pg.Pool, client: pg.PoolClient): Promise<void> {
  const helper = new pg.Client(pool.options)
  helper.on("error", () => {})
  const ended = helper
    .connect()
    // The second argument came with PostgreSQL 14; older sources are not waited for.
    .then(() => helper.query("select pg_terminate_backend($1, $2)", [pids.get(client), STOP_WAIT_MS]))
    .catch(() => helper.query("select pg_terminate_backend($1)", [pids.get(client)]))
    .catch(() => {})
  // A server out of reach cannot be told; closing our side is all that is left to do then.
  await Promise.race([ended, delay(STOP_WAIT_MS, undefined, { ref: false })])
  const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection
  stream.destroy()
  helper.end().catch(() => {})
}

function isConnectionLoss(error: unknown): boolean {
  const translated = translateError(error, { connection: "" })
  return translated instanceof AppError && translated.code === "connection.failed"
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<Result>(
  client: pg.ClientBase,
  begin: "begin" | "begin isolation level repeatable read read only",
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query(begin)
  try {
    const result = await work()
    // Postgres answers COMMIT of a failed transaction with ROLLBACK and no error.
    const { command } = await client.query("commit")
    if (command === "ROLLBACK") throw new AppError("internal", "The transaction had failed and was rolled back.")
    return result
  } catch (error) {
    // A connection that is gone has rolled back by itself.
    await client.query("rollback").catch(() => {})
    throw error
  }
}
