import assert from "node:assert/strict"
import path from "node:path"
import { after, before, beforeEach, describe, it } from "node:test"
import pg from "pg"
import { createAuthorPool } from "#jobs/author/author-pool.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { partitionLoadOptionsSchema } from "#lib/contracts/operators/partition-load.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import type { AppError } from "#lib/domain/errors.ts"
import type { Connections } from "#lib/server/connections.ts"
import { createDatabase, createTestDatabase, type TestDatabase } from "#test/db.ts"
import { connectionsTo, makeOperatorContext } from "#test/operator-context.ts"
import { partitionLoadOperator } from "./partition-load.ts"

const codeDir = path.resolve(import.meta.dirname, "../../test/fixtures/author")
const author = createAuthorPool({ size: 1, workspaceDir: codeDir, log: { debug() {}, warn() {} } })
let database: TestDatabase
let source: pg.Pool
let warehouse: pg.Pool
let connections: Connections

before(async () => {
  database = await createTestDatabase()
  const shop = await createDatabase("shop")
  source = new pg.Pool({ connectionString: shop })
  source.on("error", () => {})
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  warehouse.on("error", () => {})
  connections = connectionsTo({ warehouse: database.warehouseUrl, connections: { shop } })
})
after(async () => {
  await author.close()
  await Promise.all([source.end(), warehouse.end(), connections.end()])
  await database.drop()
})
beforeEach(async () => {
  await source.query(
    `drop table if exists sales;
     create table sales (id bigint primary key, amount numeric, note text, at timestamptz);
     insert into sales values
       (1, 1.5, 'a', '2026-03-01 00:00:00.000001Z'), (2, 2, E'tab\\t\\\\', '2026-03-01 23:59:59.999999Z'),
       (3, 3, null, '2026-03-02 00:00Z')`,
  )
  await warehouse.query("drop schema if exists marts cascade; drop schema if exists headrace cascade")
})

const BASE = {
  source: "shop",
  query: "select id, amount, note, at from sales where at >= :interval_start and at < :interval_end order by id",
  into: "marts.sales",
  columns: { id: "bigint", amount: "numeric(12,2)", note: "text", at: "timestamptz" },
  keys: ["id"],
  partitionColumn: "at",
}

function load(change: object = {}, given: object = {}) {
  return partitionLoadOperator.run(
    makeOperatorContext({
      options: partitionLoadOptionsSchema.parse({ ...BASE, ...change }),
      manifest: { id: "partition_loads", file: "pipelines/partition_loads.ts", schedule: null } as Manifest,
      codeDir,
      author,
      connections,
      ...given,
    }),
  )
}

function counts(result: TaskResultInput) {
  const { rowsProcessed, rowsInserted, rowsUpdated, rowsDeleted, rowsFailed } = result.metrics!
  return [rowsProcessed, rowsInserted, rowsUpdated, rowsDeleted, rowsFailed]
}

async function rows(sql: string): Promise<unknown[]> {
  return (await warehouse.query({ text: sql, rowMode: "array" })).rows
}

/** The second of March, as a backfill would ask for it. */
const NEXT_DAY = { intervalStart: "2026-03-02T00:00:00.000Z", intervalEnd: "2026-03-03T00:00:00.000Z" }

