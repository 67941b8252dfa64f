import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { datasetPolicySchema, type LoadedPolicy } from "#lib/contracts/quality/dataset-policy.ts"
import { listDatasets } from "#lib/store/read/datasets.ts"
import { RunDriver } from "#test/run-driver.ts"
import { saveWorkspace } from "./save-workspace.ts"

let t: RunDriver
before(async () => {
  t = await RunDriver.open()
})
after(() => t.close())

function makePolicy(table: string, owner: string): LoadedPolicy {
  const policy = datasetPolicySchema.parse({ owner })
  return { datasetId: `warehouse.${table}`, file: `quality/${table}.yml`, line: 2, policy, hash: `hash of ${owner}` }
}

async function save(policies: LoadedPolicy[], problems: WorkspaceProblem[] = []): Promise<string[][]> {
  await saveWorkspace(t.store, { pipelines: [], policies, problems }, new Date())
  const { rows } = await t.store.pool.query<{ id: string; owner: string }>(
    "select dataset_id as id, policy ->> 'owner' as owner from dataset_policy order by 1",
  )
  return rows.map(({ id, owner }) => [id, owner])
}

test("what a workspace declares of datasets replaces what it declared before", async () => {
  assert.deepEqual(await save([makePolicy("marts.a", "Ann"), makePolicy("marts.b", "Ann")]), [
    ["warehouse.marts.a", "Ann"],
    ["warehouse.marts.b", "Ann"],
  ])
  assert.deepEqual(await save([makePolicy("marts.b", "Bob")]), [["warehouse.marts.b", "Bob"]])
})

test("the policies of a broken file stay as they were", async () => {
  await save([makePolicy("marts.a", "Ann"), makePolicy("marts.b", "Ann")])
  const problem: WorkspaceProblem = {
    file: "quality/marts.a.yml",
    line: 3,
    column: null,
    pipelineId: null,
    rule: "bad_policy",
    message: "no such section",
  }
  assert.deepEqual(await save([], [problem]), [["warehouse.marts.a", "Ann"]])
  assert.deepEqual(await save([]), [])
})

test("a dataset is called what its policy says", async () => {
  await save([makePolicy("marts.a", "Ann")])
  const { items } = await listDatasets(t.store.pool, { limit: 10 })
  assert.equal(items.find(({ id }) => id === "warehouse.marts.a")?.owner, "Ann")
})
