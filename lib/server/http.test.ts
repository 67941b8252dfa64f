import assert from "node:assert/strict"
import { test } from "node:test"
import { AppError } from "#lib/domain/errors.ts"
import { problemResponse, RequestError, toProblem } from "./http.ts"
import { log } from "./log.ts"

log.level = "silent"

test("shows what an AppError says and nothing of its details", () => {
  const error = new AppError("run.not_found", "There is no run 7.", { details: { url: "postgresql://u:secret@h/d" } })
  const problem = toProblem(error, "r1")
  assert.deepEqual(problem, {
    type: "about:blank",
    title: "Not Found",
    status: 404,
    detail: "There is no run 7.",
    code: "run.not_found",
  })
})

test("hides what an unknown error says behind the request's id", () => {
  const problem = toProblem(new Error("password is hunter2"), "r1")
  assert.equal(problem.status, 500)
  assert.equal(problem.code, "internal")
  assert.match(problem.detail, /request r1/)
  assert.ok(!JSON.stringify(problem).includes("hunter2"))
})

test("lists each place of a request that does not fit", () => {
  const issues = [{ path: "body.pipelineId", message: "expected string" }]
  assert.deepEqual(toProblem(new RequestError("No.", issues), "r1").issues, issues)
})

test("says that the database is away, however the driver puts it", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
  const shutDown = Object.assign(new Error("terminating connection"), { code: "57P01" })
  for (const error of [
    refused,
    shutDown,
    new AggregateError([refused]),
    new Error("Connection terminated unexpectedly"),
    new Error("timeout exceeded when trying to connect"),
  ]) {
    const problem = toProblem(error, "r1")
    assert.equal(problem.code, "store.unavailable", error.message)
    assert.equal(problemResponse(problem, "r1").headers.get("retry-after"), "2")
  }
})

test("says that the database's disk is full", () => {
  const error = Object.assign(new Error("could not extend file: No space left on device"), { code: "53100" })
  const { status, detail } = toProblem(error, "r1")
  assert.equal(status, 503)
  assert.match(detail ?? "", /disk of Headrace's database is full/)
})

test("calls a value that Postgres cannot hold a bad request", () => {
  const error = Object.assign(new Error("out of range"), { code: "22003" })
  assert.equal(toProblem(error, "r1").status, 400)
})
