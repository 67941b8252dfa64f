import pg from "pg"
import { quoteIdentifier } from "./quote-identifier.ts"
import { SQL_STATE } from "./sql-state.ts"

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Creates the database that the URL names where it is missing, through the server's database `postgres`. Safe for several
 * processes. Errors are the driver's: a role without the right to create databases sees that the database is missing.
 */
export async function ensureDatabase(url: string): Promise<void> {
  const missing = await connectOnce(url).catch((error: unknown) => error)
  if (missing === undefined) return
  if (!hasState(missing, SQL_STATE.unknownDatabase)) throw missing
  const database = decodeURIComponent(new URL(url).pathname.slice(1))
  const maintenance = new URL(url)
  maintenance.pathname = "/postgres"
  await connectOnce(maintenance.href, (client) => client.query(`create database ${quoteIdentifier(database)}`)).catch(
    (error: unknown) => {
      // Another process was first: by a moment (42P04), or at the same one (23505 on pg_database).
      if (hasState(error, SQL_STATE.duplicateDatabase) || hasState(error, SQL_STATE.uniqueViolation)) return
      throw hasState(error, SQL_STATE.insufficientPrivilege) ? missing : error
    },
  )
}

async function connectOnce(url: string, use?: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on("error", () => {})
  try {
    await client.connect()
    await use?.(client)
  } finally {
    await client.end().catch(() => {})
  }
}

function hasState(error: unknown, state: string): boolean {
  return error instanceof pg.DatabaseError && error.code === state
}
