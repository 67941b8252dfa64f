import type pg from "pg"

/** A pool for single statements, or a client inside a transaction. */
export type Queryable = Pick<pg.ClientBase, "query"> | Pick<pg.Pool, "query">
export type Transaction = pg.PoolClient

/**
 * Runs `work` in one READ COMMITTED transaction; commits what it returns, rolls back what it throws. A client whose
 * connection broke is thrown away, not put back.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error) => {
    broken = error
  }
  client.on("error", onError)
  try {
    await client.query("begin")
    const result = await work(client)
    await client.query("commit")
    return result
  } catch (error) {
    await client.query("rollback").catch((rollbackError: Error) => {
      broken = rollbackError
    })
    throw error
  } finally {
    client.off("error", onError)
    client.release(broken)
  }
}
