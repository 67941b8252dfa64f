import assert from "node:assert/strict"
import path from "node:path"
import { after, before, describe, test } from "node:test"
import { createAuthorPool } from "#jobs/author/author-pool.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { fnOptionsSchema } from "#lib/contracts/operators/fn.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { Connections } from "#lib/server/connections.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { connectionsTo, type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { fnOperator } from "./fn.ts"

const codeDir = path.resolve(import.meta.dirname, "../../test/fixtures/author")
const author = createAuthorPool({ size: 1, workspaceDir: codeDir, log: { debug() {}, warn() {} } })
let database: TestDatabase
let connections: Connections

before(async () => {
  database = await createTestDatabase()
  connections = connectionsTo({ warehouse: database.warehouseUrl })
})
after(async () => {
  await author.close()
  await connections.end()
  await database.drop()
})

function runFn(taskId: string, options: object = {}, given: object = {}) {
  return fnOperator.run(
    makeOperatorContext({
      options: fnOptionsSchema.parse(options),
      manifest: { id: "queries", file: "pipelines/queries.ts" } as Manifest,
      task: { id: taskId },
      codeDir,
      author,
      connections,
      ...given,
    }),
  )
}

async function failureOf(result: Promise<unknown>): Promise<AppError> {
  const error = await result.then(
    () => assert.fail("it did not fail"),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof AppError, String(error))
  return error
}

describe("fn", () => {
  test("reads and writes on a declared connection, and returns its outputs", async () => {
    const result = await runFn("write_and_read", { inputs: { rows: 3 } })
    assert.deepEqual(result.outputs, { n: 3, sum: "6" })
  })

  test("may not use a connection that the task does not declare", async () => {
    const error = await failureOf(runFn("write_and_read", { connections: ["shop"] }))
    assert.match(error.message, /may not use connection "warehouse" \(it declares shop\)/)
    assert.match(error.where ?? "", /^pipelines\/queries\.ts:\d+$/)
  })

  test("is told the place in its file when a statement fails", async () => {
    const lines: LogLines = []
    const error = await failureOf(runFn("bad_statement", {}, { lines }))
    assert.match(error.message, /no_such_table/)
    assert.match(error.where ?? "", /^pipelines\/queries\.ts:\d+$/)
    assert.match(lines.at(-1)?.message ?? "", /at .*pipelines\/queries\.ts:\d+:\d+/)
  })

  test("takes one statement a query", async () => {
    assert.match((await failureOf(runFn("two_statements"))).message, /multiple commands/)
  })

  test("gets an error instead of more rows than fit in memory, and goes on", async () => {
    assert.deepEqual((await runFn("too_many_rows")).outputs, {
      message: "ctx.query gave more than 16 MB of rows; add a limit, or let SQL do the work.",
      after: 1,
    })
  })

  test("a skip is a result", async () => {
    assert.deepEqual(await runFn("skip"), { skipped: "nothing new" })
  })

  test("ends its statement on the server when the attempt is stopped", async () => {
    const controller = new AbortController()
    const log = (_level: string, message: string) => {
      if (message === "sleeping") setTimeout(() => controller.abort(new AppError("attempt.timed_out", "over")), 100)
    }
    const error = await failureOf(runFn("sleep", {}, { signal: controller.signal, log }))
    assert.equal(error.code, "attempt.timed_out")
    const { rows } = await connections
      .pool("warehouse")
      .query(
        "select count(*)::int as n from pg_stat_activity where query like '%pg_sleep(61)%' and pid <> pg_backend_pid() and state = 'active'",
      )
    assert.deepEqual(rows, [{ n: 0 }])
  })
})
