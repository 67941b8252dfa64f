// First of all: schemas that were made before it have no names in the OpenAPI document.
import "@hono/zod-openapi"
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { saveWorkspace } from "#lib/actions/save-workspace.ts"
import type { Page, Problem } from "#lib/contracts/api/common.ts"
import type { DatasetVersion, DatasetVersionSummary } from "#lib/contracts/api/dataset-versions.ts"
import type { ColumnTrail, LineageGraph } from "#lib/contracts/api/lineage.ts"
import type { DatasetDocument } from "#lib/contracts/dataset-document.ts"
import { recordLineage } from "#lib/store/dataset-lineage.ts"
import { inTransaction } from "#lib/store/transaction.ts"
import { TestApi } from "#test/api-client.ts"
import { makeManifest, makeRun } from "#test/factories.ts"
import { log } from "../log.ts"

log.level = "silent"
const id = (name: string) => `warehouse.shop.${name}`
const ORDERS = id("orders")

let t: TestApi
before(async () => {
  t = await TestApi.open()
  // Version 1 ran, 2 is the same for orders, 3 reads more and never ran, 4 ran.
  await save({ reads: ["raw"], sql: "select id from raw", columns: ["id"] })
  await trace(1, { columns: [["id", "integer", "raw.id"]], reads: ["raw"] })
  await save({
    reads: ["raw"],
    sql: "select id from raw",
    columns: ["id"],
    description: "Another text of the pipeline.",
  })
  await save({ reads: ["raw", "customers"], sql: "select id, email from raw join customers", columns: ["id", "email"] })
  await save({ reads: ["customers"], sql: "select id, email from customers", columns: ["id", "email"] })
  await trace(4, {
    columns: [
      ["id", "bigint", "customers.id"],
      ["email", "text", "customers.email"],
    ],
    reads: ["customers"],
  })
})
after(() => t.close())

interface Definition {
  reads: string[]
  sql: string
  columns: string[]
  description?: string
}

async function save({ reads, sql, columns, description = "" }: Definition): Promise<void> {
  const tasks = [{ id: "orders", reads: reads.map(id), writes: [ORDERS] }]
  const shop = makeManifest({ id: "shop", tasks, description })
  const documents = [document("orders", true, sql, columns), document("customers", false, null, ["id", "email"])]
  const report = makeManifest({ id: "report", tasks: [{ id: "report", reads: [ORDERS], writes: [id("report")] }] })
  const pipelines = [
    { manifest: shop, files: {}, hash: JSON.stringify(shop), documents },
    // Comes with the third version, and reads it only: its word is of no weight here.
    { manifest: report, files: {}, hash: "report", documents: [document("orders", false, null, [])] },
  ]
  const isThere = (pipeline: { manifest: { id: string } }) =>
    pipeline.manifest.id === "shop" || reads.includes("customers")
  await saveWorkspace(t.store, { pipelines: pipelines.filter(isThere), problems: [] }, new Date())
}

function document(name: string, isBuilt: boolean, sql: string | null, columns: string[]): DatasetDocument {
  const column = (each: string) => ({
    name: each,
    type: null,
    description: "",
    tags: each === "email" && !isBuilt ? ["pii"] : [],
    isCleared: false,
  })
  return {
    dataset: id(name),
    isBuilt,
    kind: isBuilt ? "model" : "source",
    uniqueId: `model.shop.${name}`,
    materialized: null,
    description: "",
    owner: null,
    tags: [],
    meta: {},
    file: null,
    package: "shop",
    sql,
    columns: columns.map(column),
    tests: [],
    isSensitive: false,
    snapshot: null,
    exposures: [],
  }
}

async function trace(
  version: number,
  { columns, reads }: { columns: [name: string, type: string, source: string][]; reads: string[] },
): Promise<void> {
  const { rows } = await t.store.pool.query<{ id: string; manifest: ReturnType<typeof makeManifest> }>(
    "select id::text, manifest from pipeline_version where pipeline_id = 'shop' and version = $1",
    [version],
  )
  const { id: versionId, manifest } = rows[0]!
  const run = await makeRun(t.store.pool, { pipeline: { id: "shop", versionId, version, manifest } })
  const lineage = {
    kind: "query" as const,
    target: null,
    columns: columns.map(([name, type, source]) => {
      const [relation, column] = source.split(".")
      const from = { relation: id(relation!), column: column!, influence: "direct" as const, anonymisedBy: null }
      return { name, type, sources: [from], viaStar: [] }
    }),
    ...{ rows: [], mentions: [], gaps: [], unknownStars: [], relations: reads.map(id) },
  }
  const traced = { dataset: ORDERS, compiledSql: `compiled ${version}`, lineage, problem: null, hash: String(version) }
  await inTransaction(t.store.pool, (transaction) =>
    recordLineage(transaction, [{ ...traced, runId: run.id as never }]),
  )
}

