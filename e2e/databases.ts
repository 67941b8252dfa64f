import pg from "pg"
import { readRunningState } from "#lib/server/running-state.ts"
import { given } from "./given.ts"

/** Databases that the product under test works with, by the variable that names them. */
export type DatabaseName = "HEADRACE_CONNECTION_SHOP" | "HEADRACE_WAREHOUSE_URL"

/** Connects as the product itself does. Close it with `end`. */
export async function connect(name: DatabaseName): Promise<pg.Client> {
  const url = readRunningState(given("HEADRACE_E2E_HOME"))?.environment[name]
  if (!url) throw new Error(`The product under test has no ${name}.`)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

/** The rows of one statement, on a connection of its own. */
export async function query(name: DatabaseName, text: string): Promise<Record<string, unknown>[]> {
  const client = await connect(name)
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}
