import assert from "node:assert/strict"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, before, beforeEach, describe, it } from "node:test"
import pg from "pg"
import { loadCsvOptionsSchema } from "#lib/contracts/operators/load-csv.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { loadCsv, pipeline } from "#lib/sdk/index.ts"
import { toManifest } from "#lib/sdk/to-manifest.ts"
import type { Connections } from "#lib/server/connections.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { connectionsTo, type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { loadCsvOperator } from "./load-csv.ts"

let database: TestDatabase
let warehouse: pg.Pool
let connections: Connections
let folder: string
let codeDir: string
let workspaceDir: string

before(async () => {
  database = await createTestDatabase()
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  warehouse.on("error", () => {})
  connections = connectionsTo({ warehouse: database.warehouseUrl })
  folder = await mkdtemp(path.join(os.tmpdir(), "headrace-csv-"))
  codeDir = path.join(folder, "code")
  workspaceDir = path.join(folder, "workspace")
  await Promise.all([mkdir(codeDir), mkdir(workspaceDir)])
})
after(async () => {
  await Promise.all([warehouse.end(), connections.end(), rm(folder, { recursive: true })])
  await database.drop()
})
beforeEach(async () => {
  await warehouse.query("drop schema if exists raw cascade; drop schema if exists headrace cascade")
})

const BASE = {
  file: "sales.csv",
  into: "raw.sales",
  columns: { id: "bigint", amount: "numeric(12,2)", note: "text", at: "timestamptz" },
  keys: ["id"],
}
const GOOD = `id,amount,note,at
1,1.5,"a, ""b""
second line",2026-03-01T00:00:00Z
2,,,2026-03-02T00:00:00+01:00
3,3,"",
`

function load(change: object = {}, given: object = {}) {
  const options = loadCsvOptionsSchema.parse({ ...BASE, ...change })
  return loadCsvOperator.run(makeOperatorContext({ options, codeDir, workspaceDir, connections, ...given }))
}

async function loadText(text: string | Buffer, change: object = {}, given: object = {}) {
  await writeFile(path.join(codeDir, "sales.csv"), text)
  return load(change, given)
}

function counts(result: TaskResultInput) {
  const { rowsProcessed, rowsInserted, rowsUpdated, rowsDeleted, rowsFailed } = result.metrics!
  return [rowsProcessed, rowsInserted, rowsUpdated, rowsDeleted, rowsFailed]
}

async function rows(sql = "select id, amount, note, at::text from raw.sales order by id"): Promise<unknown[]> {
  return (await warehouse.query({ text: sql, rowMode: "array" })).rows
}

const LOADED = [
  ["1", "1.50", 'a, "b"\nsecond line', "2026-03-01 00:00:00+00"],
  ["2", null, null, "2026-03-01 23:00:00+00"],
  ["3", "3.00", "", null],
]

