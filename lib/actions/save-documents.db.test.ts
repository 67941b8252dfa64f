import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { DatasetDocument } from "#lib/contracts/dataset-document.ts"
import { makeManifest } from "#test/factories.ts"
import { RunDriver } from "#test/run-driver.ts"
import { saveWorkspace } from "./save-workspace.ts"

let t: RunDriver
before(async () => {
  t = await RunDriver.open()
})
after(() => t.close())

const ORDERS = "warehouse.marts.orders"

function document(description: string, isBuilt: boolean): DatasetDocument {
  return {
    dataset: ORDERS,
    isBuilt,
    kind: isBuilt ? "model" : "source",
    uniqueId: "model.shop.orders",
    materialized: null,
    description,
    owner: null,
    tags: [],
    meta: {},
    file: null,
    package: "shop",
    sql: null,
    columns: [],
    tests: [],
    isSensitive: false,
    snapshot: null,
    exposures: [],
  }
}

async function save(pipelines: Record<string, DatasetDocument[]>, hash: string): Promise<void> {
  const loaded = Object.entries(pipelines).map(([id, documents]) => ({
    manifest: makeManifest({ id }),
    files: {},
    hash: `${hash} ${id}`,
    documents,
  }))
  await saveWorkspace(t.store, { pipelines: loaded, problems: [] }, new Date())
}

async function current(): Promise<string | undefined> {
  const { rows } = await t.store.pool.query<{ description: string }>(
    `select o.document ->> 'description' as description
     from dataset d join dataset_document o on o.id = d.document_id where d.id = $1`,
    [ORDERS],
  )
  return rows[0]?.description
}

test("of what several selections of a pipeline say of a dataset, the word of who builds it counts", async () => {
  await save({ one: [document("read before", false), document("built", true), document("read after", false)] }, "a")
  assert.equal(await current(), "built")
})

test("a pipeline that only reads a dataset does not overrule the one that builds it", async () => {
  await save({ one: [document("built", true)], two: [document("read", false)] }, "b")
  assert.equal(await current(), "built")
})

test("the word of a new version replaces the old one, which stays with its own", async () => {
  await save({ one: [document("built anew", true)] }, "c")
  assert.equal(await current(), "built anew")
  const { rows } = await t.store.pool.query<{ versions: number; documents: number }>(
    `select (select count(*) from dataset_version where dataset_id = $1)::int as versions,
            (select count(*) from dataset_document where dataset_id = $1)::int as documents`,
    [ORDERS],
  )
  assert.deepEqual(rows[0], { versions: 4, documents: 3 })
})
