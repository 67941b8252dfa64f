import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import http from "node:http"
import type { AddressInfo } from "node:net"
import { after, before, beforeEach, describe, test } from "node:test"
import type { Resume } from "#lib/contracts/wait.ts"
import type { NewDeferral } from "#lib/store/deferrals.ts"
import { connectionsTo, type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { approvalOperator } from "./approval.ts"
import { httpSensorOperator } from "./http-sensor.ts"
import type { Deferred } from "./operator.ts"
import { waitForCallbackOperator } from "./wait-for-callback.ts"
import type { WaitServices } from "./wait-services.ts"
import { waitUntilOperator } from "./wait-until.ts"

/** What the other side answers, and what it was sent. */
let answer: { status: number; body: string } = { status: 200, body: "{}" }
const received: string[] = []
let server: http.Server
let url: string
before(async () => {
  server = http.createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    received.push(body)
    response.writeHead(answer.status).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  answer = { status: 200, body: "{}" }
  received.length = 0
})
after(() => server.close())

const resumed = (values: Partial<Resume> = {}): Resume => ({
  since: new Date(Date.now() - 60_000),
  expiresAt: null,
  polls: 1,
  childRunId: null,
  response: null,
  ...values,
})
const waitOf = (result: unknown) => (result as Deferred).wait
/** Milliseconds from now. */
const fromNow = (instant: string | null) => Date.parse(instant ?? "") - Date.now()

describe("httpSensor", () => {
  const look = (options: object, resume: Resume | null = null, lines: LogLines = []) =>
    httpSensorOperator.run(
      makeOperatorContext({ options: httpSensorOperator.options.parse({ url, ...options }), resume, lines }),
    )

  test("looks again later and later, but not beyond its end", async () => {
    answer.status = 404
    const options = { every: "10s", backoff: { factor: 3, maxDelay: "1m" }, timeout: "10m" }
    for (const [polls, seconds] of [
      [0, 10],
      [1, 30],
      [2, 60],
      [9, 60],
    ] as const) {
      const wait = waitOf(await look(options, polls === 0 ? null : resumed({ polls })))
      assert.ok(wait.kind === "poll")
      assert.ok(Math.abs(fromNow(wait.wakeAt) - seconds * 1_000) < 5_000, `${polls}: ${fromNow(wait.wakeAt)}`)
      // Counted from the beginning of the wait, a minute ago where it is not the first look.
      assert.ok(Math.abs(fromNow(wait.expiresAt) - (polls === 0 ? 600_000 : 540_000)) < 5_000)
    }
  })

  test("ends with the wished status, and the wished value where one is wished", async () => {
    assert.deepEqual((await look({})) as object, { outputs: { status: 200, polls: 1 }, metrics: { polls: 1 } })
    const json = { path: ["job", 0, "state"], equals: "done" }
    for (const body of ["not json", "{}", '{"job":[{"state":"at work"}]}']) {
      answer.body = body
      assert.equal(waitOf(await look({ json })).kind, "poll")
    }
    answer.body = '{"job":[{"state":"done"}]}'
    assert.deepEqual(((await look({ json }, resumed({ polls: 3 }))) as { outputs: object }).outputs, {
      status: 200,
      polls: 4,
    })
  })

  test("takes an absent server for not yet, and a refused request for wrong", async () => {
    const lines: LogLines = []
    assert.equal(waitOf(await look({ url: "http://127.0.0.1:1/" }, null, lines)).kind, "poll")
    assert.ok(lines.some((line) => line.level === "warn"))
    answer.status = 403
    await assert.rejects(look({}), { code: "http.status", retry: "never" })
  })
})

describe("waitUntil", () => {
  const run = { intervalEnd: "2026-03-02T00:00:00.000Z" }
  const until = async (options: object, end = run.intervalEnd) =>
    waitUntilOperator.run(
      makeOperatorContext({ options: waitUntilOperator.options.parse(options), run: { intervalEnd: end } }),
    )

  test("ends at once when the time has come", async () => {
    const past = [{ time: "2026-03-02T07:00:00+01:00" }, { offset: "6h" }, { at: "07:00", timezone: "Europe/Berlin" }]
    for (const options of past) {
      assert.deepEqual(await until(options), { outputs: { until: "2026-03-02T06:00:00.000Z" } })
    }
  })

  test("waits for a time to come, in the words of who wrote it", async () => {
    const wait = waitOf(await until({ at: "07:00", timezone: "Europe/Berlin" }, "2126-03-02T00:00:00.000Z"))
    assert.ok(wait.kind === "time")
    assert.equal(wait.wakeAt, "2126-03-02T06:00:00.000Z")
    assert.equal(wait.text, "Waits until 07:00 Europe/Berlin (2126-03-02T06:00:00Z).")
  })

  test("takes one of its three options", () => {
    for (const options of [{}, { offset: "1h", at: "07:00" }])
      assert.throws(() => waitUntilOperator.options.parse(options))
  })
})

describe("waitForCallback", () => {
  const registered: NewDeferral[] = []
  const waits = (isOurs = true) =>
    ({
      register: async (deferral) => {
        registered.push(deferral)
        return isOurs
      },
      urlOf: (path) => `https://headrace.example${path}`,
    }) as Partial<WaitServices> as WaitServices
  const start = (options: object, given: Partial<Parameters<typeof makeOperatorContext>[0]> = {}) =>
    waitForCallbackOperator.run(
      makeOperatorContext({
        waits: waits(),
        connections: connectionsTo({ variables: { key: "s3cret" } }),
        ...given,
        options: waitForCallbackOperator.options.parse(options),
      }),
    )

  test("makes its address known before it gives it away, and keeps the hash alone", async () => {
    registered.length = 0
    const request = { url, method: "POST", headers: { "x-key": "{{env.KEY}}" }, body: { done: "{{callback.url}}" } }
    const result = (await start({ request })) as Deferred
    const given = (JSON.parse(received[0]!) as { done: string }).done
    assert.deepEqual(result.result?.outputs, { url: given })
    const token = given.replace("https://headrace.example/api/v1/callbacks/", "")
    assert.match(token, /^[\w-]{43}$/)
    assert.equal(
      result.wait.kind === "callback" && result.wait.tokenHash,
      createHash("sha256").update(token).digest("hex"),
    )
    assert.deepEqual(registered[0]?.wait, result.wait)
    assert.ok(!JSON.stringify(registered).includes(token))
  })

  test("tells nobody when it was overtaken, and fails when the other system refuses", async () => {
    await assert.rejects(start({ request: { url, method: "POST" } }, { waits: waits(false) }), {
      code: "attempt.superseded",
    })
    assert.deepEqual(received, [])
    answer.status = 500
    await assert.rejects(start({ request: { url, method: "POST" } }), { code: "http.status", retry: "later" })
  })

  test("ends with what was posted", async () => {
    const response = { payload: [1, 2], at: "2026-03-02T06:00:00.000Z" }
    assert.deepEqual(await start({}, { resume: resumed({ response }) }), { outputs: { url: null, payload: [1, 2] } })
  })
})

describe("approval", () => {
  const decide = (options: object, decision: "approved" | "rejected") =>
    approvalOperator.run(
      makeOperatorContext({
        options: approvalOperator.options.parse({ title: "Go on?", ...options }),
        resume: resumed({ response: { decision, by: "ann", comment: "hm", at: "2026-03-02T06:00:00.000Z" } }),
      }),
    )

  test("goes on, fails or is skipped as decided and chosen", async () => {
    assert.equal(((await decide({}, "approved")) as { outputs: { by: string } }).outputs.by, "ann")
    await assert.rejects(decide({}, "rejected"), { code: "approval.rejected", message: "Rejected by ann: hm" })
    assert.equal(
      ((await decide({ onReject: "skip" }, "rejected")) as { skipped: string }).skipped,
      "Rejected by ann: hm",
    )
  })

  test("asks on a channel as well, with the address of the run", async () => {
    const result = (await approvalOperator.run(
      makeOperatorContext({
        options: approvalOperator.options.parse({ title: "Go on?", channel: "team", approvers: ["ann", "bob"] }),
        connections: connectionsTo({ notify: { team: url } }),
        waits: { urlOf: (path) => `https://headrace.example${path}` } as Partial<WaitServices> as WaitServices,
      }),
    )) as Deferred
    assert.match(received[0]!, /https:\/\/headrace.example\/runs\/1\?task=load/)
    assert.equal(result.wait.text, "Waits for approval by ann or bob: Go on?")
    assert.deepEqual(
      result.result?.notifications?.map(({ channel, state }) => [channel, state]),
      [["webhook", "sent"]],
    )
  })
})