describe("loadCsv", () => {
  it("takes the columns in the order in which they are written, also from a version that Postgres has kept", async () => {
    const written = pipeline({ id: "sales" }, ({ task }) => task("load", loadCsv(BASE)))
    const { manifest, faults } = toManifest(written as never, {
      file: "sales.ts",
      connections: [],
      hasFile: () => true,
      relative: (file) => file,
    })
    assert.deepEqual(faults, [])
    const kept = await warehouse.query("select $1::jsonb as options", [JSON.stringify(manifest.tasks[0]!.options)])
    await loadText(GOOD, kept.rows[0].options)
    assert.deepEqual(await rows(), LOADED)
  })

  it("makes the table hold the file's rows, empty fields as nulls and quoted ones as texts", async () => {
    const result = await loadText(GOOD)
    assert.deepEqual(await rows(), LOADED)
    assert.deepEqual(counts(result), [3, 3, 0, 0, 0])
    const [written] = result.materializations!
    assert.equal(written!.dataset, "warehouse.raw.sales")
    assert.deepEqual([written!.rowsInserted, written!.rowsTotal, written!.bytes], [3, 3, Buffer.byteLength(GOOD)])
    assert.deepEqual(written!.columns?.[1], { name: "amount", type: "numeric(12,2)" })
  })

  it("gives the same table when it runs again", async () => {
    await loadText(GOOD)
    assert.deepEqual(counts(await load()), [3, 3, 0, 3, 0])
    assert.deepEqual(await rows(), LOADED)
  })

  it("merges by keys, touches only rows that differ and deletes none", async () => {
    const merge = { write: "merge" }
    await loadText(GOOD, merge)
    assert.deepEqual(
      counts(await loadText(`${GOOD.split("\n")[0]}\n3,3,"",\n2,20,x,\n4,4,new,\n`, merge)),
      [3, 1, 1, 0, 0],
    )
    assert.deepEqual(await rows("select id, amount from raw.sales order by id"), [
      ["1", "1.50"],
      ["2", "20.00"],
      ["3", "3.00"],
      ["4", "4.00"],
    ])
  })

  it("reads another delimiter, another null, no header, and lines that end as on Windows", async () => {
    const text = "\ufeff1;2.5;NULL;2026-03-01\r\n2;3;x;NULL"
    await loadText(text, { delimiter: ";", nullText: "NULL", header: false })
    assert.deepEqual(await rows(), [
      ["1", "2.50", null, "2026-03-01 00:00:00+00"],
      ["2", "3.00", "x", null],
    ])
  })

  it("takes a byte order mark for no part of the header", async () => {
    await loadText(`\ufeff${GOOD}`)
    assert.equal((await rows()).length, 3)
  })

  it("empties the table for a file with a header alone, and says so", async () => {
    const lines: LogLines = []
    await loadText(GOOD)
    assert.deepEqual(counts(await loadText("id,amount,note,at\n", {}, { lines })), [0, 0, 0, 3, 0])
    assert.ok(lines.some(({ level, message }) => level === "warn" && /holds no rows/.test(message)))
  })

  it("loads once for each execution", async () => {
    const first = await loadText(GOOD, {}, { executionKey: "1:1:0" })
    const again = await loadText("id,amount,note,at\n", {}, { executionKey: "1:1:0" })
    assert.deepEqual(counts(again), counts(first))
    assert.deepEqual(await rows(), LOADED)
  })

  it("refuses an attempt that was overtaken", async () => {
    await loadText(GOOD, {}, { attemptId: "900", executionKey: "1:1:0" })
    const late = loadText("id,amount,note,at\n", {}, { attemptId: "899", executionKey: "1:2:0" })
    await assert.rejects(late, { code: "load.superseded" })
    assert.deepEqual(await rows(), LOADED)
  })

  it("streams a file far larger than the memory it takes", async () => {
    const file = path.join(workspaceDir, "large.csv")
    const block = `${"x".repeat(10_000)}\n`.repeat(1_000)
    await writeFile(file, "note\n")
    for (let blocks = 0; blocks < 20; blocks++) await writeFile(file, block, { flag: "a" })
    await writeFile(file, "one,too many\n", { flag: "a" })
    const before = process.memoryUsage.rss()
    // Broken at its end, which saves writing the table.
    const options = { file: "large.csv", columns: { note: "text" }, keys: [] }
    await assert.rejects(load(options), { where: "large.csv:20002" })
    const grownMb = (process.memoryUsage.rss() - before) / 1_048_576
    // Far above what the buffers take: the collector lets garbage lie while memory is plentiful.
    assert.ok(grownMb < 120, `grew by ${grownMb} MB for 200 MB`)
  })

  it("is stopped with its attempt, and leaves the table as it was", async () => {
    await loadText(GOOD)
    const stop = new AbortController()
    const reason = new AppError("attempt.cancelled", "The run was cancelled.", { kind: "cancelled" })
    const blocker = await warehouse.connect()
    await blocker.query("begin; lock table raw.sales in share mode")
    const stopped = loadText("id,amount,note,at\n9,9,,\n", {}, { signal: stop.signal })
    for (;;) {
      const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
      if ((await warehouse.query(waiting)).rowCount) break
    }
    stop.abort(reason)
    await assert.rejects(stopped, reason)
    await blocker.query("rollback")
    blocker.release()
    assert.deepEqual(await rows(), LOADED)
  })
})

