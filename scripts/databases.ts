import pg from "pg"
import type { EmbeddedPostgres } from "./embedded-postgres.ts"
import { errorCode, messageOf, UserError } from "./user-error.ts"

/** On the embedded server each database belongs to a role of its own name, which sees no other database. */
const OWN_DATABASES = ["headrace", "warehouse", "shop"] as const

/** MERGE … RETURNING and the built-in UTF-8 locale came with it. */
const OLDEST_SERVER = 17

const UNDEFINED_DATABASE = "3D000"
const INSUFFICIENT_PRIVILEGE = "42501"
const CONNECT_TIMEOUT_MS = 5_000

/** Makes the roles and databases of the embedded server that are missing. */
export async function createOwnDatabases(server: EmbeddedPostgres): Promise<void> {
  await withClient(server.url("postgres"), async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database union all select 'role ' || rolname from pg_roles",
    )
    const existing = new Set(rows.map((row) => row.name))
    for (const name of OWN_DATABASES) {
      if (!existing.has(`role ${name}`)) {
        await client.query(`create role ${name} login password ${pg.escapeLiteral(server.passwordOf(name))}`)
      }
      if (!existing.has(name)) await client.query(`create database ${name} owner ${name}`)
      await client.query(`revoke all on database ${name} from public`)
    }
  })
}

/**
 * Makes sure that somebody's own server serves: reachable, recent enough, and the role may create tables. A missing
 * warehouse database is created when the role may.
 *
 * @throws UserError that says what to change; it names host and database, never the password.
 */
export async function checkServer(databaseUrl: string, warehouseUrl: string): Promise<void> {
  await explained(databaseUrl, "DATABASE_URL", async (client) => {
    const { rows } = await client.query<{ version: number; mayCreate: boolean }>(`
      select
        current_setting('server_version_num')::int / 10000 as version,
        has_database_privilege(current_database(), 'create') and has_schema_privilege('public', 'create') as "mayCreate"`)
    const [server] = rows
    if (server && server.version < OLDEST_SERVER) {
      throw new UserError(
        `The server of DATABASE_URL is PostgreSQL ${server.version}: Headrace needs ${OLDEST_SERVER} or later, or no DATABASE_URL for its own.`,
      )
    }
    if (!server?.mayCreate) {
      throw new UserError(
        `The role of DATABASE_URL may not create tables in ${nameOf(databaseUrl)}: make it the owner of that database.`,
      )
    }
  })
  try {
    await withClient(warehouseUrl, async () => {})
  } catch (error) {
    if (errorCode(error) !== UNDEFINED_DATABASE) throw explain(error, warehouseUrl, "HEADRACE_WAREHOUSE_URL")
    await createWarehouse(databaseUrl, warehouseUrl)
  }
}

async function createWarehouse(databaseUrl: string, warehouseUrl: string): Promise<void> {
  const name = databaseOf(warehouseUrl)
  const missing = `There is no database ${nameOf(warehouseUrl)} for the warehouse: create it, or name another in HEADRACE_WAREHOUSE_URL.`
  if (new URL(warehouseUrl).host !== new URL(databaseUrl).host) throw new UserError(missing)
  await withClient(databaseUrl, async (client) => {
    try {
      await client.query(`create database ${pg.escapeIdentifier(name)}`)
    } catch (error) {
      throw errorCode(error) === INSUFFICIENT_PRIVILEGE ? new UserError(missing, { cause: error }) : error
    }
  })
}

async function explained(url: string, variable: string, use: (client: pg.Client) => Promise<void>): Promise<void> {
  try {
    await withClient(url, use)
  } catch (error) {
    throw error instanceof UserError ? error : explain(error, url, variable)
  }
}

function explain(error: unknown, url: string, variable: string): UserError {
  const { host, username } = new URL(url)
  const code = errorCode(error)
  const reason = () => {
    switch (code) {
      case "ECONNREFUSED":
        return `nobody answers at ${host}: start that server, or correct ${variable}`
      case "ENOTFOUND":
      case "EAI_AGAIN":
        return `there is no host ${host}: correct ${variable}`
      case "28P01":
      case "28000":
        return `${host} refuses user "${decodeURIComponent(username)}": correct the name or password in ${variable}`
      case UNDEFINED_DATABASE:
        return `there is no database ${nameOf(url)}: create it, or correct ${variable}`
      default:
        return `${host} cannot be used (${messageOf(error) || code}): correct ${variable}`
    }
  }
  return new UserError(`The database of ${variable} is not reachable: ${reason()}.`, { cause: error })
}

async function withClient(url: string, use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on("error", () => {}) // The query that suffers reports it.
  try {
    await client.connect()
    await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}

function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

function nameOf(url: string): string {
  return `"${databaseOf(url)}" on ${new URL(url).host}`
}
