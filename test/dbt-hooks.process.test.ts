import assert from "node:assert/strict"
import path from "node:path"
import { test } from "node:test"
import pg from "pg"
import { createTestDatabase } from "./db.ts"
import { openWorkspace } from "./workspace-runs.ts"

test("Hooks of on-run-end run after a failure, which stays one, and say what became of each node.", async (t) => {
  const database = await createTestDatabase()
  const runs = await openWorkspace(database, path.join(import.meta.dirname, "workspaces", "dbt-hooks"), {})
  const warehouse = new pg.Client(database.warehouseUrl)
  t.after(async () => {
    await warehouse.end()
    await runs.stop()
    await database.drop()
  })
  const run = await runs.run("hooked")
  assert.equal(run.state, "failed")
  assert.deepEqual(run.tasks, {
    dbt_on_run_start: "success",
    bad: "failed",
    below: "upstream_failed",
    good_unit_tests: "success",
    good: "success",
    good_tests: "success",
    dbt_on_run_end: "success",
    afterwards: "upstream_failed",
  })
  await warehouse.connect()
  const { rows } = await warehouse.query<{ line: string }>("select line from public.hook_log")
  assert.deepEqual(
    rows.map(({ line }) => line),
    [
      "bad error: division by zero",
      "below skipped: Trigger rule all_s",
      "gives_one pass: ",
      "good success: ",
      "id_is_two warn: Got 1 result, conf",
      "hooked",
    ],
  )
})
