import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, before, beforeEach, describe, it } from "node:test"
import pg from "pg"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { checksOptionsSchema } from "#lib/contracts/operators/checks.ts"
import { extractOptionsSchema } from "#lib/contracts/operators/extract.ts"
import { loadCsvOptionsSchema } from "#lib/contracts/operators/load-csv.ts"
import { partitionLoadOptionsSchema } from "#lib/contracts/operators/partition-load.ts"
import { sqlOptionsSchema } from "#lib/contracts/operators/sql.ts"
import { expectationsSectionSchema } from "#lib/contracts/quality/expectations-section.ts"
import type { Connections } from "#lib/server/connections.ts"
import type { TablePolicies } from "#lib/server/quality/table-policies.ts"
import { createDatabase, createTestDatabase, type TestDatabase } from "#test/db.ts"
import { connectionsTo, makeOperatorContext } from "#test/operator-context.ts"
import { checksOperator } from "./checks.ts"
import { extractOperator } from "./extract.ts"
import { loadCsvOperator } from "./load-csv.ts"
import { partitionLoadOperator } from "./partition-load.ts"
import { sqlOperator } from "./sql.ts"

let database: TestDatabase
let warehouse: pg.Pool
let source: pg.Pool
let connections: Connections
let codeDir: string

before(async () => {
  database = await createTestDatabase()
  const shop = await createDatabase("shop")
  source = new pg.Pool({ connectionString: shop })
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  connections = connectionsTo({ warehouse: database.warehouseUrl, connections: { shop } })
  codeDir = await mkdtemp(path.join(os.tmpdir(), "headrace-policy-"))
  await source.query("create table sales (id bigint primary key, email text, at timestamptz)")
})
after(async () => {
  await Promise.all([warehouse.end(), source.end(), connections.end(), rm(codeDir, { recursive: true })])
  await database.drop()
})
beforeEach(async () => {
  await warehouse.query(
    `drop schema if exists raw cascade; drop schema if exists headrace cascade; create schema raw;
     create table raw.sales (id bigint, email text)`,
  )
  await source.query(
    `truncate sales;
     insert into sales values (1, 'a@x', '2026-03-01 10:00Z'), (2, null, '2026-03-01 11:00Z'), (3, null, '2026-03-02 10:00Z')`,
  )
})

/** A policy of `raw.sales`. */
function policy(expectations: object): TablePolicies {
  const section = expectationsSectionSchema.parse(expectations)
  const masks = async () => (column: string) => column === "email"
  return { of: async (id) => ({ section: id === "warehouse.raw.sales" ? section : null, masks }) }
}

async function loadCsv(text: string, policies: TablePolicies) {
  await writeFile(path.join(codeDir, "sales.csv"), text)
  const columns = { id: "bigint", email: "text" }
  const options = loadCsvOptionsSchema.parse({ file: "sales.csv", into: "raw.sales", columns, keys: ["id"] })
  return loadCsvOperator.run(makeOperatorContext({ options, codeDir, connections, policies }))
}

function loadDay(policies: TablePolicies, run: object = {}) {
  const options = partitionLoadOptionsSchema.parse({
    source: "shop",
    query: "select id, email, at from sales where at >= :interval_start and at < :interval_end",
    into: "raw.sales",
    columns: { id: "bigint", email: "text", at: "timestamptz" },
    partitionColumn: "at",
  })
  const manifest = { id: "demo", file: "pipelines/demo.ts", schedule: null } as Manifest
  return partitionLoadOperator.run(makeOperatorContext({ options, manifest, connections, policies, run }))
}

const ids = async (table = "raw.sales") =>
  (await warehouse.query(`select id from ${table} order by 1`)).rows.map((row) => row.id)
const aside = async () =>
  (await warehouse.query(`select "row" ->> 'id' as id from raw.sales__quarantine order by 1`)).rows.map((row) => row.id)

