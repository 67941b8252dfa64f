import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { setInterval } from "node:timers/promises"
import pg from "pg"
import { startEmbeddedPostgres } from "../scripts/embedded-postgres.ts"
import { lockFolder } from "../scripts/folder-lock.ts"

/**
 * A program: keeps one PostgreSQL for database tests running while any test is connected, and ends a minute after the
 * last. test/db.ts starts it when no server answers. Durability is off: what a test needs outlives no crash.
 */
const FOLDER = path.resolve(import.meta.dirname, "../.headrace/test-postgres")
const URL_FILE = path.join(FOLDER, "url")
const IDLE_MS = 60_000
const LOOK_EVERY_MS = 5_000

/** URL of the running test server, which may have ended since; null when none has run yet. */
export function testServerUrl(): string | null {
  try {
    return readFileSync(URL_FILE, "utf8")
  } catch {
    return null
  }
}

if (import.meta.main) await keepServer()

async function keepServer(): Promise<void> {
  const result = await lockFolder(FOLDER, "test-postgres")
  if (result.kind === "held") return
  const server = await startEmbeddedPostgres(path.join(FOLDER, "data"), {
    logFile: path.join(FOLDER, "postgres.log"),
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" },
  })
  const url = server.url("postgres")
  await dropLeftovers(url)
  writeFileSync(URL_FILE, url, { mode: 0o600 })
  process.stdout.write("ready\n")
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void server.stop().then(() => process.exit(0)))
  }
  void server.failed.then(() => process.exit(1))

  let lastUse = Date.now()
  for await (const _ of setInterval(LOOK_EVERY_MS)) {
    if (await isUsed(url)) lastUse = Date.now()
    else if (Date.now() - lastUse > IDLE_MS) break
  }
  result.lock.release()
  await server.stop()
}

async function isUsed(url: string): Promise<boolean> {
  return withClient(url, async (client) => {
    const { rowCount } = await client.query(
      "select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1",
    )
    return rowCount === 1
  })
}

/** Databases of test processes that were killed before they could drop their own. */
async function dropLeftovers(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where datname like 't\\_%'",
    )
    for (const { name } of rows) await client.query(`drop database ${pg.escapeIdentifier(name)} with (force)`)
  })
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
