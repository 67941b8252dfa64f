import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import pg from "pg"
import { bindParameters } from "#lib/engines/postgres/bind-parameters.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { traceScriptLineage } from "./script-lineage.ts"

let database: TestDatabase
let client: pg.Client
before(async () => {
  database = await createTestDatabase()
  client = new pg.Client(database.warehouseUrl)
  await client.connect()
  await client.query(
    "create schema raw; create schema mart; create table raw.people (id int, email text, city text); create table mart.people (id int, contact text)",
  )
})
after(async () => {
  await client.end()
  await database.drop()
})

/** `column: sources` of each table that the script filled. */
async function trace(source: string, tables: string[]): Promise<Record<string, string[]>> {
  const statements = await bindParameters(source, { day: "2026-01-01" }, { file: "text" })
  const traced = await traceScriptLineage(client, { source, statements, tables })
  return Object.fromEntries(
    traced.map(({ dataset, lineage }) => [
      dataset,
      (lineage?.columns ?? []).map(
        ({ name, sources }) => `${name}: ${sources.map(({ relation, column }) => `${relation}.${column}`).join(", ")}`,
      ),
    ]),
  )
}

test("a table that is built beside and swapped in keeps the lineage it was built with", async () => {
  const source = `create table mart.people__next as select id, lower(email) as contact from raw.people where city = :day;
    drop table if exists mart.people;
    alter table mart.people__next rename to people;
    analyze mart.people`
  assert.deepEqual(await trace(source, ["mart.people"]), {
    "warehouse.mart.people": ["id: warehouse.raw.people.id", "contact: warehouse.raw.people.email"],
  })
})

test("what was there before a table was emptied no longer counts, and several inserts do together", async () => {
  const source = `insert into mart.people select id, city from raw.people;
    truncate mart.people;
    insert into mart.people (id) select id from raw.people;
    insert into mart.people (id, contact) select 1, email from raw.people`
  assert.deepEqual(await trace(source, ["mart.people"]), {
    "warehouse.mart.people": ["id: warehouse.raw.people.id", "contact: warehouse.raw.people.email"],
  })
})

test("a later statement reads what an earlier one made", async () => {
  const source = `create table mart.step as select id as key, email as mail from raw.people;
    create table mart.last as select * from mart.step`
  assert.deepEqual((await trace(source, ["mart.last"]))["warehouse.mart.last"], [
    "key: warehouse.mart.step.key",
    "mail: warehouse.mart.step.mail",
  ])
})

test("scripts that fill none of the tables have no lineage", async () => {
  assert.deepEqual(await trace("select 1", ["mart.people"]), {})
  assert.deepEqual(await trace("create table mart.other (id int)", ["mart.other"]), {})
})