describe("expectations of a policy", () => {
  it("hold up a load before anybody sees it, and are told with their outcomes", async () => {
    const policies = policy([{ not_null: "email" }, { row_count: { min: 1 } }])
    await loadCsv("id,email\n1,a@x\n", policies)
    assert.deepEqual(await ids(), ["1"])
    await assert.rejects(
      loadCsv("id,email\n2,b@x\n3,\n", policies),
      (error: Error & { code: string; details: object }) => {
        assert.equal(error.code, "check.failed")
        assert.equal(error.message, "1 of 2 checks of raw.sales failed: email is not null (1 of 2 rows).")
        const { taskResult } = error.details as { taskResult: { checks: object[]; materializations?: object[] } }
        assert.equal(taskResult.checks.length, 2)
        assert.equal(taskResult.materializations, undefined, "nothing was written")
        return true
      },
    )
    assert.deepEqual(await ids(), ["1"], "the old rows stay")
  })

  it("set failing rows aside and let the load go on", async () => {
    const result = await loadCsv("id,email\n2,b@x\n3,\n", policy([{ not_null: "email", on_fail: "quarantine" }]))
    assert.deepEqual([await ids(), await aside()], [["2"], ["3"]])
    assert.equal(result.materializations![0]!.rowsRejected, 1)
    const [check] = result.checks!
    assert.deepEqual([check!.passed, check!.severity, check!.rowsFailed], [false, "warn", 1])
  })

  it("only warn where they are asked to", async () => {
    const result = await loadCsv("id,email\n3,\n", policy([{ not_null: "email", on_fail: "warn" }]))
    assert.deepEqual(await ids(), ["3"])
    assert.equal(result.checks![0]!.passed, false)
  })

  it("hold up the statements of a script, an extract and a partition", async () => {
    const policies = policy([{ not_null: "email" }])
    const sql = sqlOptionsSchema.parse({ text: "insert into raw.sales values (9, null)", writes: "raw.sales" })
    await assert.rejects(sqlOperator.run(makeOperatorContext({ options: sql, connections, policies })), {
      code: "check.failed",
    })
    await assert.rejects(loadDay(policies), { code: "check.failed" })
    assert.deepEqual(await ids(), [])
    await warehouse.query("drop table raw.sales")
    const extract = extractOptionsSchema.parse({
      source: "shop",
      table: "public.sales",
      into: "raw.sales",
      columns: ["id", "email"],
      keys: ["id"],
      mode: "full",
    })
    await assert.rejects(extractOperator.run(makeOperatorContext({ options: extract, connections, policies })), {
      code: "check.failed",
    })
    assert.equal((await warehouse.query("select to_regclass('raw.sales') as there")).rows[0].there, null)
  })

  it("look at the interval that was loaded, or at the whole table where they say so", async () => {
    const policies = policy([
      { not_null: "email", on_fail: "quarantine" },
      { row_count: { max: 1 } },
      { row_count: { max: 2 }, over: "table" },
    ])
    const first = await loadDay(policies)
    const second = await loadDay(policies, {
      intervalStart: "2026-03-02T00:00:00.000Z",
      intervalEnd: "2026-03-03T00:00:00.000Z",
    })
    assert.deepEqual([await ids(), await aside()], [["1"], ["2", "3"]])
    const found = [first, second].map(({ checks }) =>
      checks!.map(({ observed, rowsFailed, partitionKey }) => [observed, rowsFailed, partitionKey]),
    )
    assert.deepEqual(
      found.map((checks) => checks.slice(1).map(([observed]) => observed)),
      [
        [1, 1],
        [0, 1],
      ],
    )
    assert.equal(found[0]![0]![2], "2026-03-01T00:00:00.000Z")
    assert.equal(found[0]![2]![2], null)
  })

  it("run in a checks task that asks for them, and move rows there in one transaction", async () => {
    await warehouse.query("insert into raw.sales values (1, 'a'), (2, null)")
    const policies = policy({ expect: [{ not_null: "email" }], onFail: "quarantine", weights: { completeness: 2 } })
    const options = checksOptionsSchema.parse({ table: "raw.sales", policy: true })
    const result = await checksOperator.run(makeOperatorContext({ options, connections, policies }))
    assert.deepEqual([await ids(), await aside()], [["1"], ["2"]])
    assert.deepEqual(result.outputs, { checks: 1, failed: 0, warned: 1, score: 50 })
  })

  it("mask what is personal in samples", async () => {
    await warehouse.query("insert into raw.sales values (1, 'a'), (2, 'secret@person')")
    const policies = policy([{ not_matches: { column: "email", regex: "@" }, on_fail: "warn" }])
    const options = checksOptionsSchema.parse({ table: "raw.sales", policy: true })
    const { checks } = await checksOperator.run(makeOperatorContext({ options, connections, policies }))
    assert.deepEqual(checks![0]!.samples, [{ email: "•••" }])
  })
})
