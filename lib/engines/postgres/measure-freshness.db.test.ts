import assert from "node:assert/strict"
import { after, test } from "node:test"
import pg from "pg"
import type { DataProbe } from "#lib/domain/freshness/freshness-policy.ts"
import { createTestDatabase } from "#test/db.ts"
import { measureFreshness } from "./measure-freshness.ts"

const database = await createTestDatabase()
const pool = new pg.Pool({ connectionString: database.warehouseUrl, max: 2 })
after(async () => {
  await pool.end()
  await database.drop()
})
await pool.query(`
  create schema raw;
  create table raw.orders (id int, day date, at timestamptz, plain timestamp, state text, "Odd "" name" timestamptz);
  insert into raw.orders values
    (1, '2026-03-15', '2026-03-15T10:00:00Z', '2026-03-15T10:00:00', 'done', null),
    (2, '2026-03-16', '2026-03-16T10:00:00Z', '2026-03-16T10:00:00', 'draft', null);
  create table raw.empty (at timestamptz);
  create table raw.ahead (at timestamptz);
  insert into raw.ahead values ('2026-03-16T10:00:00Z'), ('2031-01-01T00:00:00Z');
  create table raw.odd (at timestamptz);
  insert into raw.odd values ('infinity'), ('-infinity');
`)

function measure(
  table: string,
  probe: Partial<DataProbe>,
  partitions: Parameters<typeof measureFreshness>[1]["partitions"] = null,
) {
  return measureFreshness(pool, {
    table,
    probe: { column: null, expression: null, filter: null, query: null, ...probe },
    partitions,
  })
}
const newestOf = async (table: string, probe: Partial<DataProbe>) =>
  (await measure(table, probe)).newest?.toISOString() ?? null

test("reads the newest value of any kind of time, as one of UTC where it has no zone", async () => {
  assert.equal(await newestOf("raw.orders", { column: "at" }), "2026-03-16T10:00:00.000Z")
  assert.equal(await newestOf("raw.orders", { column: "plain" }), "2026-03-16T10:00:00.000Z")
  assert.equal(await newestOf("raw.orders", { column: "day" }), "2026-03-16T00:00:00.000Z")
  assert.equal(await newestOf("raw.orders", { expression: "at + interval '1 hour'" }), "2026-03-16T11:00:00.000Z")
  assert.equal(await newestOf("raw.orders", { query: "select min(at) from raw.orders" }), "2026-03-15T10:00:00.000Z")
})

test("counts only the rows of the filter, whatever stands at its end", async () => {
  assert.equal(
    await newestOf("raw.orders", { column: "at", filter: "state = 'done' -- no drafts" }),
    "2026-03-15T10:00:00.000Z",
  )
  assert.equal(await newestOf("raw.orders", { column: "at", filter: "state = 'lost'" }), null)
})

test("finds nothing in an empty table and in a column of nulls", async () => {
  assert.deepEqual(await measure("raw.empty", { column: "at" }), { newest: null, future: null, presentKeys: [] })
  assert.equal(await newestOf("raw.orders", { column: 'Odd " name' }), null)
})

test("tells values from the future apart, and takes infinity for one", async () => {
  const { newest, future } = await measure("raw.ahead", { column: "at" })
  assert.deepEqual(
    [newest?.toISOString(), future?.toISOString()],
    ["2026-03-16T10:00:00.000Z", "2031-01-01T00:00:00.000Z"],
  )
  const odd = await measure("raw.odd", { column: "at" })
  assert.equal(odd.newest, null)
  assert.ok(odd.future! > new Date("9999-01-01"))
})

test("knows which partitions have rows; a date is a day of their zone", async () => {
  const day = (key: string, start: string) => ({
    key,
    start: new Date(start),
    end: new Date(Date.parse(start) + 86_400_000),
    dueAt: new Date(start),
  })
  const due = [
    day("2026-03-14", "2026-03-14T04:00:00Z"),
    day("2026-03-15", "2026-03-15T04:00:00Z"),
    day("2026-03-16", "2026-03-16T04:00:00Z"),
  ]
  const present = async (probe: Partial<DataProbe>) =>
    (await measure("raw.orders", probe, { due, timezone: "America/New_York" })).presentKeys
  assert.deepEqual(await present({ column: "at" }), ["2026-03-15", "2026-03-16"])
  assert.deepEqual(await present({ column: "day" }), ["2026-03-15", "2026-03-16"])
  assert.deepEqual(await present({ column: "day", filter: "state = 'done'" }), ["2026-03-15"])
})

test("changes nothing, whatever the author wrote", async () => {
  const probes: Partial<DataProbe>[] = [
    { column: "at", filter: "true); delete from raw.orders; select (true" },
    { query: "with gone as (delete from raw.orders returning at) select max(at) from gone" },
    { query: "select now()); commit; drop table raw.orders; select (now()" },
  ]
  for (const probe of probes) await assert.rejects(() => measure("raw.orders", probe))
  const { rows } = await pool.query("select count(*)::int as n from raw.orders")
  assert.equal(rows[0].n, 2)
})

test("says what is wrong with a table or column that is not there", async () => {
  await assert.rejects(() => measure("raw.missing", { column: "at" }), /raw\.missing/)
  await assert.rejects(() => measure("raw.orders", { column: "gone" }), /gone/)
  await assert.rejects(() => measure("raw.orders", { column: "state" }))
})
