import type pg from "pg"
import { withSession } from "./session.ts"

/** How much of a database's time somebody who looks at rows may take. */
const STATEMENT_TIMEOUT_MS = 5_000
/** Tables are swapped under a lock for a moment; whoever holds one for longer is not waited for. */
const LOCK_TIMEOUT_MS = 2_000

/**
 * Lends a session that can only read, in one snapshot, and whose statements end early, whatever they are.
 * `timeoutMs` is for work that somebody asked for and waits for.
 * @throws AppError `engine.timeout` and others, translated.
 */
export async function readBounded<Result>(
  pool: pg.Pool,
  connection: string,
  work: (client: pg.PoolClient) => Promise<Result>,
  given: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<Result> {
  const options = { connection, applicationName: "headrace-rows", ...(given.signal && { signal: given.signal }) }
  return withSession(pool, options, async (client) => {
    await client.query("begin isolation level repeatable read read only")
    try {
      await client.query("select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)", [
        String(given.timeoutMs ?? STATEMENT_TIMEOUT_MS),
        String(LOCK_TIMEOUT_MS),
      ])
      return await work(client)
    } finally {
      await client.query("rollback")
    }
  })
}
