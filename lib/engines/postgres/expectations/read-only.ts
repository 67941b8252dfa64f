import type pg from "pg"

/**
 * Runs `work` so that it can write nothing: in a transaction of its own that sees one state of the database, or, inside the
 * caller's, behind a savepoint that is read-only. (PostgreSQL documentation, "SET TRANSACTION": a subtransaction may be made
 * read-only, and its parent stays as it was.)
 */
export async function inReadOnly<Result>(
  client: pg.ClientBase,
  isInTransaction: boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  if (isInTransaction) {
    await client.query("savepoint headrace_read_only")
    await client.query("set local transaction_read_only = on")
  } else await client.query("begin isolation level repeatable read read only")
  try {
    await client.query(`set local work_mem = '${WORK_MEM_MB}MB'`)
    return await work()
  } finally {
    // Nothing was written; what went wrong is thrown on by the work itself.
    const end = isInTransaction ? "rollback to savepoint headrace_read_only" : "rollback"
    await client.query(end).catch(() => {})
    if (isInTransaction) await client.query("release savepoint headrace_read_only").catch(() => {})
  }
}

/** Groupings of a million keys stay in memory: with the server's usual 4 MB they take three times as long, on disk. */
const WORK_MEM_MB = 64
