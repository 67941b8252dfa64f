import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { DatasetDocument } from "#lib/contracts/dataset-document.ts"
import { makeManifest } from "#test/factories.ts"
import { makeDatasetPolicy } from "#test/freshness-workspace.ts"
import { RunDriver } from "#test/run-driver.ts"
import { saveWorkspace } from "./save-workspace.ts"

let t: RunDriver
before(async () => {
  t = await RunDriver.open()
})
after(() => t.close())

const SOURCE = "warehouse.raw.orders"
const DOCUMENT: DatasetDocument = {
  dataset: SOURCE,
  isBuilt: false,
  kind: "source",
  uniqueId: "source.shop.raw.orders",
  materialized: null,
  description: "",
  owner: null,
  tags: [],
  meta: {},
  file: "dbt/models/raw.yml",
  package: "shop",
  sql: null,
  columns: [],
  tests: [],
  isSensitive: false,
  snapshot: null,
  exposures: [],
  freshness: {
    warnAfterMs: 3_600_000,
    errorAfterMs: null,
    probe: { column: null, expression: "loaded_at", filter: null, query: null },
  },
}

async function save(parts: { documents?: DatasetDocument[]; policies?: Record<string, object>; hash?: string }) {
  const { documents, policies = {}, hash = "one" } = parts
  const manifest = makeManifest({ id: "shop", tasks: [{ id: "built", writes: ["warehouse.marts.built"] }] })
  await saveWorkspace(
    t.store,
    {
      pipelines: documents ? [{ manifest, files: {}, hash, documents }] : [],
      policies: Object.entries(policies).map(([id, policy]) => makeDatasetPolicy(id, policy)),
      problems: [],
    },
    new Date(),
  )
  const { rows } = await t.store.pool.query<{ text: string }>(
    `select dataset_id || ' ' || origin || ' ' || (policy -> 'maxAge' ->> 'warnAfterMs') as text from freshness_status
     where policy is not null order by 1`,
  )
  return rows.map(({ text }) => text)
}

test("a project's freshness is watched by itself, until the workspace says otherwise, or the project is gone", async () => {
  assert.deepEqual(await save({ documents: [DOCUMENT] }), [`${SOURCE} dbt 3600000`])
  const own = { [SOURCE]: { freshness: { maxAge: { warn: "5m" }, column: "at" } } }
  assert.deepEqual(await save({ documents: [DOCUMENT], policies: own }), [`${SOURCE} policy 300000`])
  assert.deepEqual(await save({ documents: [DOCUMENT] }), [`${SOURCE} dbt 3600000`])
  const without = { ...DOCUMENT }
  delete without.freshness
  assert.deepEqual(await save({ documents: [without], hash: "two" }), [])
  assert.deepEqual(await save({ documents: [DOCUMENT], hash: "three" }), [`${SOURCE} dbt 3600000`])
  assert.deepEqual(await save({}), [])
})

test("saving the same again changes nothing", async () => {
  await save({ documents: [DOCUMENT] })
  const read = async () => (await t.store.pool.query("select watched_since, xmin::text from freshness_status")).rows
  const once = await read()
  await save({ documents: [DOCUMENT], policies: { "warehouse.raw.other": { owner: "Ann" } } })
  assert.deepEqual(await read(), once)
})

test("monitors are those that are declared, and of tables that nobody here builds whose rows are expected to be something", async () => {
  const expectations = [{ notNull: "id" }]
  await save({
    documents: [],
    hash: "four",
    policies: {
      "warehouse.marts.built": { expectations },
      "warehouse.marts.declared": { monitor: { every: "10m" } },
      "warehouse.crm.contacts": { expectations },
      "warehouse.crm.named": { owner: "Ann" },
    },
  })
  const { rows } = await t.store.pool.query("select dataset_id, every_ms from dataset_monitor order by 1")
  assert.deepEqual(
    rows.map(({ dataset_id, every_ms }) => [dataset_id, every_ms]),
    [
      ["warehouse.crm.contacts", 3_600_000],
      ["warehouse.marts.declared", 600_000],
    ],
  )
})