describe("partitionLoad", () => {
  it("loads exactly the interval's rows, down to the microsecond and the backslash", async () => {
    const result = await load()
    assert.deepEqual(counts(result), [2, 2, 0, 0, 0])
    assert.ok(Number(result.metrics!.durationSeconds) >= 0)
    assert.deepEqual(await rows("select id, amount, note, at::text from marts.sales order by id"), [
      ["1", "1.50", "a", "2026-03-01 00:00:00.000001+00"],
      ["2", "2.00", "tab\t\\", "2026-03-01 23:59:59.999999+00"],
    ])
    assert.deepEqual(await rows("select partition_key, state, rows from headrace.partition_state"), [
      ["2026-03-01T00:00:00.000Z", "fresh", "2"],
    ])
  })

  it("replaces its partition and leaves the others alone", async () => {
    await load()
    await load({}, { run: NEXT_DAY })
    await source.query("delete from sales where id = 1; update sales set amount = 20 where id = 2")
    assert.deepEqual(counts(await load()), [1, 1, 0, 2, 0])
    assert.deepEqual(await rows("select id, amount from marts.sales order by id"), [
      ["2", "20.00"],
      ["3", "3.00"],
    ])
  })

  it("gives the same table however often it runs", async () => {
    await load()
    const before = await rows("select * from marts.sales order by id")
    await load()
    assert.deepEqual(await rows("select * from marts.sales order by id"), before)
  })

  it("loads partitions side by side, also the first ones, which make the table", async () => {
    for (let round = 0; round < 3; round++) {
      await warehouse.query("drop schema if exists marts cascade")
      await Promise.all([load({ onInvalid: "quarantine" }), load({ onInvalid: "quarantine" }, { run: NEXT_DAY })])
      assert.deepEqual(await rows("select id from marts.sales order by id"), [["1"], ["2"], ["3"]])
    }
  })

  it("merges by keys and touches only rows that differ", async () => {
    const merge = { write: "merge" }
    await load(merge)
    await source.query(
      "update sales set amount = 20 where id = 2; insert into sales values (4, null, null, '2026-03-01 12:00Z')",
    )
    assert.deepEqual(counts(await load(merge)), [3, 1, 1, 0, 0])
    assert.deepEqual(counts(await load(merge)), [3, 0, 0, 0, 0])
  })

  it("appends once for each execution", async () => {
    await load({ write: "append" }, { executionKey: "1:1:0" })
    await load({ write: "append" }, { executionKey: "1:1:0" })
    assert.equal((await rows("select * from marts.sales")).length, 2)
  })

  it("transforms and validates in the author's process, batch by batch", async () => {
    await source.query("insert into sales values (4, -1, 'x', '2026-03-01 12:00Z'), (9, 1, 'x', '2026-03-01 12:00Z')")
    const options = { transform: true, validate: true, batchRows: 1, onInvalid: "quarantine" }
    assert.deepEqual(counts(await load(options, { task: { id: "double", memoryMb: 512 } })), [4, 2, 0, 0, 1])
    assert.deepEqual(await rows("select id, amount from marts.sales order by id"), [
      ["1", "3.00"],
      ["2", "4.00"],
    ])
    assert.deepEqual(await rows(`select line, reason, "row" ->> 'amount' from marts.sales__rejected`), [
      ["3", "negative amount", "-2"],
    ])
  })

  it("gives the author's own error, with its place, and writes nothing", async () => {
    await assert.rejects(load({ transform: true }, { task: { id: "throws", memoryMb: 512 } }), (error: AppError) => {
      assert.equal(error.message, "no idea what to do")
      assert.match(error.where ?? "", /partition_loads\.ts:\d+/)
      return true
    })
    assert.deepEqual(await rows("select to_regclass('marts.sales')"), [[null]])
  })

  it("lets the author skip the task", async () => {
    const result = await load({ transform: true }, { task: { id: "skips", memoryMb: 512 } })
    assert.equal(result.skipped, "nothing to do today")
  })
})

describe("invalid rows", () => {
  const LOOSE = {
    query: `select * from (values ('1', '1.5', '2026-03-01 10:00Z'), ('x', '1', '2026-03-01 10:00Z'),
              ('3', null, '2026-03-05 10:00Z'), (null, '1', '2026-03-01 10:00Z')) as v (id, amount, at)`,
    columns: { id: "bigint", amount: "numeric(12,2)", at: "timestamptz" },
  }

  it("fail the task, which names the first of them and leaves the old data", async () => {
    await load()
    await assert.rejects(load(LOOSE), (error: AppError) => {
      assert.equal(error.code, "data.invalid_row")
      assert.equal(error.retry, "never")
      const reasons =
        'row 2: column "id" is no valid bigint; row 3: column "at" lies outside the partition; row 4: key "id" is null'
      assert.ok(error.message.startsWith(`3 of 4 rows are invalid (${reasons})`), error.message)
      return true
    })
    assert.equal((await rows("select * from marts.sales")).length, 2)
  })

  it("are set aside with their reasons, once however often it runs", async () => {
    const quarantine = { ...LOOSE, onInvalid: "quarantine" }
    await load(quarantine)
    assert.deepEqual(counts(await load(quarantine)), [4, 1, 0, 1, 3])
    assert.deepEqual(await rows(`select line, "row" from marts.sales__rejected order by line`), [
      ["2", { id: "x", amount: "1", at: "2026-03-01 10:00Z" }],
      ["3", { id: "3", amount: null, at: "2026-03-05 10:00Z" }],
      ["4", { id: null, amount: "1", at: "2026-03-01 10:00Z" }],
    ])
  })

  it("are refused when two of them would merge into one key", async () => {
    const twice = {
      ...BASE,
      query: "select 1 as id, 1 as amount, 'a' as note, :interval_start as at from generate_series(1, 2)",
    }
    await assert.rejects(load({ ...twice, write: "merge" }), { code: "data.invalid_row" })
  })
})

