import assert from "node:assert/strict"
import { test } from "node:test"
import { toApiError, withQuery } from "./client.ts"

test("builds an address from what is set and escapes it", () => {
  assert.equal(withQuery("/runs", {}), "/api/v1/runs")
  assert.equal(
    withQuery("/runs", { q: "a&b", state: "", cursor: undefined, limit: 50 }),
    "/api/v1/runs?q=a%26b&limit=50",
  )
})

test("takes the advice and the code of a problem answer", async () => {
  const body = {
    type: "about:blank",
    title: "Not found",
    status: 404,
    detail: "There is no run 7.",
    code: "run.not_found",
  }
  const error = await toApiError(new Response(JSON.stringify(body), { status: 404 }))
  assert.equal(error.message, "There is no run 7.")
  assert.equal(error.code, "run.not_found")
  assert.equal(error.status, 404)
})

test("turns a proxy's page into one sentence with the status", async () => {
  const error = await toApiError(new Response("<html>Bad gateway</html>", { status: 502 }))
  assert.match(error.message, /^The server answered 502\./)
  assert.equal(error.code, "internal")
})
