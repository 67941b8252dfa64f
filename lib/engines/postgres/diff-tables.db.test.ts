import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import pg from "pg"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { readColumns } from "./catalog.ts"
import { type DiffSide, diffTables, type TableDiff } from "./diff-tables.ts"

let database: TestDatabase
let client: pg.Client
before(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.warehouseUrl })
  await client.connect()
  await client.query("create schema a; create schema b")
})
after(async () => {
  await client.end()
  await database.drop()
})

async function make(table: string, columns: string, rows: string): Promise<void> {
  await client.query(`drop table if exists ${table}; create table ${table} (${columns})`)
  if (rows) await client.query(`insert into ${table} values ${rows}`)
}

async function side(table: string, given: Partial<DiffSide> = {}): Promise<DiffSide> {
  return { table, columns: (await readColumns(client, table))!, where: [], asOf: null, ...given }
}

async function diff(
  keys: string[],
  columns: string[],
  given: { left?: Partial<DiffSide>; right?: Partial<DiffSide> } = {},
) {
  const sides = { left: await side("a.t", given.left), right: await side("b.t", given.right) }
  return diffTables(client, sides, { keys, columns }, 10)
}

const counts = ({ rows, onlyLeft, onlyRight, changed }: TableDiff) => [
  rows.left,
  rows.right,
  onlyLeft,
  onlyRight,
  changed,
]

describe("diffTables", () => {
  it("finds nothing between equal rows, in any order, and between no rows", async () => {
    await make("a.t", "id int, v text", "(1, 'x'), (2, null)")
    await make("b.t", "id int, v text", "(2, null), (1, 'x')")
    assert.deepEqual(counts(await diff(["id"], ["v"])), [2, 2, 0, 0, 0])
    await client.query("truncate a.t, b.t")
    assert.deepEqual(counts(await diff(["id"], ["v"])), [0, 0, 0, 0, 0])
  })

  it("tells rows of one side from changed ones, and counts by column", async () => {
    await make("a.t", "id int, v text, w int", "(1, 'x', 1), (2, 'y', 2), (3, 'z', 3), (4, null, 4)")
    await make("b.t", "id int, v text, w int", "(1, 'x', 1), (2, 'Y', 9), (4, '', 4), (5, 'n', 5)")
    const found = await diff(["id"], ["v", "w"])
    assert.deepEqual(counts(found), [4, 4, 1, 1, 2])
    assert.deepEqual(found.columns, [
      { name: "v", changed: 2 },
      { name: "w", changed: 1 },
    ])
    assert.deepEqual(
      found.samples.find(({ kind, key }) => kind === "changed" && key[0] === "2"),
      {
        kind: "changed",
        key: ["2"],
        isRepeated: false,
        values: [
          { column: "v", left: "y", right: "Y" },
          { column: "w", left: "2", right: "9" },
        ],
      },
    )
  })

  it("takes numbers for equal whose types or scales alone differ, and instants of either kind", async () => {
    await make("a.t", "id int, v numeric(10,2), at timestamp, j json", `(1, 1.50, '2026-01-01', '{"b":1, "a":2}')`)
    await make(
      "b.t",
      "id bigint, v double precision, at timestamptz, j jsonb",
      `(1, 1.5, '2026-01-01Z', '{"a":2,"b":1}')`,
    )
    await client.query("set timezone to 'UTC'")
    assert.deepEqual(counts(await diff(["id"], ["v", "at", "j"])), [1, 1, 0, 0, 0])
  })

  it("compares keys of several columns, with NULL among them, and repeated keys row by row", async () => {
    await make("a.t", "x text, y text, v int", "('a', null, 1), ('a', 'b', 2), ('d', 'd', 3), ('d', 'd', 4)")
    await make(
      "b.t",
      "x text, y text, v int",
      "('a', null, 1), ('a', 'b', 5), ('d', 'd', 4), ('d', 'd', 3), ('d', 'd', 3)",
    )
    const found = await diff(["x", "y"], ["v"])
    assert.deepEqual([found.onlyLeft, found.changed], [0, 1])
    assert.equal(found.onlyRight + found.changed, 2)
    assert.deepEqual(found.repeatedKeys, { left: 1, right: 1 })
    assert.deepEqual(found.samples.map(({ key, isRepeated }) => [key[0], isRepeated]).sort(), [
      ["a", false],
      ["d", true],
    ])
  })

  it("compares some rows: a partition of either side, and the versions that held at an instant", async () => {
    await make("a.t", "id int, day date, v int", "(1, '2026-01-01', 1), (1, '2026-01-02', 2)")
    await make("b.t", "id int, day date, v int", "(1, '2026-01-01', 1), (1, '2026-01-02', 2)")
    const day = (value: string) => ({ where: [{ column: "day", value }] })
    const same = await diff(["id"], ["v"], { left: day("2026-01-01"), right: day("2026-01-01") })
    const other = await diff(["id"], ["v"], { left: day("2026-01-01"), right: day("2026-01-02") })
    assert.deepEqual(
      [counts(same), counts(other)],
      [
        [1, 1, 0, 0, 0],
        [1, 1, 0, 0, 1],
      ],
    )
    await make(
      "a.t",
      "id int, v int, f timestamptz, u timestamptz, gone text",
      "(1, 1, '2026-01-01', '2026-02-01', 'False'), (1, 2, '2026-02-01', null, 'False'), (2, 5, '2026-01-01', null, 'True')",
    )
    const asOf = (at: string) => ({ asOf: { from: "f", until: "u", deleted: "gone", at } })
    const sides = { left: await side("a.t", asOf("2026-01-15")), right: await side("a.t", asOf("2026-03-01")) }
    assert.deepEqual(counts(await diffTables(client, sides, { keys: ["id"], columns: ["v"] }, 5)), [1, 1, 0, 0, 1])
  })

  it("quotes evil names and binds evil values", async () => {
    await make("a.t", `"k"";drop" int, v text`, "(1, 'x')")
    await make("b.t", `"k"";drop" int, v text`, "(1, 'y')")
    const evil = { where: [{ column: "v", value: "x'; drop table a.t; --" }] }
    assert.deepEqual(counts(await diff(['k";drop'], ["v"], { left: evil })), [0, 1, 0, 1, 0])
  })

  it("agrees with a naive comparison on random tables", async () => {
    const random = mulberry32(7)
    for (let round = 0; round < 8; round++) {
      const [one, other] = [randomRows(random), randomRows(random)]
      await make("a.t", "id int, v text", rowsText(one))
      await make("b.t", "id int, v text", rowsText(other))
      const found = await diff(["id"], ["v"])
      const both = [...one.keys()].filter((id) => other.has(id))
      assert.deepEqual(counts(found), [
        one.size,
        other.size,
        one.size - both.length,
        other.size - both.length,
        both.filter((id) => one.get(id) !== other.get(id)).length,
      ])
    }
  })
})

function randomRows(random: () => number): Map<number, string> {
  return new Map(
    Array.from({ length: 200 }, () => [Math.floor(random() * 150), random() < 0.9 ? "same" : String(random())]),
  )
}

function rowsText(rows: ReadonlyMap<number, string>): string {
  return [...rows].map(([id, value]) => `(${id}, '${value}')`).join(", ")
}

/** A small generator with a seed (Tommy Ettinger's mulberry32, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
