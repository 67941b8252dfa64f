import assert from "node:assert/strict"
import { after, before, beforeEach, describe, it } from "node:test"
import pg from "pg"
import { readExpectation } from "#lib/contracts/expectations/read-expectation.ts"
import { EXPECTATION_TYPES, type Expectation, entryOf } from "#lib/contracts/expectations/registry.ts"
import { measureExpectations } from "#lib/engines/postgres/expectations/measure.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { type CheckTableOptions, checkTable } from "./check-table.ts"
import { EXPECTATION_CASES } from "./expectation-cases.ts"

let database: TestDatabase
let client: pg.Client

before(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.warehouseUrl })
  await client.connect()
  await client.query(
    // Nobody's session is in UTC by luck.
    `set timezone = 'America/Los_Angeles';
     create schema cases;
     create sequence cases.counter;
     create table cases.other (id int, region text, amount numeric);
     insert into cases.other values (1, 'north', 10), (2, 'south', 20.5), (null, null, 3)`,
  )
})
after(async () => {
  await client.end()
  await database.drop()
})

async function makeTable(columns: string, rows: string): Promise<void> {
  await client.query(
    `drop table if exists cases.t cascade; create table cases.t (${columns});
     ${rows === "" ? "" : `insert into cases.t values ${rows}`}`,
  )
}

function expectation(written: unknown): Expectation {
  const read = readExpectation(written)
  if ("issues" in read) throw new Error(JSON.stringify(read.issues))
  return read.expectation
}

function check(expectations: unknown[], options: Partial<CheckTableOptions> = {}) {
  return checkTable(client, "cases.t", expectations.map(expectation), { isInTransaction: false, ...options })
}

