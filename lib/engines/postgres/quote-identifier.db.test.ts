import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import pg from "pg"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { quoteIdentifier, quoteList, quoteLiteral, quoteTable } from "./quote-identifier.ts"

const EVIL = [
  `"`,
  `'`,
  `\\`,
  `$$`,
  `a"b`,
  `'; drop table t; --`,
  `"; select 1; --`,
  "é😀",
  "Select",
  " ",
  "$1",
  "%s",
  "/*",
]

let database: TestDatabase
let pool: pg.Pool
before(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.warehouseUrl })
  pool.on("error", () => {})
})
after(async () => {
  await pool.end()
  await database.drop()
})

describe("quoting", () => {
  for (const text of EVIL) {
    it(`brings ${JSON.stringify(text)} through as a name and as a value`, async () => {
      const { rows, fields } = await pool.query({
        text: `select ${quoteLiteral(text)} as ${quoteIdentifier(text)}`,
        rowMode: "array",
      })
      assert.deepEqual([rows, fields.map((field) => field.name)], [[[text]], [text]])
    })
  }

  it("holds for literals whatever standard_conforming_strings says", async () => {
    const client = await pool.connect()
    await client.query("set standard_conforming_strings = off; set escape_string_warning = off")
    const { rows } = await client.query(`select${quoteLiteral("a\\'b")} as x`)
    client.release(true)
    assert.deepEqual(rows, [{ x: "a\\'b" }])
  })

  it("refuses what Postgres cannot hold", () => {
    assert.throws(() => quoteIdentifier("a\0b"), TypeError)
    assert.throws(() => quoteLiteral("a\0b"), TypeError)
  })

  it("quotes both parts of a table and each of a list", () => {
    assert.equal(quoteTable('a"b.c'), '"a""b"."c"')
    assert.equal(quoteList(["a", "B"], "s."), 's."a", s."B"')
  })
})
