import assert from "node:assert/strict"
import { after, test } from "node:test"
import pg from "pg"
import type { ColumnProfile } from "#lib/contracts/api/profiles.ts"
import { createTestDatabase } from "#test/db.ts"
import { profileTable } from "./profile-table.ts"

const database = await createTestDatabase()
const client = new pg.Client({ connectionString: database.warehouseUrl })
await client.connect()
after(async () => {
  await client.end()
  await database.drop()
})
await client.query(`
  set time zone 'UTC';
  create schema shop;
  create domain shop.price as numeric(10, 2);
  create type shop.mood as enum ('sad', 'glad');
  create table shop.orders (
    id bigint, amount shop.price, ratio float8, note text, mood shop.mood, at timestamptz, day date, paid boolean,
    doc json, "Odd "" name; drop" uuid, email text);
  insert into shop.orders
  select i, case when i % 10 = 0 then null else (i % 4)::numeric end,
    case i when 1 then 'NaN' when 2 then 'Infinity' when 3 then 1e300 else i / 100.0 end,
    case when i % 5 = 0 then '' else repeat('x', i % 3 + 1) end,
    (case when i % 2 = 0 then 'sad' else 'glad' end)::shop.mood,
    case when i = 100 then 'infinity' else '2026-03-01T00:00:00Z'::timestamptz + i * interval '1 hour' end,
    '2026-03-01'::date + (i % 7), i % 4 = 0, '{"a":1}', '00000000-0000-0000-0000-000000000001',
    'person' || i || '@example.com'
  from generate_series(1, 100) as i;
  create table shop.nothing (a int, b text);
  create table shop.bare ();
  create view shop.open_orders as select id, amount from shop.orders where not paid;
  create table shop.large as select i as id, i % 7 as few, md5(i::text) || repeat('y', 600) as long
    from generate_series(1, 120000) as i;
  analyze shop.large;
`)

const profile = (table: string, sample: number | null = 100_000, masked: string[] = []) =>
  profileTable(client, { table, sample, isMasked: (name) => masked.includes(name), timeoutMs: 20_000 })
const columnsOf = async (table: string, masked: string[] = []) =>
  new Map((await profile(table, 100_000, masked)).columns.map((column) => [column.name, column]))

test("measures numbers, and counts what has no place among them", async () => {
  const columns = await columnsOf("shop.orders")
  const id = columns.get("id")!
  assert.deepEqual(
    [id.kind, id.nulls, id.distinct, id.once, id.smallest, id.largest],
    ["number", 0, 100, 100, "1", "100"],
  )
  assert.deepEqual(id.measures!.quantiles, [5, 25, 50, 75, 95])
  assert.deepEqual(id.measures!.histogram, Array(20).fill(5))
  assert.ok(Math.abs(id.measures!.mean - 50.5) < 1e-9 && Math.abs(id.measures!.stdev - Math.sqrt(833.25)) < 1e-9)
  const amount = columns.get("amount")!
  assert.deepEqual([amount.type, amount.nulls, amount.distinct, amount.empty], ["numeric(10,2)", 10, 4, 20])
  assert.deepEqual(amount.top[0], { value: "1.00", count: 25 })
  const ratio = columns.get("ratio")!
  assert.deepEqual([ratio.unmeasured, ratio.smallest, ratio.largest, ratio.nulls], [3, "0.04", "1", 0])
})

test("looks at texts by their lengths and at times by their instants", async () => {
  const columns = await columnsOf("shop.orders")
  const note = columns.get("note")!
  assert.deepEqual(
    [note.kind, note.empty, note.measures!.min, note.measures!.max, note.distinct],
    ["text", 20, 0, 3, 4],
  )
  assert.equal(columns.get("mood")!.kind, "text")
  const at = columns.get("at")!
  assert.deepEqual([at.kind, at.unmeasured, at.smallest], ["time", 1, "2026-03-01 01:00:00+00"])
  assert.equal(at.measures!.max, Date.parse("2026-03-05T03:00:00Z") / 1_000)
  assert.equal(columns.get("day")!.largest, "2026-03-07")
})

test("counts booleans and values of types that have no order or equality", async () => {
  const columns = await columnsOf("shop.orders")
  const paid = columns.get("paid")!
  assert.deepEqual(paid.top, [
    { value: "false", count: 75 },
    { value: "true", count: 25 },
  ])
  assert.deepEqual([paid.measures, paid.unmeasured], [null, 0])
  assert.deepEqual([columns.get("doc")!.distinct, columns.get("doc")!.smallest], [1, null])
  assert.equal(columns.get('Odd " name; drop')!.distinct, 1)
})

test("tells of masked columns how full and how different they are, and no value", async () => {
  const columns = await columnsOf("shop.orders", ["email", "amount"])
  const hidden: Partial<ColumnProfile> = { smallest: null, largest: null, measures: null, top: [], empty: null }
  for (const name of ["email", "amount"]) assert.deepEqual({ ...columns.get(name)!, ...hidden }, columns.get(name))
  assert.deepEqual([columns.get("email")!.distinct, columns.get("amount")!.nulls], [100, 10])
  assert.doesNotMatch(JSON.stringify([...columns.values()]), /example\.com/)
})

test("says nothing of values where there are no rows or no columns", async () => {
  const nothing = await profile("shop.nothing")
  assert.deepEqual([nothing.rowsRead, nothing.rowsTotal, nothing.method], [0, 0, "all"])
  const facts = nothing.columns.map(({ distinct, nulls, measures, smallest }) => ({
    distinct,
    nulls,
    measures,
    smallest,
  }))
  assert.deepEqual(facts, Array(2).fill({ distinct: 0, nulls: 0, measures: null, smallest: null }))
  assert.deepEqual((await profile("shop.bare")).columns, [])
})

test("reads a bounded sample of a large table, says of how many, and estimates what is different in all", async () => {
  const sampled = await profile("shop.large", 2_000)
  assert.equal(sampled.method, "random")
  assert.ok(sampled.rowsRead > 500 && sampled.rowsRead <= 2_000, String(sampled.rowsRead))
  assert.equal(sampled.isTotalExact, false)
  assert.ok(Math.abs(sampled.rowsTotal! - 120_000) < 6_000, String(sampled.rowsTotal))
  const [id, few] = sampled.columns
  assert.equal(id!.distinctEstimate, sampled.rowsTotal)
  assert.deepEqual([few!.distinct, few!.distinctEstimate], [7, 7])
})

test("reads all rows when told to, and a table that fits into the sample", async () => {
  const whole = await profile("shop.large", null)
  assert.deepEqual([whole.method, whole.rowsRead, whole.rowsTotal, whole.isTotalExact], ["all", 120_000, 120_000, true])
  assert.deepEqual([whole.columns[0]!.distinct, whole.columns[0]!.distinctEstimate], [120_000, null])
  assert.equal((await profile("shop.orders", 100)).method, "all")
})

test("takes the first rows of a view, and knows when these were all", async () => {
  const whole = await profile("shop.open_orders", 1_000)
  assert.deepEqual([whole.method, whole.rowsRead, whole.rowsTotal], ["all", 75, 75])
  const cut = await profile("shop.open_orders", 10)
  assert.deepEqual([cut.method, cut.rowsRead, cut.isTotalExact], ["first", 10, false])
})

test("ends a statement that takes too long, and refuses a table that is not there", async () => {
  const slow = profileTable(client, { table: "shop.large", sample: null, isMasked: () => false, timeoutMs: 1 })
  await assert.rejects(slow, /statement timeout/)
  await assert.rejects(profile("shop.missing"), { code: "dataset.not_found" })
})
