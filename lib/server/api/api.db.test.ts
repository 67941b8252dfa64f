import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { Problem } from "#lib/contracts/api/common.ts"
import { TestApi } from "#test/api-client.ts"
import { PERMISSIONS } from "../auth.ts"
import { createLiveEvents } from "../events.ts"
import { log } from "../log.ts"
import { createApi } from "./create-api.ts"
import { openApiDocument } from "./routes/docs.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
})
after(() => t.close())

async function problemOf(response: Response): Promise<Problem> {
  assert.equal(response.headers.get("content-type"), "application/problem+json")
  const problem = (await response.json()) as Problem
  assert.equal(problem.status, response.status)
  return problem
}

test("every route of the app declares a permission, and nothing else is routed", () => {
  const routed = t.api.app.routes.filter((route) => route.method !== "ALL")
  assert.ok(routed.length > 25)
  for (const route of routed) {
    const entry = t.api.table.find(({ method, path }) => method === route.method && path === route.path)
    assert.ok(entry, `${route.method} ${route.path} is in the table`)
    assert.ok(PERMISSIONS.includes(entry.permission))
  }
})

test("only probes, documentation and callbacks are public", () => {
  const open = t.api.table.filter((route) => route.permission === "public").map((route) => route.path)
  assert.deepEqual(open.sort(), [
    "/api/v1/callbacks/:token",
    "/api/v1/docs",
    "/api/v1/docs/:asset",
    "/api/v1/health",
    "/api/v1/openapi.json",
    "/api/v1/ready",
  ])
})

test("refuses a handler that was added without a permission", async () => {
  const api = createApi({
    config: { host: "127.0.0.1" },
    store: async () => t.store,
    events: t.events,
    warehouse: async () => t.warehouse,
  })
  api.app.get("/rogue", (context) => context.text("secret"))
  api.app.all("/rogue/all", (context) => context.text("secret"))
  api.app.use("/rogue/under/*", async (context) => context.text("secret"))
  for (const path of ["/rogue", "/rogue/all", "/rogue/under/it"]) {
    const response = await api.fetch(new Request(`http://localhost/api/v1${path}`))
    assert.equal(response.status, 403, path)
    assert.equal((await problemOf(response)).code, "auth.forbidden")
  }
})

test("asks for permission before it reads anything, on every route that is not public", async () => {
  const api = createApi({
    config: { host: "0.0.0.0" },
    store: () => assert.fail("the store was asked for"),
    events: t.events,
    warehouse: () => assert.fail("the warehouse was asked for"),
  })
  for (const { method, path, permission } of api.table) {
    if (permission === "public") continue
    const url = `http://localhost${path.replace(/:\w+/g, "1")}`
    const response = await api.fetch(new Request(url, { method }))
    assert.equal(response.status, 401, `${method} ${path}`)
  }
})

test("answers what is not there with 404, and the wrong method with 405 and the right ones", async () => {
  assert.equal((await problemOf(await t.request("/nothing"))).code, "request.not_found")
  assert.equal((await problemOf(await t.request("/runs/1/"))).status, 404)
  const wrong = await t.request("/runs", { method: "DELETE" })
  assert.equal(wrong.headers.get("allow"), "GET, POST")
  assert.equal((await problemOf(wrong)).code, "request.method_not_allowed")
})

test("names each value of a query, a path or a body that does not fit", async () => {
  const query = await problemOf(await t.request("/runs?limit=0&state=done"))
  assert.equal(query.status, 400)
  assert.deepEqual(query.issues?.map((issue) => issue.path).sort(), ["query.limit", "query.state"])
  const path = await problemOf(await t.request("/runs/abc"))
  assert.deepEqual(path.issues, [{ path: "path.id", message: "an id is a whole number" }])
  const body = await problemOf(await t.send("/backfills", { pipelineId: "a", from: "yesterday", to: "2026-01-02" }))
  assert.deepEqual(
    body.issues?.map((issue) => issue.path),
    ["body.from"],
  )
})

test("refuses bodies that are malformed, too deep, too large or not JSON", async () => {
  const json = { "content-type": "application/json" }
  const send = (body: BodyInit, headers: Record<string, string> = json) =>
    t.request("/runs", { method: "POST", body, headers })
  assert.match((await problemOf(await send("{"))).detail, /not valid JSON/)
  assert.match((await problemOf(await send("["))).detail, /not valid JSON/)
  assert.match((await problemOf(await send("[".repeat(500_000)))).detail, /nested/)
  assert.equal((await problemOf(await send(`"${"x".repeat(1_100_000)}"`))).code, "request.too_large")
  assert.match((await problemOf(await send(new Uint8Array([0x7b, 0xff])))).detail, /UTF-8/)
  assert.match((await problemOf(await send("{}", { "content-type": "text/plain" }))).detail, /application\/json/)
  assert.equal((await problemOf(await send("null"))).status, 400)
  assert.equal((await problemOf(await send('{"pipelineId":"a\\u0000b"}'))).status, 400)
})

