import assert from "node:assert/strict"
import { test } from "node:test"
import vm from "node:vm"
import { withQuery } from "../queries/client.ts"
import { EARLY_SCRIPT } from "./early-script.ts"

/** What the script asks for at an address. */
function early(pathname: string, search = ""): string[] {
  const asked: string[] = []
  const document = {
    createElement: () => ({}),
    head: {
      append: (link: { rel: string; as: string; crossOrigin: string; href: string }) => {
        assert.deepEqual([link.rel, link.as, link.crossOrigin], ["preload", "fetch", "anonymous"])
        asked.push(link.href)
      },
    },
  }
  vm.runInNewContext(EARLY_SCRIPT, { location: { pathname, search }, document })
  return asked
}

test("asks for what each list reads first", () => {
  assert.deepEqual(early("/pipelines"), [withQuery("/pipelines", { limit: 500 })])
  assert.deepEqual(early("/runs"), [withQuery("/runs", { limit: 150, cursor: undefined })])
  assert.deepEqual(early("/datasets"), [withQuery("/datasets", { limit: 500, cursor: null })])
  assert.deepEqual(early("/backfills"), [withQuery("/backfills", { limit: 200 })])
})

test("asks for the one thing that a detail screen shows", () => {
  assert.deepEqual(early("/runs/412"), ["/api/v1/runs/412"])
  assert.deepEqual(early("/datasets/warehouse.marts.fct_orders"), ["/api/v1/datasets/warehouse.marts.fct_orders"])
})

test("asks for what all tabs of a screen count, and for the whole graph unless it is narrowed", () => {
  const lists = ["rules", "routes", "channels", "maintenance"].map((list) => withQuery(`/alerts/${list}`, {}))
  assert.deepEqual(early("/alerts"), lists)
  assert.deepEqual(early("/alerts", "?tab=log"), lists)
  assert.deepEqual(early("/lineage", "?dataset=warehouse.a.b&column=c"), [withQuery("/lineage", {})])
  assert.deepEqual(early("/lineage", "?around=warehouse.a.b&depth=1"), [])
})

test("asks for nothing where the address narrows the list or has no data of its own", () => {
  assert.deepEqual(early("/runs", "?state=failed"), [])
  assert.deepEqual(early("/backfills/new"), [])
  assert.deepEqual(early("/system"), [])
  assert.deepEqual(early("/"), [])
  assert.deepEqual(early("/nowhere"), [])
})
