import assert from "node:assert/strict"
import { test } from "node:test"
import { crumbsOf } from "./crumbs-of.ts"

const words = (path: string) => crumbsOf(path).map((crumb) => crumb.label)

test("names each step of an address", () => {
  assert.deepEqual(words("/"), ["Overview"])
  assert.deepEqual(words("/pipelines/daily_etl"), ["Pipelines", "daily_etl"])
  assert.deepEqual(words("/runs/412"), ["Runs", "Run 412"])
  assert.deepEqual(words("/webhooks/3"), ["Webhooks", "Webhook 3"])
  assert.deepEqual(words("/backfills/new"), ["Backfills", "New"])
  assert.deepEqual(words("/datasets/warehouse.marts.fct%20orders"), ["Datasets", "warehouse.marts.fct orders"])
})

test("leads from an unknown address back to the overview", () => {
  assert.deepEqual(crumbsOf("/nowhere"), [
    { href: "/", label: "Overview" },
    { href: "/nowhere", label: "Not found" },
  ])
})