describe("a broken file", () => {
  const HEADER = "id,amount,note,at\n"
  const cases: [string, string | Buffer, RegExp, object?][] = [
    ["a row with too few fields", `${HEADER}1,1,a,\n2,2\n`, /^sales\.csv:3: missing data for column "note"\. Each row/],
    [
      "a row with too many fields",
      `${HEADER}1,1,a,,5\n`,
      /^sales\.csv:2: extra data after last expected column\. Each/,
    ],
    [
      "a bad number, without its value",
      `${HEADER}1,1,a,\n2,secret,b,\n`,
      /^A row does not fit \(line 3, column "amount"\): invalid input syntax for type numeric\. Correct/,
    ],
    [
      "a number that is too large",
      `${HEADER}1,1,a,\n99999999999999999999,1,secret,\n`,
      /\(line 3, column "id"\): value is out of range for type bigint\. Correct/,
    ],
    [
      "a quote that is not closed",
      `${HEADER}1,1,a,\n2,1,"secret,\n3,1,c,\n`,
      /^sales\.csv:3: a double quote is opened/,
    ],
    [
      "a header with another name",
      "id,secret,note,at\n1,1,a,\n",
      /^sales\.csv:1: column name mismatch in header line field 2: expected "amount"\. Name the file's columns/,
    ],
    ["a header with another delimiter", "id;amount;note;at\n", /^sales\.csv:1: wrong number of fields in header line/],
    ["no header at all, not even a row", "", /^sales\.csv:1: .*header/],
    ["a key that comes twice", `${HEADER}1,1,a,\n2,1,a,\n1,2,b,\n`, /^sales\.csv:4: an earlier row has the same id\./],
    ["a row without its key", `${HEADER}1,1,a,\n,1,a,\n`, /^sales\.csv:3: the key "id" is empty\./],
    ["bytes that are not UTF-8", Buffer.from(`${HEADER}1,1,\xfc,\n`, "latin1"), /invalid byte sequence/],
    ["a character that Postgres cannot store", `${HEADER}1,1,a\0b,\n`, /invalid byte sequence/],
    ["lines that end in two ways", `${HEADER}1,1,a,\r2,2,b,\n`, /^sales\.csv:2: unquoted carriage return/],
  ]
  for (const [what, text, message, change] of cases) {
    it(`with ${what} changes nothing and says where and what to do`, async () => {
      await loadText(GOOD)
      const before = await rows()
      await assert.rejects(loadText(text, change), (error: AppError) => {
        assert.deepEqual([error.code, error.kind, error.retry], ["data.invalid_row", "data", "never"], error.message)
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /secret|9999/)
        assert.match(error.where ?? "", /^sales\.csv:\d+$/)
        return true
      })
      assert.deepEqual(await rows(), before)
      assert.deepEqual(await rows("select count(*) from headrace.load_ledger"), [["1"]])
    })
  }

  it("with a row of 100 MB is refused before the server holds it", async () => {
    const file = path.join(workspaceDir, "wide.csv")
    await writeFile(file, `${HEADER}1,1,a,\n2,1,"`)
    for (let part = 0; part < 100; part++) await writeFile(file, "x,\n".repeat(350_000), { flag: "a" })
    await writeFile(file, '",\n', { flag: "a" })
    await assert.rejects(load({ file: "wide.csv" }), (error: AppError) => {
      assert.match(error.message, /^wide\.csv:3: the row is longer than 16 MB\. Look for a double quote/)
      return error.code === "data.invalid_row" && error.retry === "never"
    })
    await rm(file)
    assert.deepEqual(await rows("select to_regclass('raw.sales')"), [[null]])
  })
})

describe("the file", () => {
  it("is the version's own where it has one, else the workspace's as it is now", async () => {
    await writeFile(path.join(workspaceDir, "sales.csv"), "id,amount,note,at\n7,7,current,\n")
    await loadText(GOOD)
    assert.equal((await rows()).length, 3)
    await rm(path.join(codeDir, "sales.csv"))
    const lines: LogLines = []
    await load({}, { lines })
    assert.deepEqual(await rows("select id, note from raw.sales"), [["7", "current"]])
    assert.ok(lines.some(({ message }) => /read from the workspace, as changed at 20/.test(message)))
    await rm(path.join(workspaceDir, "sales.csv"))
  })

  it("must be there, be a file, and lie inside once links are followed", async () => {
    await writeFile(path.join(folder, "outside.csv"), GOOD)
    await symlink(path.join(folder, "outside.csv"), path.join(workspaceDir, "link.csv"))
    await mkdir(path.join(workspaceDir, "folder.csv"))
    for (const file of ["nowhere.csv", "link.csv", "folder.csv"]) {
      await assert.rejects(load({ file }), (error: AppError) => {
        return error.code === "workspace.missing_file" && error.retry === "never" && error.message.includes(file)
      })
    }
  })

  it("cannot be named outside the workspace", () => {
    for (const file of ["../x.csv", "/etc/passwd", "a/../../x.csv", "x\0.csv"]) {
      assert.equal(loadCsvOptionsSchema.safeParse({ ...BASE, file }).success, false, file)
    }
  })
})
