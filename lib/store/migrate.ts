import { createHash, randomUUID } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import type pg from "pg"
import { QuietClient } from "./quiet-client.ts"

/** The key under which `prisma migrate` itself takes its advisory lock, so that the two never run at once. */
const PRISMA_MIGRATE_LOCK = 72707369

const MIGRATIONS_DIR = path.resolve(import.meta.dirname, "../../prisma/migrations")

export interface Migration {
  name: string
  sql: string
  /** SHA-256 of the file, as Prisma records it. */
  checksum: string
}

/**
 * Brings the metadata schema up to date and returns the names of the migrations it applied. Safe for any number of
 * processes at once; each migration runs in one transaction; the history is Prisma's own table, so that
 * `prisma migrate status` agrees.
 *
 * @throws Error naming a migration that failed now or earlier, was edited after it was applied, or is unknown to this build.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new QuietClient({ connectionString: databaseUrl, application_name: "headrace-migrate" })
  await client.connect()
  try {
    await client.query("select pg_advisory_lock($1)", [PRISMA_MIGRATE_LOCK])
    const pending = await pendingMigrations(client, await readMigrations())
    for (const migration of pending) await apply(client, migration)
    return pending.map((migration) => migration.name)
  } finally {
    await client.end()
  }
}

/** Every migration of this build, in the order in which they apply. */
export async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(MIGRATIONS_DIR, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(MIGRATIONS_DIR, name, "migration.sql"), "utf8")
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") }
    }),
  )
}

async function pendingMigrations(client: pg.Client, migrations: Migration[]): Promise<Migration[]> {
  await client.query(`
    create table if not exists _prisma_migrations (
      id varchar(36) primary key not null,
      checksum varchar(64) not null,
      finished_at timestamptz,
      migration_name varchar(255) not null,
      logs text,
      rolled_back_at timestamptz,
      started_at timestamptz not null default now(),
      applied_steps_count integer not null default 0
    )`)
  const { rows } = await client.query<{ name: string; checksum: string; isFinished: boolean; logs: string | null }>(`
    select migration_name as name, checksum, finished_at is not null as "isFinished", logs
    from _prisma_migrations
    where rolled_back_at is null`)
  const byName = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const row of rows) {
    if (!row.isFinished) {
      throw new Error(
        `Migration ${row.name} failed earlier (${row.logs ?? "no message"}): ` +
          `mend the database, then run "npx prisma migrate resolve --rolled-back ${row.name}".`,
      )
    }
    const migration = byName.get(row.name)
    if (!migration) {
      throw new Error(`The database is newer than this build: it has migration ${row.name}. Update Headrace.`)
    }
    if (migration.checksum !== row.checksum) {
      throw new Error(
        `Migration ${row.name} was edited after it was applied: restore the file and add a new migration.`,
      )
    }
  }
  const applied = new Set(rows.map((row) => row.name))
  return migrations.filter((migration) => !applied.has(migration.name))
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID()
  await client.query("insert into _prisma_migrations (id, checksum, migration_name) values ($1, $2, $3)", [
    id,
    checksum,
    name,
  ])
  try {
    // The simple protocol runs the whole script as one implicit transaction.
    await client.query(sql)
  } catch (error) {
    await client.query("update _prisma_migrations set logs = $2 where id = $1", [id, String(error)])
    throw new Error(`Migration ${name} failed and was rolled back: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
  await client.query("update _prisma_migrations set finished_at = now(), applied_steps_count = 1 where id = $1", [id])
}