describe("the gate", () => {
  it("rolls the load back when a check fails, and hands over the outcomes", async () => {
    await load()
    await source.query("update sales set amount = -5 where id = 1")
    const expect = [{ kind: "between", column: "amount", min: 0 }]
    await assert.rejects(load({ expect }), (error: AppError) => {
      assert.equal(error.code, "check.failed")
      assert.equal((error.details.taskResult as TaskResultInput).checks?.[0]?.rowsFailed, 1)
      return true
    })
    assert.deepEqual(await rows("select amount from marts.sales order by id"), [["1.50"], ["2.00"]])
  })

  it("looks at the loaded partition alone", async () => {
    await source.query("update sales set note = 'x'")
    await load()
    await warehouse.query("update marts.sales set note = null")
    const result = await load({ expect: [{ kind: "not_null", column: "note" }] }, { run: NEXT_DAY })
    assert.deepEqual(
      result.checks!.map(({ rowsChecked, rowsFailed }) => [rowsChecked, rowsFailed]),
      [[1, 0]],
    )
  })

  it("refuses an attempt that was overtaken", async () => {
    await load({}, { attemptId: "900", executionKey: "1:1:0" })
    await assert.rejects(load({}, { attemptId: "899", executionKey: "1:2:0" }), { code: "load.superseded" })
  })
})

describe("a run of several partitions", () => {
  const MARCH = {
    intervalStart: "2026-03-01T00:00:00.000Z",
    intervalEnd: "2026-03-04T00:00:00.000Z",
    partitionKey: "2026-03-01..2026-03-03",
    partitionKeys: ["2026-03-01", "2026-03-02", "2026-03-03"],
    partition: { time: "2026-03-01..2026-03-03", key: null },
  }
  const daily = { id: "days", file: "x.ts", schedule: null, partition: "day" } as Manifest
  const given = { run: MARCH, manifest: daily }

  it("replaces all of them, and says of each what became of it", async () => {
    assert.deepEqual(counts(await load({}, given)), [3, 3, 0, 0, 0])
    await source.query("delete from sales where id = 2; insert into sales values (7, 7, null, '2026-03-03 12:00Z')")
    const again = await load({}, given)
    assert.deepEqual(counts(again), [3, 3, 0, 3, 0])
    assert.deepEqual(
      again.materializations!.map((one) => [one.partitionKey, one.rowsInserted, one.rowsDeleted]),
      [
        ["2026-03-01", 1, 2],
        ["2026-03-02", 1, 1],
        ["2026-03-03", 1, 0],
      ],
    )
    assert.deepEqual(await rows("select partition_key, rows from headrace.partition_state order by 1"), [
      ["2026-03-01", "1"],
      ["2026-03-02", "1"],
      ["2026-03-03", "1"],
    ])
  })

  it("leaves all of them as they were when a check fails in one", async () => {
    await load({}, given)
    await source.query("update sales set amount = amount + 100; update sales set amount = -5 where id = 3")
    const expect = [{ kind: "between", column: "amount", min: 0 }]
    await assert.rejects(load({ expect }, given), { code: "check.failed" })
    assert.deepEqual(await rows("select amount from marts.sales order by id"), [["1.50"], ["2.00"], ["3.00"]])
  })

  it("merges into each, and knows what is new where", async () => {
    await load({ write: "merge" }, given)
    await source.query(
      "insert into sales values (8, 8, null, '2026-03-02 08:00Z'); update sales set note = 'n' where id = 1",
    )
    const again = await load({ write: "merge" }, given)
    assert.deepEqual(counts(again), [4, 1, 1, 0, 0])
    assert.deepEqual(
      again.materializations!.map((one) => one.rowsInserted),
      [0, 1, 0],
    )
  })

  it("tells days of a date column apart in the pipeline's zone", async () => {
    const change = {
      query: "select id, (at at time zone 'Europe/Berlin')::date as day from sales",
      columns: { id: "bigint", day: "date" },
      partitionColumn: "day",
    }
    const run = { ...MARCH, intervalStart: "2026-02-28T23:00:00.000Z", intervalEnd: "2026-03-03T23:00:00.000Z" }
    const manifest = { ...daily, timezone: "Europe/Berlin" }
    assert.deepEqual(
      (await load(change, { run, manifest })).materializations!.map((one) => one.rowsInserted),
      [1, 2, 0],
    )
  })

  it("is refused as a whole by a later load of one of them", async () => {
    const one = { ...NEXT_DAY, partitionKey: "2026-03-02", partitionKeys: ["2026-03-02"] }
    await load({}, { run: one, manifest: daily, attemptId: "901", executionKey: "1:1:0" })
    await assert.rejects(load({}, { ...given, attemptId: "900", executionKey: "1:2:0" }), { code: "load.superseded" })
    assert.deepEqual(await rows("select id from marts.sales"), [["3"]])
  })
})

