import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import pg from "pg"
import type { ColumnMetric } from "#lib/domain/anomaly/metric.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { measureTable } from "./measure-table.ts"

let database: TestDatabase
let pool: pg.Pool
before(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.warehouseUrl, max: 2 })
  await pool.query(`
    create schema raw;
    create type raw.size as enum ('s', 'm');
    create table raw.things (id bigint, "Odd "" name" numeric(10,2), at timestamptz, day date, name varchar(20), ok boolean,
      size raw.size, price money, doc json, near float8);
    insert into raw.things values
      (1, 10, '1970-01-02 00:00+00', '1970-01-03', 'ab', true, 's', 3, '{}', 'NaN'),
      (2, null, null, null, 'abcd', false, 's', 4, '{}', 1),
      (3, 20, 'infinity', null, null, null, 'm', null, null, null);
    create table raw.nothing (id bigint, at date)`)
})
after(async () => {
  await pool.end()
  await database.drop()
})

async function measured(table: string, columns: Record<string, ColumnMetric[] | null>) {
  const asked = { table, columns: new Map(Object.entries(columns)), countRows: true }
  const { values, ...rest } = await measureTable(pool, asked)
  return { ...rest, values: values.map(({ column, metric, value }) => `${column} ${metric} ${+value.toFixed(3)}`) }
}

test("measures what is usual for each type, in numbers", async () => {
  const { values, rowCount, columns } = await measured("raw.things", {
    'Odd " name': null,
    day: null,
    name: null,
    ok: null,
    size: null,
    price: null,
    doc: null,
  })
  assert.equal(rowCount, 3)
  assert.equal(columns.length, 10)
  assert.deepEqual(values, [
    'Odd " name null_share 0.333',
    'Odd " name distinct 2',
    'Odd " name min 10',
    'Odd " name max 20',
    'Odd " name mean 15',
    'Odd " name stdev 7.071',
    "day null_share 0.667",
    "day min 172800",
    "day max 172800",
    "name null_share 0.333",
    "name distinct 2",
    "name mean_length 3",
    "ok null_share 0.333",
    "ok mean 0.5",
    "size null_share 0",
    "size distinct 2",
    "size mean_length 1",
    "price null_share 0.333",
    "price distinct 2",
    "doc null_share 0.333",
  ])
})

test("leaves out what has no finite value, and says what cannot be measured", async () => {
  const { values, skipped } = await measured("raw.things", {
    at: ["min", "max"],
    near: ["mean", "null_share"],
    name: ["mean"],
    gone: null,
  })
  assert.deepEqual(values, ["at min 86400", "near null_share 0.333"])
  assert.deepEqual(skipped, ["name has no mean.", "There is no column gone."])
})

test("an empty table has no rows, and nothing else", async () => {
  const { values, rowCount } = await measured("raw.nothing", { id: null, at: null })
  assert.deepEqual([rowCount, values], [0, ["id distinct 0"]])
})

test("says that there is no such table", async () => {
  await assert.rejects(() => measured("raw.missing", {}), { code: "source.table_missing" })
})
