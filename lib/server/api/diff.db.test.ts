import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { DiffRequest, TableDiffView } from "#lib/contracts/api/diff.ts"
import { TestApi } from "#test/api-client.ts"
import { makeDataset } from "#test/factories.ts"
import { waitFor } from "#test/spawn-worker.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
  await t.warehouse.query(
    `create schema prod; create schema dev;
     create table prod.people (id int primary key, name text, email text, old int);
     create table dev.people (id bigint primary key, name text, email text, new int);
     insert into prod.people values (1, 'Ann', 'a@x', 1), (2, 'Bob', 'b@x', 1), (3, 'Cy', 'c@x', 1);
     insert into dev.people values (1, 'Ann', 'changed@x', 1), (2, 'Rob', 'b@x', 1), (4, 'Di', 'd@x', 1);
     create table prod.log (at int, what text)`,
  )
  await makeDataset(t.store.pool, { id: "warehouse.prod.people" })
  const { rows } = await t.store.pool.query<{ id: string }>(
    `insert into dataset_document (dataset_id, hash, document)
     values ('warehouse.prod.people', 'x', $1) returning id`,
    [
      JSON.stringify({
        isBuilt: true,
        kind: "model",
        columns: [{ name: "email", type: null, description: "", tags: ["pii"], isCleared: false }],
      }),
    ],
  )
  await t.store.pool.query("update dataset set document_id = $1 where id = 'warehouse.prod.people'", [rows[0]!.id])
})
after(() => t.close())

const PEOPLE = { left: { dataset: "warehouse.prod.people" }, right: { dataset: "warehouse.dev.people" } }
const diff = (request: Partial<DiffRequest>) => t.post<TableDiffView>("/diff", { ...PEOPLE, ...request })

test("compares by the primary key what both sides have, and masks what is personal", async () => {
  const found = await diff({})
  assert.deepEqual(
    [found.keys, found.rows, found.onlyLeft, found.onlyRight, found.changed, found.isEqual],
    [["id"], { left: 3, right: 3 }, 1, 1, 2, false],
  )
  assert.deepEqual(
    found.columns.map(({ name, changed, maskedBy }) => [name, changed, maskedBy]),
    [
      ["name", 1, null],
      ["email", 1, "pii"],
    ],
  )
  assert.deepEqual([found.columnsOnlyLeft, found.columnsOnlyRight], [["old"], ["new"]])
  const changes = found.samples.flatMap(({ key, values }) => values.map(({ left, right }) => [key[0], left, right]))
  assert.deepEqual(changes, [
    ["1", "•••", "•••"],
    ["2", "Bob", "Rob"],
  ])
  assert.doesNotMatch(JSON.stringify(found), /@x/)
})

test("compares parts of tables and named columns", async () => {
  const where = [{ column: "id", value: "1" }]
  const one = { left: { ...PEOPLE.left, where }, right: { ...PEOPLE.right, where } }
  const found = await diff({ ...one, columns: ["name"] })
  assert.deepEqual([found.rows, found.isEqual], [{ left: 1, right: 1 }, true])
})

test("says what is wrong with a comparison that cannot be made", async () => {
  const refused = async (request: Partial<DiffRequest>) => {
    const response = await t.send("/diff", { ...PEOPLE, ...request })
    return [response.status, ((await response.json()) as { detail: string }).detail]
  }
  const log = { dataset: "warehouse.prod.log" }
  assert.deepEqual(await refused({ left: log, right: log }), [
    400,
    "prod.log has no primary key that both sides have; name the columns that tell rows apart.",
  ])
  assert.deepEqual(await refused({ keys: ["no"] }), [400, "There is no column no in prod.people."])
  const guess = { ...PEOPLE.left, where: [{ column: "email", value: "a@x" }] }
  assert.deepEqual(await refused({ left: guess }), [400, "email is masked, so rows are not chosen by it."])
  assert.deepEqual(await refused({ right: { dataset: "warehouse.dev.none" } }), [
    404,
    "The warehouse has no table dev.none.",
  ])
  assert.equal((await refused({ left: { ...PEOPLE.left, asOf: "2026-01-01T00:00:00Z" } }))[0], 422)
})

test("stops on the server when nobody waits for the answer any more", async () => {
  await t.warehouse.query(
    `create table prod.slow (id int primary key, v int); insert into prod.slow values (1, 1);
     create function prod.slowly(v int) returns int language sql volatile as 'select v from pg_sleep(30)';
     create view dev.slow as select id, prod.slowly(v) as v from prod.slow`,
  )
  const waiting = new AbortController()
  const slow = { left: { dataset: "warehouse.prod.slow" }, right: { dataset: "warehouse.dev.slow" } }
  const answer = t.request("/diff", {
    method: "POST",
    body: JSON.stringify(slow),
    headers: { "content-type": "application/json" },
    signal: waiting.signal,
  })
  const atWork = async () => {
    const { rows } = await t.store.pool.query(
      `select from pg_stat_activity where application_name = 'headrace-rows' and state = 'active' and wait_event = 'PgSleep'`,
    )
    return rows.length
  }
  await waitFor(t.database.url, "the statement to be at work", async () => (await atWork()) === 1)
  waiting.abort()
  assert.equal((await answer).status, 499)
  assert.equal(await atWork(), 0)
})