const versions = (query = "") => t.get<Page<DatasetVersionSummary>>(`/datasets/${ORDERS}/versions${query}`)
const asOf = (version: number) => t.get<DatasetVersion>(`/datasets/${ORDERS}/versions/${version}`)

async function refusal(path: string): Promise<[number, string]> {
  const response = await t.request(path)
  return [response.status, ((await response.json()) as Problem).code]
}

test("lists the versions in which a dataset changed, newest first, with what changed in each", async () => {
  const { items } = await versions()
  assert.deepEqual(
    items.map(({ pipelineId, version, previous, isCurrent }) => [pipelineId, version, previous?.version, isCurrent]),
    [
      ["shop", 4, 3, true],
      ["shop", 3, 2, false],
      ["shop", 1, undefined, false],
    ],
  )
  assert.deepEqual(
    items.map(({ summary }) => summary),
    [
      "1 column retyped, SQL changed, 1 upstream removed",
      "1 column added, SQL changed, 1 upstream added",
      "first known",
    ],
  )
})

test("gives the versions page by page", async () => {
  const first = await versions("?limit=2")
  const second = await versions(`?limit=2&cursor=${first.nextCursor}`)
  assert.deepEqual(
    [...first.items, ...second.items].map(({ version }) => version),
    [4, 3, 1],
  )
  assert.equal(second.nextCursor, null)
})

test("shows a dataset as of a version, with the query of the last run up to it", async () => {
  const [second, third, fourth] = [await asOf(2), await asOf(3), await asOf(4)]
  assert.deepEqual(
    [second, third, fourth].map(({ change, compiled, upstreams }) => [change.version, compiled?.version, upstreams]),
    [
      [1, 1, [id("raw")]],
      [3, 1, [id("customers"), id("raw")]],
      [4, 4, [id("customers")]],
    ],
  )
  assert.equal(second.definition?.sql, "select id from raw")
  assert.deepEqual(
    fourth.columns.map(({ name, type, inheritedTags }) => [name, type, inheritedTags.map(({ tag }) => tag)]),
    [
      ["id", "bigint", []],
      ["email", "text", ["pii"]],
    ],
  )
})

test("shows the lineage of tables and columns as of a version", async () => {
  const graph = async (query: string) => {
    const { edges } = await t.get<LineageGraph>(`/lineage?dataset=${ORDERS}${query}`)
    return edges.map(({ from, to }) => `${from.split(".")[2]} > ${to.split(".")[2]}`).sort()
  }
  assert.deepEqual(await graph("&version=1"), ["raw > orders"])
  assert.deepEqual(await graph("&version=3"), ["customers > orders", "orders > report", "raw > orders"])
  assert.deepEqual(await graph(""), ["customers > orders", "orders > report"])
  const source = async (query: string) => {
    const trail = await t.get<ColumnTrail>(`/lineage/columns?dataset=${ORDERS}&column=id${query}`)
    return trail.upstream.map(({ dataset }) => dataset)
  }
  assert.deepEqual(await source("&version=2"), [id("raw")])
  assert.deepEqual(await source("&version=4&pipeline=shop"), [id("customers")])
  assert.deepEqual(await source(""), [id("customers")])
})

test("knows a dataset that only a task writes, as of the version of its pipeline", async () => {
  const report = await t.get<LineageGraph>(`/lineage?dataset=${id("report")}&version=1`)
  assert.deepEqual(
    report.nodes.map((node) => node.id).sort(),
    [ORDERS, id("customers"), id("raw"), id("report")].sort(),
  )
  assert.deepEqual((await t.get<Page<DatasetVersionSummary>>(`/datasets/${id("report")}/versions`)).items, [])
})

test("refuses versions that are not there, and those that do not know the dataset", async () => {
  assert.deepEqual(await refusal(`/datasets/${ORDERS}/versions/9`), [404, "pipeline.version_not_found"])
  assert.deepEqual(await refusal(`/datasets/${id("never")}/versions/1`), [404, "dataset.not_found"])
  assert.deepEqual(await refusal(`/datasets/${id("never")}/versions`), [404, "dataset.not_found"])
  assert.deepEqual(await refusal(`/datasets/${id("report")}/versions/1?pipeline=shop`), [
    404,
    "dataset.version_not_found",
  ])
  assert.deepEqual(await refusal(`/lineage?dataset=${id("report")}&version=1&pipeline=shop`), [
    404,
    "dataset.version_not_found",
  ])
  assert.deepEqual(await refusal("/lineage?version=1"), [400, "request.invalid"])
})
