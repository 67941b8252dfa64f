import assert from "node:assert/strict"
import { test } from "node:test"
import vm from "node:vm"
import { withQuery } from "../queries/client.ts"
import { EARLY_SCRIPT } from "./early-script.ts"

/** What the script asks for at an address, or null. */
function early(pathname: string, search = ""): string | null {
  let asked: string | null = null
  const document = {
    createElement: () => ({}),
    head: {
      append: (link: { rel: string; as: string; crossOrigin: string; href: string }) => {
        assert.deepEqual([link.rel, link.as, link.crossOrigin], ["preload", "fetch", "anonymous"])
        asked = link.href
      },
    },
  }
  vm.runInNewContext(EARLY_SCRIPT, { location: { pathname, search }, document })
  return asked
}

test("asks for what each list reads first", () => {
  assert.equal(early("/pipelines"), withQuery("/pipelines", { limit: 500 }))
  assert.equal(early("/runs"), withQuery("/runs", { limit: 150, cursor: undefined }))
  assert.equal(early("/datasets"), withQuery("/datasets", { limit: 500, cursor: null }))
  assert.equal(early("/backfills"), withQuery("/backfills", { limit: 200 }))
})

test("asks for the one thing that a detail screen shows", () => {
  assert.equal(early("/runs/412"), "/api/v1/runs/412")
  assert.equal(early("/datasets/warehouse.marts.fct_orders"), "/api/v1/datasets/warehouse.marts.fct_orders")
})

test("asks for nothing where the address narrows the list or has no data of its own", () => {
  assert.equal(early("/runs", "?state=failed"), null)
  assert.equal(early("/backfills/new"), null)
  assert.equal(early("/system"), null)
  assert.equal(early("/"), null)
  assert.equal(early("/nowhere"), null)
})
