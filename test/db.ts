import { spawn } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { once } from "node:events"
import path from "node:path"
import pg from "pg"
import { withDatabase } from "#lib/server/config.ts"
import { migrate, readMigrations } from "#lib/store/migrate.ts"
import { testServerUrl } from "./database-server.ts"

export interface TestDatabase {
  /** Migrated metadata, with nothing in it. */
  url: string
  /** An empty database of its own. */
  warehouseUrl: string
  /** On `url`. */
  pool: pg.Pool
  /** Ends `pool` and every other session, and drops the two databases and those of `createDatabase`. */
  drop(): Promise<void>
}

/** Names in `postgres` are shared by test processes; the lock's key is arbitrary but fixed. */
const TEMPLATE_LOCK = 4_071_991

const created: string[] = []

/**
 * A metadata database and a warehouse for one test file, on the server of HEADRACE_TEST_DATABASE_URL, or else on one that
 * is started when it is first needed and ends by itself. A copy of a migrated template, so it costs tens of milliseconds.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const [url, warehouseUrl] = await Promise.all([
    createFrom(await templateName(), "headrace"),
    createFrom("template0", "warehouse"),
  ])
  const pool = new pg.Pool({ connectionString: url })
  pool.on("error", () => {}) // A test may end the server's sessions; its own queries report that.
  return {
    url,
    warehouseUrl,
    pool,
    async drop() {
      await pool.end()
      await dropDatabases()
    },
  }
}

/** URL of a new empty database, for a source or a further warehouse; its name ends in `label`. `drop()` drops it too. */
export async function createDatabase(label = "source"): Promise<string> {
  return createFrom("template0", label)
}

async function createFrom(template: string, label = "test"): Promise<string> {
  const name = `t_${process.pid}_${randomBytes(5).toString("hex")}_${label}`
  await withServer((client) => client.query(`create database ${name} template ${template}`))
  created.push(name)
  return withDatabase(await serverUrl(), name)
}

async function dropDatabases(): Promise<void> {
  const names = created.splice(0)
  await withServer(async (client) => {
    for (const name of names) await client.query(`drop database if exists ${name} with (force)`)
  })
}

let template: Promise<string> | undefined
/** The database that holds the migrations of this build: made once for each set of migrations. */
function templateName(): Promise<string> {
  template ??= withServer(async (client) => {
    const migrations = await readMigrations()
    const digest = createHash("sha256")
      .update(migrations.map((migration) => migration.checksum).join())
      .digest("hex")
    const name = `headrace_template_${digest.slice(0, 16)}`
    await client.query("select pg_advisory_lock($1)", [TEMPLATE_LOCK])
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name])
    if (rowCount === 0) {
      const partial = `${name}_new`
      await client.query(`drop database if exists ${partial} with (force)`)
      await client.query(`create database ${partial} template template0`)
      await migrate(withDatabase(await serverUrl(), partial))
      await client.query(`alter database ${partial} rename to ${name}`)
    }
    await client.query("select pg_advisory_unlock($1)", [TEMPLATE_LOCK])
    return name
  })
  return template
}

async function withServer<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(await serverUrl())
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

let server: Promise<string> | undefined
function serverUrl(): Promise<string> {
  server ??= findServer()
  return server
}

async function findServer(): Promise<string> {
  const given = process.env.HEADRACE_TEST_DATABASE_URL
  if (given) return given
  // A server that another test process is just starting or ending refuses: look again.
  for (let attempt = 1; attempt <= 20; attempt++) {
    const url = testServerUrl()
    if (url && (await answers(url))) return url
    await startServer()
  }
  throw new Error("The test database does not answer: see .headrace/test-postgres/postgres.log.")
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

/**
 * Resolves when the server is ready, or when its program ended because another process has one already.
 * @throws Error when it cannot start, with what it said.
 */
async function startServer(): Promise<void> {
  const program = path.join(import.meta.dirname, "database-server.ts")
  const child = spawn(process.execPath, [program], { detached: true, stdio: ["ignore", "pipe", "pipe"] })
  let complaint = ""
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk
  })
  const [outcome] = (await Promise.race([once(child.stdout, "data"), once(child, "close")])) as [Buffer | number]
  // It outlives this process, which must not wait for it or hold its streams.
  child.stdout.destroy()
  child.stderr.destroy()
  child.unref()
  if (typeof outcome === "number" && outcome !== 0) throw new Error(`The test database did not start: ${complaint}`)
}
