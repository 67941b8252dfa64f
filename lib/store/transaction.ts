import type pg from "pg"

/** What runs SQL: the pool for single statements, or a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>
}

/** An open transaction. Its statements are prepared once a connection: the same few run thousands of times a second. */
export interface Transaction extends Queryable {
  readonly isTransaction: true
}

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
    const result = await work({
      isTransaction: true,
      query: (text, values = []) => client.query({ name: statementName(text), text, values }),
    })
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

const names = new Map<string, string>()

/** A name for a statement's text. Texts are constants of this code base and of pg-boss, so there are a few dozen. */
function statementName(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = `h${names.size}`
    names.set(text, name)
  }
  return name
}