describe("checkTable", () => {
  for (const type of EXPECTATION_TYPES) {
    it(`finds with ${type} what it is asked for`, async () => {
      for (const { columns, rows, expect, finds, why } of EXPECTATION_CASES[type]) {
        await makeTable(columns, rows)
        const [outcome] = (await check([{ type, ...expect }])).checks
        const { state, rowsChecked, rowsFailed, observed, message } = outcome!
        const found = entryOf(type).scope === "rows" ? [state, rowsChecked, rowsFailed] : [state, observed]
        const told = `${rows} | ${JSON.stringify(expect)} | ${why ?? ""} | ${message}`
        assert.deepEqual(finds.length === 1 ? [state] : found, finds, told)
        assert.equal((await client.query("select from cases.t")).rowCount, rows === "" ? 0 : countRows(rows), told)
      }
    })
  }

  it("calls no table without rows good, whatever is asked of it", async () => {
    for (const type of EXPECTATION_TYPES) {
      const cases = EXPECTATION_CASES[type].filter(({ finds }) => finds[0] !== "error")
      for (const { columns, expect } of cases) {
        await makeTable(columns, "")
        const { checks, scores } = await check([{ type, ...expect }])
        const { state, rowsFailed, rowsChecked } = checks[0]!
        if (["rows", "column"].includes(entryOf(type).scope)) {
          assert.deepEqual([rowsFailed, rowsChecked], [0, 0], type)
          assert.equal(state, "empty", type)
          assert.deepEqual(scores, [], type)
        } else assert.notEqual(state, "error", type)
      }
    }
  })

  it("reads a table once for all that can be told row by row, whatever their number", async () => {
    await makeTable("id int, a int, b text", "(1, 1, 'x'), (2, 5, 'y'), (2, null, null)")
    const expectations = Array.from({ length: 40 }, (_, at) => [
      { not_null: "a" },
      { between: { column: "a", min: at } },
      { matches: { column: "b", pattern: `^${at}` } },
      { expect_column_mean_to_be_between: { column: "a", max_value: at } },
    ]).flat()
    const { statements, measures } = await measureExpectations(client, "cases.t", expectations.map(expectation), {
      isInTransaction: false,
    })
    assert.equal(statements, 1)
    assert.equal(measures.filter(({ rowsFailed }) => rowsFailed === 1).length, 40 + 4 + 0)
  })

  it("finds the same by values where the planner knows that they are few", async () => {
    await makeTable("id int, status text, kind int, note text, amount numeric, rate float8", "")
    await client.query(
      `insert into cases.t
       select n, case when n % 7 <> 0 then (array['new', 'paid', 'odd'])[1 + n % 3] end, nullif(n % 11, 0),
              case when n % 13 <> 0 then 'note ' || n % 50 end, n % 1000, case when n = 7 then 'NaN'::float8 else 1 end
       from generate_series(1, 60000) as n`,
    )
    const expectations = [
      { not_null: "status" },
      { is_null: "kind", mostly: 0.5 },
      { accepted_values: { column: "status", values: ["new", "paid"] } },
      { length_between: { column: "status", min: 4 } },
      { between: { column: "kind", min: 3, max: 9 } },
      { between: { column: "amount", min: 0, max: 999 } },
      { between: { column: "amount", min: 0, strict_min: true } },
      { between: { column: "amount", max: 998, max_failed: 100 } },
      { between: { column: "rate", min: 0 } },
      { between: { column: "rate", max: 2 } },
      { between: { column: "rate", min: 0, where: "rate <> 'NaN'" } },
      { not_in_set: { column: "kind", values: [5] } },
      { equals_column: { column_A: "kind", column_B: "kind" } },
      {
        pair_in_set: {
          column_A: "status",
          column_B: "kind",
          value_pairs_set: [
            ["odd", 3],
            [null, 7],
          ],
        },
      },
      { greater_than: { column_A: "amount", column_B: "kind" } },
      { matches: { column: "note", pattern: "1$" } },
      { not_null: "note" },
      { satisfies: "kind < 8 or amount > 500" },
      { not_null: "note", where: "status = 'paid'" },
      { distinct_count_between: { column: "status", min: 3, max: 3 } },
      { distinct_contains_set: { column: "kind", value_set: [1, 12] } },
      { row_count: { min: 60_000, max: 60_000 } },
      { expect_column_mean_to_be_between: { column: "kind", min_value: 5, max_value: 6 } },
    ].map(expectation)
    const measure = () => measureExpectations(client, "cases.t", expectations, { isInTransaction: false })
    const { measures: byRows } = await measure()
    await client.query("analyze cases.t")
    const sent: string[] = []
    const listening = Object.create(client, {
      query: {
        value: (query: string | { text: string }, ...values: []) => {
          sent.push(typeof query === "string" ? query : query.text)
          return client.query(query as string, ...values)
        },
      },
    }) as pg.Client
    const { measures: byValues } = await measureExpectations(listening, "cases.t", expectations, {
      isInTransaction: false,
    })
    assert.deepEqual(byValues, byRows)
    assert.ok(byRows.every(({ problem }) => problem === null))
    assert.ok(
      sent.some((text) => text.includes('max(t."amount")')) && sent.some((text) => text.startsWith("with counted")),
    )
  })

  it("answers all others when some cannot be computed", async () => {
    await makeTable("id int, v text", "(1, 'x'), (2, null)")
    const { checks } = await check([
      { not_null: "v" },
      { not_null: "gone" },
      { matches: { column: "v", pattern: "(" } },
      { not_null: "id", where: "id / 0 > 1" },
      { unique: "id" },
      { custom_sql: "select from nowhere" },
      { row_count: { min: 2 } },
    ])
    assert.deepEqual(
      checks.map(({ state }) => state),
      ["failed", "error", "error", "error", "passed", "error", "passed"],
    )
    assert.match(checks[1]!.message, /^Cannot be computed: column "gone" does not exist\.$/)
  })

  it("repeats no value of a row when one cannot be read", async () => {
    await makeTable("id int, v text", "(1, 'top secret'), (2, '5')")
    const { checks } = await check([{ not_null: "id", where: "v::int > 1" }])
    assert.deepEqual(
      [checks[0]!.state, checks[0]!.message],
      ["error", "Cannot be computed: invalid input syntax for type integer."],
    )
  })

  it("says that there is no such table", async () => {
    const { checks } = await checkTable(client, "cases.nowhere", [expectation({ not_null: "a" })], {
      isInTransaction: false,
    })
    assert.deepEqual(
      [checks[0]!.state, checks[0]!.message],
      ["error", "Cannot be computed: there is no table cases.nowhere."],
    )
  })

  it("looks only at the rows of the interval that was loaded", async () => {
    await makeTable(
      "at timestamptz, v int",
      "('2026-03-01 12:00Z', 1), ('2026-03-01 13:00Z', 1), ('2026-03-02 12:00Z', 1)",
    )
    const scope = { range: { column: "at", from: "2026-03-02T00:00:00Z", to: "2026-03-03T00:00:00Z" }, key: null }
    const { checks } = await check(
      [{ unique: "v" }, { row_count: { max: 1 } }, { custom_sql: "select from {batch} offset 1" }],
      {
        scope,
        partitionKey: "2026-03-02",
      },
    )
    assert.deepEqual(
      checks.map(({ state, rowsChecked, partitionKey }) => [state, rowsChecked, partitionKey]),
      [
        ["passed", 1, "2026-03-02"],
        ["passed", 1, "2026-03-02"],
        ["passed", 0, "2026-03-02"],
      ],
    )
  })

  it("can ask a view", async () => {
    await makeTable("v int", "(1), (1), (null)")
    await client.query("create view cases.seen as select * from cases.t")
    const expectations = [{ unique: "v" }, { not_null: "v" }].map(expectation)
    const { checks } = await checkTable(client, "cases.seen", expectations, { isInTransaction: false })
    assert.deepEqual(
      checks.map(({ rowsFailed }) => rowsFailed),
      [2, 1],
    )
    assert.deepEqual(checks[0]!.samples, [{ v: "1" }, { v: "1" }])
  })

  describe("samples", () => {
    beforeEach(async () => {
      const rows = Array.from({ length: 9 }, (_, at) => `(${at}, 'person${at}@x.y', '${"z".repeat(300)}')`)
      await makeTable("id int primary key, email text, note text", rows.join(", "))
    })

    it("shows the keys and values of at most five failing rows, cut", async () => {
      const { checks } = await check([{ length: { column: "note", value: 1 } }])
      assert.equal(checks[0]!.samples!.length, 5)
      assert.deepEqual(checks[0]!.samples![0], { id: "0", note: "z".repeat(100) })
    })

    it("masks what is personal before it leaves the database", async () => {
      const { checks } = await check([{ not_matches: { column: "email", regex: "person[01]@" } }], {
        masks: async () => (column) => column === "email",
      })
      assert.deepEqual(checks[0]!.samples, [
        { id: "0", email: "•••" },
        { id: "1", email: "•••" },
      ])
    })

    it("shows none of what passes", async () => {
      const { checks } = await check([{ not_null: "id" }])
      assert.equal(checks[0]!.samples ?? null, null)
    })
  })

  describe("quarantine", () => {
    const asked = [
      { not_null: "email", on_fail: "quarantine" },
      { between: { column: "age", max: 120 }, on_fail: "quarantine" },
      { unique: "id", on_fail: "quarantine" },
      { row_count: { min: 2 } },
    ]
    const rows = "(1, 'a', 30), (2, null, 200), (3, 'c', 20), (3, 'd', 40), (4, 'e', 50)"
    const aside = async () =>
      (
        await client.query(
          `select "row" ->> 'id' as id, reasons, run_id, partition_key from cases.t__quarantine order by 1, "row"::text`,
        )
      ).rows

    beforeEach(async () => {
      await client.query("drop table if exists cases.t__quarantine")
      await makeTable("id int, email text, age int", rows)
    })

    async function checkInTransaction(expectations: unknown[], options: Partial<CheckTableOptions> = {}) {
      await client.query("begin")
      const checked = await check(expectations, { isInTransaction: true, quarantine: { runId: "7" }, ...options })
      await client.query("commit")
      return checked
    }

    it("moves failing rows with all of their reasons, and judges the rest anew", async () => {
      const { checks } = await checkInTransaction(asked)
      assert.deepEqual((await client.query("select id from cases.t order by 1")).rows, [{ id: 1 }, { id: 4 }])
      assert.deepEqual(await aside(), [
        { id: "2", reasons: ["age is at most 120", "email is not null"], run_id: "7", partition_key: null },
        { id: "3", reasons: ["id is unique"], run_id: "7", partition_key: null },
        { id: "3", reasons: ["id is unique"], run_id: "7", partition_key: null },
      ])
      assert.deepEqual(
        checks.map(({ state, severity, rowsFailed }) => [state, severity, rowsFailed]),
        [
          ["failed", "warn", 1],
          ["failed", "warn", 1],
          ["failed", "warn", 2],
          ["passed", "error", 0],
        ],
      )
      assert.equal(checks[0]!.message, "1 of 5 rows have no email. They were set aside in cases.t__quarantine.")
      assert.equal(checks[3]!.observed, 2)
    })

    it("blocks when too little is left", async () => {
      const { checks } = await checkInTransaction([...asked.slice(0, 3), { row_count: { min: 3 } }])
      assert.deepEqual([checks[3]!.state, checks[3]!.severity], ["failed", "error"])
    })

    it("notes a row once that is loaded and set aside again", async () => {
      await checkInTransaction([asked[0]])
      await client.query("insert into cases.t values (2, null, 200)")
      await checkInTransaction([asked[0]])
      assert.equal((await aside()).length, 1)
    })

    it("replaces what an earlier load of the same partition left there", async () => {
      await checkInTransaction([asked[0]], { partitionKey: "2026-03-01" })
      await makeTable("id int, email text, age int", "(9, null, 1)")
      await checkInTransaction([asked[0]], { partitionKey: "2026-03-01" })
      assert.deepEqual(
        (await aside()).map(({ id }) => id),
        ["9"],
      )
    })

    it("leaves rows within what `mostly` allows where they are", async () => {
      await checkInTransaction([{ ...asked[0], mostly: 0.5 }])
      assert.equal((await client.query("select from cases.t")).rowCount, 5)
    })

    it("moves nothing where it may not", async () => {
      const { checks } = await check(asked)
      assert.equal((await client.query("select from cases.t")).rowCount, 5)
      assert.equal(checks[0]!.severity, "error")
    })
  })
})

/** Top-level brackets of a values list. */
function countRows(rows: string): number {
  let depth = 0
  let count = 0
  let isText = false
  for (const character of rows) {
    if (character === "'") isText = !isText
    if (isText) continue
    if (character === "(" && depth++ === 0) count++
    if (character === ")") depth--
  }
  return count
}