describe("partitions with keys", () => {
  const keyed = (key: string) => ({
    manifest: { id: "regions", file: "x.ts", schedule: null, partition: { by: "day", keys: ["a", "tab"] } } as Manifest,
    run: {
      partitionKey: `2026-03-01|${key}`,
      partitionKeys: [`2026-03-01|${key}`],
      partition: { time: "2026-03-01", key },
    },
  })
  const query =
    "select id, amount, left(note, 3) as note, at from sales where at < :interval_end and left(note, 3) = rpad(:partition_static_key, 3) or left(note, 3) = :partition_static_key"
  const OF_KEY = { query, staticKeyColumn: "note" }

  it("replaces its key of its day alone", async () => {
    await source.query("update sales set note = 'tab' where id = 2")
    assert.deepEqual(counts(await load(OF_KEY, keyed("a"))), [1, 1, 0, 0, 0])
    assert.deepEqual(counts(await load(OF_KEY, keyed("tab"))), [1, 1, 0, 0, 0])
    assert.deepEqual(counts(await load(OF_KEY, keyed("a"))), [1, 1, 0, 1, 0])
    assert.deepEqual(await rows("select id, note from marts.sales order by id"), [
      ["1", "a"],
      ["2", "tab"],
    ])
  })

  it("refuses rows of another key, and a load that cannot tell its own rows", async () => {
    const stranger = { ...OF_KEY, query: "select id, amount, 'other' as note, at from sales where id = 1" }
    await assert.rejects(load(stranger, keyed("a")), { code: "data.invalid_row", message: /column "note" is not a/ })
    await assert.rejects(load({}, keyed("a")), { code: "pipeline.invalid", message: /set staticKeyColumn/ })
  })
})

describe("the partition column", () => {
  const DAYS = {
    query: "select 1 as id, '2026-03-01' as day",
    columns: { id: "bigint", day: "date" },
    partitionColumn: "day",
  }
  const berlin = { id: "p", file: "x.ts", schedule: { cron: "0 0 * * *", timezone: "Europe/Berlin" } } as Manifest

  it("counts days of a date column in the schedule's zone", async () => {
    const run = { intervalStart: "2026-02-28T23:00:00.000Z", intervalEnd: "2026-03-01T23:00:00.000Z" }
    assert.deepEqual(counts(await load(DAYS, { run, manifest: berlin })), [1, 1, 0, 0, 0])
    assert.deepEqual(counts(await load(DAYS, { run, manifest: berlin })), [1, 1, 0, 1, 0])
  })

  it("refuses a date column for intervals shorter than a day", async () => {
    const run = { intervalStart: "2026-03-01T10:00:00.000Z", intervalEnd: "2026-03-01T11:00:00.000Z" }
    await assert.rejects(load(DAYS, { run }), { code: "pipeline.invalid" })
  })
})

describe("mistakes in the options", () => {
  it("names a type that does not exist, and takes no SQL for one", async () => {
    for (const type of ["nope", "int); drop schema marts cascade; --", "int, x int"]) {
      await assert.rejects(load({ columns: { ...BASE.columns, note: type } }), (error: AppError) => {
        return error.code === "pipeline.invalid" && /Column "note"/.test(error.message)
      })
    }
  })

  it("names the line of the query that the source refuses", async () => {
    await assert.rejects(load({ query: "select id,\n  nope\nfrom sales" }), (error: AppError) => {
      return error.code === "sql.failed" && error.where === "query:2"
    })
    await assert.rejects(load({ query: "select 1; select 2" }), { code: "pipeline.invalid" })
    await assert.rejects(load({ query: "delete from sales returning 1" }), { code: "pipeline.invalid" })
  })
})