test("counts the bytes of a body that does not say how long it is", async () => {
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(0x20))
    },
  })
  const response = await t.request("/runs", {
    method: "POST",
    body: endless,
    headers: { "content-type": "application/json" },
    duplex: "half",
  } as RequestInit)
  assert.equal(response.status, 413)
  assert.ok(sent < 2_000_000)
})

test("answers ids and cursors out of range without a server error", async () => {
  for (const path of [
    "/runs/9223372036854775808",
    "/attempts/9999999999999999999/logs",
    "/runs?cursor=%00",
    "/runs?q=%00",
  ]) {
    const response = await t.request(path)
    assert.ok(response.status >= 400 && response.status < 500, `${path}: ${response.status}`)
  }
})

test("says 503 while the database is away, in routes and in the health check", async () => {
  const away = () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }))
  const api = createApi({
    config: { host: "127.0.0.1" },
    store: away,
    events: t.events,
    warehouse: async () => t.warehouse,
  })
  const runs = await api.fetch(new Request("http://localhost/api/v1/runs"))
  assert.equal((await problemOf(runs)).code, "store.unavailable")
  const health = await api.fetch(new Request("http://localhost/api/v1/health"))
  assert.equal(health.status, 503)
  assert.equal(((await health.json()) as { database: string }).database, "unreachable")
  assert.equal((await api.fetch(new Request("http://localhost/api/v1/ready"))).status, 503)
})

test("hides what went wrong inside behind the request's id", async () => {
  const broken = () => Promise.reject(new Error("secret detail"))
  const api = createApi({
    config: { host: "127.0.0.1" },
    store: broken,
    events: t.events,
    warehouse: async () => t.warehouse,
  })
  const response = await api.fetch(new Request("http://localhost/api/v1/runs"))
  const id = response.headers.get("x-request-id")!
  const problem = await problemOf(response)
  assert.equal(problem.status, 500)
  assert.ok(problem.detail.includes(id))
  assert.ok(!problem.detail.includes("secret"))
})

test("does not open the event connection before somebody follows", async () => {
  const events = createLiveEvents("postgresql://nobody@127.0.0.1:1/nowhere")
  await events.close()
})

test("the OpenAPI document describes every route, and all its references lead somewhere", async () => {
  const document = (await t.get("/openapi.json")) as Document
  assert.deepEqual(document, JSON.parse(JSON.stringify(openApiDocument(t.api))))
  assert.equal(document.openapi, "3.1.0")
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ key: `${method.toUpperCase()} ${path}`, path, operation })),
  )
  const table = t.api.table.map((route) => `${route.method} ${route.path.replace(/:(\w+)/g, "{$1}")}`)
  assert.deepEqual(operations.map((operation) => operation.key).sort(), [...table].sort())
  assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length)
  for (const { path, operation, key } of operations) {
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path").map(({ name }) => name)
    assert.deepEqual(
      declared,
      [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!),
      key,
    )
    assert.ok(operation["x-headrace-permission"], key)
    assert.ok(operation.responses.default, key)
  }
  for (const [, name] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)) {
    assert.ok(document.components.schemas[name!], `${name} is defined`)
  }
})

interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, unknown> }
}
interface Operation {
  operationId: string
  parameters?: { in: string; name: string }[]
  responses: Record<string, unknown>
  "x-headrace-permission": string
}

test("serves the browsable page from here alone", async () => {
  const page = await t.request("/docs")
  const policy = page.headers.get("content-security-policy") ?? ""
  assert.match(policy, /script-src 'self'/)
  const html = await page.text()
  assert.ok(!/https?:\/\//.test(html), "nothing is fetched from elsewhere")
  assert.ok(!/<script>/.test(html), "no inline script")
  for (const [, address] of html.matchAll(/(?:src|href)="\/api\/v1([^"]+)"/g)) {
    const asset = await t.request(address!)
    assert.equal(asset.status, 200, address)
    assert.ok((await asset.text()).length > 100)
  }
  assert.equal((await t.request("/docs/..%2f..%2fpackage.json")).status, 400)
})
