import assert from "node:assert/strict"
import { after, test } from "node:test"
import pg from "pg"
import { createDatabase, createTestDatabase } from "#test/db.ts"
import { migrate, readMigrations } from "./migrate.ts"

const database = await createTestDatabase()
after(() => database.drop())

test("of several processes that migrate at once one applies each migration", async () => {
  const url = await createDatabase("migrated")
  const applied = await Promise.all([migrate(url), migrate(url), migrate(url)])
  const names = (await readMigrations()).map((migration) => migration.name)
  assert.deepEqual(applied.flat(), names)
  assert.deepEqual(await migrate(url), [])
})

test("a migration that was edited after it was applied is refused", async () => {
  const url = await createDatabase("edited")
  await migrate(url)
  await query(url, "update _prisma_migrations set checksum = 'of another text'")
  await assert.rejects(() => migrate(url), /was edited after it was applied: restore the file/)
})

test("a database that is newer than this build is refused", async () => {
  const url = await createDatabase("newer")
  await migrate(url)
  await query(
    url,
    `insert into _prisma_migrations (id, checksum, finished_at, migration_name)
     values ('x', 'x', now(), '9999_from_the_future')`,
  )
  await assert.rejects(() => migrate(url), /newer than this build: it has migration 9999_from_the_future/)
})

test("a migration that failed earlier is named with what it said", async () => {
  const url = await createDatabase("failed")
  await migrate(url)
  await query(url, "update _prisma_migrations set finished_at = null, logs = 'out of luck'")
  await assert.rejects(() => migrate(url), /failed earlier \(out of luck\)/)
})

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(text)
  await client.end()
}
