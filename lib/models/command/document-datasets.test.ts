import assert from "node:assert/strict"
import { test } from "node:test"
import type { DatasetDocument } from "#lib/contracts/dataset-document.ts"
import { parseFiles } from "#test/dbt-project.ts"
import { documentDatasets } from "./document-datasets.ts"

/** Documents of everything that a project builds, by the last part of their ids. */
function documentsOf(files: Record<string, string>): Record<string, DatasetDocument> {
  const { manifest } = parseFiles(files)
  const built = [...manifest.nodes.values()].filter(
    (node) => node.resource_type !== "test" && node.config.materialized !== "ephemeral",
  )
  const documents = documentDatasets(manifest, built, "dbt")
  return Object.fromEntries(documents.map((document) => [document.dataset.split(".").at(-1)!, document]))
}

test("a model is documented with its place, its owner's group, its tests and its columns", () => {
  const { orders } = documentsOf({
    "models/orders.sql": "{{ config(materialized='table', tags=['mart']) }}\nselect 1 as id",
    "models/schema.yml": `
groups: [{ name: sales, owner: { name: Sales, email: sales@example.com } }]
models:
  - name: orders
    description: What was sold
    config: { group: sales }
    columns:
      - { name: ID, description: Number, data_tests: [unique, { not_null: { config: { severity: warn } } }] }
      - { name: Quoted, quote: true }`,
  })
  assert.ok(orders)
  assert.equal(orders.file, "dbt/models/orders.sql")
  assert.deepEqual([orders.kind, orders.materialized, orders.owner, orders.tags], ["model", "table", "Sales", ["mart"]])
  assert.deepEqual(
    orders.columns.map(({ name }) => name),
    ["id", "Quoted"],
    "as Postgres folds what is not quoted",
  )
  assert.deepEqual(
    orders.tests.map(({ kind, severity }) => [kind, severity]),
    [
      ["unique", "error"],
      ["not_null", "warn"],
    ],
  )
})

test("what reads a dataset outside of the warehouse is documented with it, also through ephemeral models", () => {
  const { orders, clean } = documentsOf({
    "models/orders.sql": "select 1 as id",
    "models/clean.sql": "select * from {{ ref('orders') }}",
    "models/lines.sql": "{{ config(materialized='ephemeral') }} select * from {{ ref('orders') }}",
    "models/schema.yml": `
exposures:
  - name: weekly
    label: Weekly report
    type: dashboard
    maturity: high
    url: https://bi.example.com/1
    owner: { email: ada@example.com }
    description: What was sold.
    depends_on: [ref('lines'), ref('clean')]`,
  })
  const weekly = {
    id: "exposure.shop.weekly",
    name: "Weekly report",
    type: "dashboard",
    owner: "ada@example.com",
    url: "https://bi.example.com/1",
    maturity: "high",
    description: "What was sold.",
  }
  assert.deepEqual([orders?.exposures, clean?.exposures], [[weekly], [weekly]])
})

test("an owner in meta comes before that of the group, and an address stands in for a name", () => {
  const { one, two } = documentsOf({
    "models/one.sql": "select 1 as id",
    "models/two.sql": "select 1 as id",
    "models/schema.yml": `
models:
  - { name: one, meta: { owner: Ada } }
  - { name: two, meta: { owner: { email: team@example.com } } }`,
  })
  assert.deepEqual([one?.owner, two?.owner], ["Ada", "team@example.com"])
})

test("personal data is marked by tags or by meta", () => {
  const { people } = documentsOf({
    "models/people.sql": "select 1 as a, 2 as b, 3 as c",
    "models/schema.yml": `
models:
  - name: people
    columns:
      - { name: a, tags: [pii] }
      - { name: b, meta: { contains_pii: true } }
      - { name: c, meta: { contains_pii: false } }`,
  })
  assert.deepEqual(
    people?.columns.map(({ tags, isCleared }) => [tags, isCleared]),
    [
      [["pii"], false],
      [["pii"], false],
      [[], true],
    ],
  )
})

test("what is read is documented too, as read alone, and through ephemeral models", () => {
  const documents = documentsOf({
    "models/between.sql": "{{ config(materialized='ephemeral') }}\nselect * from {{ source('shop', 'orders') }}",
    "models/last.sql": "select * from {{ ref('between') }}",
    "models/schema.yml": `
sources:
  - name: shop
    schema: raw
    description: The shop
    tables: [{ name: orders, identifier: t_orders, config: { meta: { contains_pii: true } }, columns: [{ name: email, tags: [pii] }] }]`,
  })
  assert.deepEqual(Object.keys(documents).toSorted(), ["last", "t_orders"])
  const source = documents.t_orders
  assert.deepEqual(
    [source?.dataset, source?.isBuilt, source?.kind, source?.description, source?.isSensitive],
    ["warehouse.raw.t_orders", false, "source", "The shop", true],
  )
})

test("snapshots say how they keep versions, and models may", () => {
  const documents = documentsOf({
    "models/people.sql": "select 1 as id",
    "models/dim.sql": "select 1 as id",
    "models/schema.yml": `
models:
  - name: dim
    meta: { scd2: { key: [id, shop], valid_from: since, valid_to: until, columns: [is_current] } }`,
    "snapshots/history.yml": `
snapshots:
  - name: history
    relation: ref('people')
    config:
      strategy: check
      check_cols: all
      unique_key: id
      snapshot_meta_column_names: { dbt_valid_from: starts }`,
  })
  assert.deepEqual(documents.dim?.snapshot, {
    keys: ["id", "shop"],
    strategy: null,
    validFrom: "since",
    validTo: "until",
    isDeleted: null,
    bookkeeping: ["since", "until", "is_current"],
  })
  const { keys, validFrom, validTo, strategy } = documents.history!.snapshot!
  assert.deepEqual([keys, validFrom, validTo, strategy], [["id"], "starts", "dbt_valid_to", "check"])
  assert.equal(documents.people?.snapshot, null)
})

test("freshness of sources and models is documented, also of sources that nothing reads yet", () => {
  const found = documentsOf({
    "models/orders.sql": "{{ config(freshness={'warn_after': {'count': 1, 'period': 'day'}}) }} select 1 as id",
    "models/rare.sql": "{{ config(freshness={'build_after': {'count': 1, 'period': 'day'}}) }} select 1 as id",
    "models/schema.yml": `
sources:
  - name: raw
    schema: raw
    loaded_at_field: "loaded_at::timestamptz"
    freshness: { warn_after: { count: 12, period: hour }, filter: "id > 0" }
    tables:
      - { name: inherits, freshness: { error_after: { count: 2, period: day } } }
      - { name: opts_out, freshness: null }
      - { name: asks, loaded_at_field: null, loaded_at_query: "select now()", freshness: { warn_after: { count: 5, period: minute } } }`,
  })
  const hour = 3_600_000
  assert.deepEqual(found.inherits?.freshness, {
    warnAfterMs: 12 * hour,
    errorAfterMs: 48 * hour,
    probe: { column: null, expression: "loaded_at::timestamptz", filter: "id > 0", query: null },
  })
  assert.equal(found.inherits?.isBuilt, false)
  assert.equal(found.opts_out, undefined)
  assert.equal(found.asks?.freshness?.probe?.query, "select now()")
  assert.deepEqual(found.orders?.freshness, { warnAfterMs: 24 * hour, errorAfterMs: null, probe: null })
  assert.equal(found.rare?.freshness, undefined)
})
