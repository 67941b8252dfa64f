import assert from "node:assert/strict"
import { test } from "node:test"
import { AppError } from "#lib/domain/errors.ts"
import { authorize, isLoopback, type Permission } from "./auth.ts"

const LOCAL = { host: "127.0.0.1" }

function ask(
  options: {
    method?: string
    headers?: Record<string, string>
    permission?: Permission | undefined
    host?: string
  } = {},
): string {
  const { method = "GET", headers = {}, host = "127.0.0.1" } = options
  const permission = "permission" in options ? options.permission : "runs.operate"
  const request = new Request("http://localhost:8420/api/v1/runs", {
    method,
    headers: { host: "localhost:8420", ...headers },
  })
  try {
    return authorize(request, permission, { ...LOCAL, host }).name
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

test("lets in the person at the machine and programs, which send no origin", () => {
  assert.equal(ask(), "local owner")
  assert.equal(ask({ method: "POST" }), "local owner")
  for (const host of ["127.0.0.1:8420", "[::1]:8420", "LOCALHOST", "headrace.localhost:80"]) {
    assert.equal(ask({ headers: { host } }), "local owner", host)
  }
})

test("refuses a route that declares no permission", () => {
  assert.equal(ask({ permission: undefined }), "auth.forbidden")
})

test("refuses names that a foreign page could have pointed at this machine", () => {
  for (const host of [
    "evil.test",
    "evil.test:8420",
    "localhost.evil.test",
    "127.0.0.1.evil.test",
    "192.168.1.4",
    "@",
    "",
  ]) {
    assert.equal(ask({ headers: { host } }), "auth.forbidden", host)
  }
})

test("refuses changes that come from other web pages, also from another port of this machine", () => {
  const foreign: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: "http://localhost:3000" },
    { origin: "http://localhost:3000" },
    { origin: "https://evil.test" },
    { origin: "null" },
  ]
  for (const headers of foreign) {
    assert.equal(ask({ method: "POST", headers }), "auth.forbidden", JSON.stringify(headers))
    assert.equal(ask({ method: "DELETE", headers }), "auth.forbidden", JSON.stringify(headers))
  }
})

test("lets the console's own page act", () => {
  const headers = { "sec-fetch-site": "same-origin", origin: "http://localhost:8420" }
  assert.equal(ask({ method: "POST", headers }), "local owner")
})

test("refuses everyone but probes while it listens beyond this machine, because there are no accounts", () => {
  assert.equal(ask({ host: "0.0.0.0" }), "auth.required")
  assert.equal(ask({ host: "0.0.0.0", permission: "public" }), "anonymous")
})

test("knows loopback names and addresses", () => {
  for (const name of ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"]) assert.ok(isLoopback(name), name)
  for (const name of ["0.0.0.0", "::", "example.com", "127.evil", ""]) assert.ok(!isLoopback(name), name)
})
