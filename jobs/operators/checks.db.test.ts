import assert from "node:assert/strict"
import { after, before, beforeEach, describe, it } from "node:test"
import pg from "pg"
import type { CheckInput } from "#lib/contracts/expectations/read-expectation.ts"
import { checksOptionsSchema } from "#lib/contracts/operators/checks.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import type { AppError } from "#lib/domain/errors.ts"
import type { Connections } from "#lib/server/connections.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { connectionsTo, type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { checksOperator } from "./checks.ts"

let database: TestDatabase
let warehouse: pg.Pool
let connections: Connections

before(async () => {
  database = await createTestDatabase()
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  warehouse.on("error", () => {})
  connections = connectionsTo({ warehouse: database.warehouseUrl })
})
after(async () => {
  await Promise.all([warehouse.end(), connections.end()])
  await database.drop()
})
beforeEach(async () => {
  await warehouse.query(
    `drop schema if exists marts cascade; create schema marts;
     create table marts.t (id int, status text, price numeric, email text, "Odd ""name" text, at timestamptz);
     insert into marts.t values
       (1, 'new', 1.5, 'a@b.c', 'x', now() - interval '2 hours'),
       (2, 'paid', -1, 'broken', null, now() - interval '3 hours'),
       (2, 'odd', null, null, 'x', null)`,
  )
})

function run(expect: CheckInput[], given: { gate?: boolean; lines?: LogLines } = {}) {
  const options = checksOptionsSchema.parse({ table: "marts.t", expect, gate: given.gate ?? false })
  return checksOperator.run(makeOperatorContext({ options, connections, ...(given.lines && { lines: given.lines }) }))
}

async function failures(expect: CheckInput[]) {
  const { checks } = await run(expect)
  return checks!.map((check) => [check.passed, check.rowsChecked, check.rowsFailed])
}

describe("checks", () => {
  it("counts checked and failed rows of each kind of check", async () => {
    assert.deepEqual(
      await failures([
        { kind: "not_null", column: "email" },
        { kind: "unique", columns: ["id"] },
        { kind: "unique", columns: ["id", "status"] },
        { kind: "accepted_values", column: "status", values: ["new", "paid"] },
        { kind: "accepted_values", column: "id", values: [1, 2] },
        { kind: "between", column: "price", min: 0 },
        { kind: "between", column: "at", min: "2020-01-01", max: "2100-01-01" },
        { kind: "matches", column: "email", pattern: "^[^@]+@[^@]+$" },
        { kind: "row_count", min: 1, max: 3 },
        { kind: "freshness", column: "at", maxAge: "3h" },
        { kind: "freshness", column: "at", maxAge: "1h" },
      ]),
      [
        [false, 3, 1],
        [false, 3, 2],
        [true, 3, 0],
        [false, 3, 1],
        [true, 3, 0],
        [false, 2, 1],
        [true, 2, 0],
        [false, 2, 1],
        [true, 3, 0],
        [true, 3, 0],
        [false, 3, 3],
      ],
    )
  })

  it("looks only at the rows that a condition lets through", async () => {
    assert.deepEqual(
      await failures([
        { kind: "not_null", column: "email", where: "status <> 'odd' -- not the odd ones" },
        { kind: "unique", columns: ["id"], where: "status <> 'odd'" },
      ]),
      [
        [true, 2, 0],
        [true, 2, 0],
      ],
    )
  })

  it("quotes evil column names and binds evil values", async () => {
    assert.deepEqual(
      await failures([
        { kind: "not_null", column: 'Odd "name' },
        { kind: "accepted_values", column: 'Odd "name', values: ["x", "'; drop table marts.t; --"] },
      ]),
      [
        [false, 3, 1],
        [true, 2, 0],
      ],
    )
  })

  it("fails the task at the gate, naming checks and counts, with all outcomes attached", async () => {
    const expect: CheckInput[] = [
      { kind: "not_null", column: "email" },
      { kind: "not_null", column: "id" },
      { kind: "between", column: "price", min: 0, severity: "warn" },
    ]
    await assert.rejects(run(expect, { gate: true }), (error: AppError) => {
      assert.equal(error.code, "check.failed")
      assert.equal(error.kind, "data")
      assert.equal(error.message, "1 of 3 checks of marts.t failed: email is not null (1 of 3 rows).")
      const result = error.details.taskResult as TaskResultInput
      assert.equal(result.checks?.length, 3)
      return true
    })
  })

  it("only logs what has the severity of a warning", async () => {
    const lines: LogLines = []
    const expect: CheckInput[] = [{ kind: "not_null", column: "email", severity: "warn" }]
    const result = await run(expect, { gate: true, lines })
    assert.deepEqual(result.outputs, { checks: 1, failed: 0, warned: 1, score: 66.66 })
    assert.deepEqual(
      lines.map((line) => line.level),
      ["warn"],
    )
  })

  it("numbers checks of the same name", async () => {
    const { checks } = await run([
      { kind: "not_null", column: "id" },
      { kind: "not_null", column: "id", where: "true" },
    ])
    assert.deepEqual(
      checks!.map((check) => check.name),
      ["id is not null", "id is not null (2)"],
    )
  })

  it("calls a wrong column a mistake in the check", async () => {
    await assert.rejects(run([{ kind: "not_null", column: "gone" }]), (error: AppError) => {
      return error.code === "sql.failed" && /checks of marts\.t .*column "gone" does not exist/.test(error.message)
    })
    await assert.rejects(
      run([
        { kind: "row_count", min: 1 },
        { kind: "between", column: "id", min: "x" },
      ]),
      {
        code: "sql.failed",
      },
    )
  })

  it("runs no second statement hidden in a condition", async () => {
    await assert.rejects(
      run([{ kind: "not_null", column: "id", where: "true)) from marts.t; drop table marts.t; --" }]),
      { code: "sql.failed" },
    )
    assert.equal((await warehouse.query("select from marts.t")).rowCount, 3)
  })
})
