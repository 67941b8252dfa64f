import type pg from "pg"

/** What runs SQL: the pool for single statements, or a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>
}

/** An open transaction. Its statements are prepared once a connection: the same few run thousands of times a second. */
export interface Transaction extends Queryable {
  readonly isTransaction: true
  /**
   * Adds to what is done once, after all else and before the commit. For what many steps of one transaction have in common:
   * one statement instead of many, and locks that are to be taken last are.
   */
  atEnd<Item>(step: LastStep<Item>, items: readonly Item[]): void
}

/** Work over all items that a transaction's steps gathered for it. Declared once, as a constant. */
export interface LastStep<Item> {
  /** Smaller ranks run first; a step may add to itself or to a larger rank. */
  rank: number
  run(transaction: Transaction, items: Item[]): Promise<void>
}

export function isTransaction(queryable: Queryable): queryable is Transaction {
  return "isTransaction" in queryable
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
    const gathered = new Map<LastStep<unknown>, unknown[]>()
    const transaction: Transaction = {
      isTransaction: true,
      query: (text, values = []) => client.query(prepared(text, values)),
      atEnd: (step, items) => gather(gathered, step as LastStep<unknown>, items),
    }
    const result = await work(transaction)
    await runLastSteps(transaction, gathered)
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

/** The pool for single statements that run often: each connection parses them once. */
export function preparedOn(pool: pg.Pool): Queryable {
  return { query: (text, values = []) => pool.query(prepared(text, values)) }
}

function prepared(text: string, values: unknown[]): pg.QueryConfig {
  return { name: statementName(text), text, values }
}

function gather(gathered: Map<LastStep<unknown>, unknown[]>, step: LastStep<unknown>, items: readonly unknown[]): void {
  if (items.length === 0) return
  const known = gathered.get(step)
  if (known) known.push(...items)
  else gathered.set(step, [...items])
}

async function runLastSteps(transaction: Transaction, gathered: Map<LastStep<unknown>, unknown[]>): Promise<void> {
  while (gathered.size > 0) {
    const step = [...gathered.keys()].reduce((first, other) => (other.rank < first.rank ? other : first))
    const items = gathered.get(step)!
    gathered.delete(step)
    await step.run(transaction, items)
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
