import assert from "node:assert/strict"
import { once } from "node:events"
import http from "node:http"
import type { AddressInfo } from "node:net"
import { after, before, beforeEach, describe, it } from "node:test"
import type { JsonObject } from "#lib/contracts/json.ts"
import { httpOptionsSchema } from "#lib/contracts/operators/http.ts"
import { AppError } from "#lib/domain/errors.ts"
import { connectionsTo, makeOperatorContext } from "#test/operator-context.ts"
import { httpOperator } from "./http.ts"

interface Received {
  method: string
  url: string
  headers: http.IncomingHttpHeaders
  body: string
}

let origin: string
let received: Received[] = []
let answer: (request: Received, response: http.ServerResponse) => void
const server = http.createServer(async (incoming, response) => {
  let body = ""
  for await (const chunk of incoming) body += chunk
  const { method = "", url = "", headers } = incoming
  const request = { method, url, headers, body }
  received.push(request)
  answer(request, response)
})

before(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening")
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => {
  server.close()
  server.closeAllConnections()
})
beforeEach(() => {
  received = []
  answer = (_request, response) => response.end("ok")
})

const connections = connectionsTo({ variables: { token: "s3cret" } })

async function send(options: object, given: object = {}) {
  const parsed = httpOptionsSchema.parse(options)
  const result = await httpOperator.run(makeOperatorContext({ options: parsed, connections, ...given }))
  return result.outputs as JsonObject
}

function json(value: unknown) {
  return (_request: Received, response: http.ServerResponse) => {
    response.setHeader("content-type", "application/json; charset=utf-8")
    response.end(JSON.stringify(value))
  }
}

describe("http", () => {
  it("sends JSON with secrets from the environment and gives the answer as outputs", async () => {
    answer = json({ rows: [1, 2] })
    const outputs = await send({
      url: `${origin}/load?key={{env.TOKEN}}`,
      method: "POST",
      headers: { authorization: "Bearer {{ env.token }}" },
      body: { day: "2026-03-01", nested: { key: "{{env.token}}" } },
    })
    assert.equal(received[0]!.url, "/load?key=s3cret")
    assert.equal(received[0]!.headers.authorization, "Bearer s3cret")
    assert.equal(received[0]!.headers["content-type"], "application/json")
    assert.deepEqual(JSON.parse(received[0]!.body), { day: "2026-03-01", nested: { key: "s3cret" } })
    assert.deepEqual([outputs.status, outputs.body, outputs.truncated], [200, { rows: [1, 2] }, false])
  })

  it("says which variable is not set, before anything is sent", async () => {
    await assert.rejects(send({ url: origin, headers: { a: "{{env.nope}}" } }), /HEADRACE_ENV_NOPE is not set/)
    assert.equal(received.length, 0)
  })

  const statuses: [number, "later" | "never"][] = [
    [500, "later"],
    [503, "later"],
    [429, "later"],
    [404, "never"],
    [401, "never"],
  ]
  for (const [status, retry] of statuses) {
    it(`takes ${status} for a failure to be tried again: ${retry}`, async () => {
      answer = (_request, response) => response.writeHead(status).end()
      await assert.rejects(send({ url: `${origin}/x?key={{env.token}}` }), (error: AppError) => {
        assert.equal(error.code, "http.status")
        assert.equal(error.retry, retry)
        assert.match(error.message, new RegExp(`/x answered ${status}`))
        assert.doesNotMatch(error.message, /s3cret/)
        return true
      })
    })
  }

  it("accepts exactly the statuses that are expected", async () => {
    answer = (_request, response) => response.writeHead(404).end()
    assert.equal((await send({ url: origin, expectStatus: [404, 410] })).status, 404)
    await assert.rejects(send({ url: origin, expectStatus: 200 }), { code: "http.status" })
  })

  it("gives up after its timeout, to be tried again", async () => {
    answer = () => {}
    await assert.rejects(send({ url: origin, timeout: "50ms" }), (error: AppError) => {
      return error.code === "http.failed" && error.retry === "later" && /within 0\.05 s/.test(error.message)
    })
  })

  it("gives up when the answer's body does not end", async () => {
    answer = (_request, response) => response.write("some")
    await assert.rejects(send({ url: origin, timeout: "50ms" }), { code: "http.failed" })
  })

  it("stops with its attempt", async () => {
    const stop = new AbortController()
    const reason = new AppError("attempt.cancelled", "stop")
    answer = () => stop.abort(reason)
    await assert.rejects(send({ url: origin }, { signal: stop.signal }), reason)
  })

  it("keeps the start of an answer that is too long", async () => {
    answer = (_request, response) => response.end("x".repeat(1_000_000))
    const outputs = await send({ url: origin })
    assert.equal(outputs.truncated, true)
    assert.equal(String(outputs.body).length, 240 * 1024)
    answer = (_request, response) => response.end('"'.repeat(200_000))
    assert.ok(JSON.stringify(await send({ url: origin })).length < 256 * 1024)
  })

  it("follows redirects, and leaves headers behind at another origin", async () => {
    answer = (request, response) =>
      request.url === "/a"
        ? response.writeHead(302, { location: "/b" }).end()
        : request.url === "/b"
          ? response.writeHead(307, { location: `${origin.replace("127.0.0.1", "localhost")}/c` }).end()
          : response.end("there")
    assert.equal((await send({ url: `${origin}/a`, headers: { authorization: "x" } })).body, "there")
    assert.deepEqual(
      received.map((request) => request.headers.authorization),
      ["x", "x", undefined],
    )
  })

  it("ends a circle of redirects", async () => {
    answer = (_request, response) => response.writeHead(302, { location: "/" }).end()
    await assert.rejects(send({ url: origin }), /redirects too often/)
  })

  it("goes to no link-local address, however it is written or reached", async () => {
    const forbidden = [
      "http://169.254.169.254/latest/meta-data",
      "http://2852039166/",
      "http://[::ffff:169.254.169.254]/",
      "http://[fe80::1]/",
    ]
    for (const url of forbidden) await assert.rejects(send({ url }), /link-local/)
    answer = (_request, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end()
    await assert.rejects(send({ url: origin }), /link-local/)
  })

  it("names what is wrong with the URL or the way to it", async () => {
    await assert.rejects(send({ url: "file:///etc/passwd" }), (error: AppError) => error.retry === "never")
    await assert.rejects(send({ url: "http://127.0.0.1:1/" }), (error: AppError) => {
      return error.retry === "later" && /nothing listens there/.test(error.message)
    })
  })

  it("refuses a header that would hold two", async () => {
    const evil = connectionsTo({ variables: { token: "a\r\nx-evil: 1" } })
    await assert.rejects(send({ url: origin, headers: { a: "{{env.token}}" } }, { connections: evil }), {
      code: "http.failed",
    })
    assert.equal(received.length, 0)
  })
})
