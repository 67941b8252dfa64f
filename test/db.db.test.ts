import assert from "node:assert/strict"
import { test } from "node:test"
import { createTestDatabase } from "./db.ts"

test("a test database is migrated, empty and gone after drop", async () => {
  const database = await createTestDatabase()
  const { rows } = await database.pool.query<{ runs: number }>("select count(*)::int as runs from run")
  assert.equal(rows[0]?.runs, 0)
  await database.drop()
  await assert.rejects(() => database.pool.query("select 1"))
})

test("two test databases do not see each other", async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()])
  await one.pool.query("create table only_here ()")
  const { rows } = await other.pool.query<{ found: string | null }>("select to_regclass('only_here') as found")
  assert.equal(rows[0]?.found, null)
  await one.drop()
})
