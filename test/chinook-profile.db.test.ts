import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { after, test } from "node:test"
import { parse } from "csv-parse/sync"
import pg from "pg"
import { profileTable } from "#lib/engines/postgres/profile/profile-table.ts"
import { createTestDatabase } from "./db.ts"

const DATA = path.resolve(import.meta.dirname, "../../shared/data/chinook")
const skip = existsSync(DATA) ? false : `the Chinook data is not there (${path.relative(process.cwd(), DATA)})`

test("finds in real tables what the files say, value by value", { skip }, async () => {
  const database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.warehouseUrl })
  after(async () => {
    await client.end()
    await database.drop()
  })
  await client.connect()
  for (const [name, types] of Object.entries(TABLES)) {
    const rows = parse(readFileSync(path.join(DATA, `${name}.csv`)), { columns: true }) as Record<string, string>[]
    const names = Object.keys(rows[0]!)
    const columns = names.map((column) => `${column} ${types[column] ?? "text"}`).join(", ")
    await client.query(`create table public.${name} (${columns})`)
    const given = rows.map((row) => Object.fromEntries(names.map((column) => [column, row[column] || null])))
    await client.query(`insert into ${name} select * from jsonb_populate_recordset(null::${name}, $1)`, [
      JSON.stringify(given),
    ])
    const profile = await profileTable(client, {
      table: `public.${name}`,
      sample: null,
      isMasked: () => false,
      timeoutMs: 30_000,
    })
    assert.equal(profile.rowsRead, rows.length, name)
    for (const column of profile.columns) {
      const values = given.flatMap((row) => row[column.name] ?? [])
      const counts = [...Map.groupBy(values, (value) => value).values()].map((group) => group.length)
      const place = `${name}.${column.name}`
      assert.equal(column.nulls, rows.length - values.length, place)
      assert.equal(column.distinct, counts.length, place)
      assert.equal(column.once, counts.filter((count) => count === 1).length, place)
      const most = counts.toSorted((a, b) => b - a).slice(0, 10)
      assert.deepEqual(
        column.top.map(({ count }) => count),
        most,
        place,
      )
      const placed = column.kind === "number" ? values.map(Number) : values.map((value) => [...value].length)
      if (column.kind === "time" || values.length === 0) continue
      const ordered = placed.toSorted((a, b) => a - b)
      const mean = placed.reduce((sum, value) => sum + value, 0) / placed.length
      assert.deepEqual([column.measures?.min, column.measures?.max], [ordered[0], ordered.at(-1)], place)
      assert.equal(column.measures?.quantiles[2], ordered[Math.ceil(ordered.length / 2) - 1], place)
      assert.ok(Math.abs(column.measures!.mean - mean) < 1e-6 * Math.max(1, Math.abs(mean)), place)
      const inBuckets = column.measures!.histogram.reduce((sum, count) => sum + count, 0)
      assert.equal(inBuckets, values.length, place)
    }
  }
})

/** Types of columns that are not text. */
const TABLES: Record<string, Record<string, string>> = {
  track: {
    track_id: "int",
    album_id: "int",
    genre_id: "int",
    milliseconds: "int",
    bytes: "bigint",
    unit_price: "numeric",
  },
  customer: { customer_id: "int", support_rep_id: "int", updated_at: "timestamptz" },
  invoice: { invoice_id: "int", customer_id: "int", total: "numeric", invoice_date: "timestamp" },
}
