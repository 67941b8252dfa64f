import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { AppError, fingerprint, toFailure } from "./errors.ts"

describe("toFailure", () => {
  test("takes over what an AppError says, and keeps its details out", () => {
    const error = new AppError("sql.failed", "relation x does not exist", {
      kind: "config",
      retry: "never",
      where: "sql/x.sql:3",
      details: { sql: "select secret" },
      cause: new Error("driver"),
    })
    assert.deepEqual(toFailure(error), {
      code: "sql.failed",
      message: "relation x does not exist",
      kind: "config",
      retry: "never",
      fingerprint: "sql.failed: relation x does not exist",
      where: "sql/x.sql:3",
      stack: null,
    })
  })

  test("shows the stack of author code where there is one", () => {
    const authorStack = "TypeError: x\n    at main (pipelines/x.ts:3:5)"
    assert.equal(toFailure(new AppError("task.failed", "x", { authorStack })).stack, authorStack)
  })

  test("an AppError is the code's fault and final unless it says otherwise", () => {
    const { kind, retry } = toFailure(new AppError("internal", "x"))
    assert.deepEqual([kind, retry], ["code", "never"])
  })

  test("anything else thrown is a failed task that may be tried again", () => {
    const { code, message, kind, retry } = toFailure(new TypeError("x is undefined"))
    assert.deepEqual([code, message, kind, retry], ["task.failed", "x is undefined", "code", "later"])
    assert.equal(toFailure("just text").message, "just text")
    assert.equal(toFailure(undefined).message, "undefined")
    assert.equal(toFailure(new Error("")).message, "The task failed without a message.")
  })
})

describe("fingerprint", () => {
  const same = (one: string, other: string) =>
    assert.equal(fingerprint("internal", one), fingerprint("internal", other))

  test("is equal where only ids, numbers, times, case and spaces differ", () => {
    same("row 17 of 20 is bad", "Row 3  of 4 is bad")
    same("no run 0b0e6a52-3a3c-4a57-9d7c-0a5f2a3d9a11", "no run 11111111-2222-3333-4444-555555555555")
    same("late since 2026-03-08", "late since 2026-03-08T05:00:00.123Z")
    same("late since 2026-03-08 05:00:00+01:00", "late since 2026-12-24")
  })

  test("is equal where only quoted values differ", () => {
    same('value "abc" is not allowed', 'value "x y" is not allowed')
    same("value 'abc' is not allowed", "value 'x y' is not allowed")
  })

  test("differs where the cause or the code does", () => {
    assert.notEqual(fingerprint("internal", "disk full"), fingerprint("internal", "no such table"))
    assert.notEqual(fingerprint("internal", "disk full"), fingerprint("sql.failed", "disk full"))
  })

  test("is bounded however long the message", () => {
    assert.ok(fingerprint("internal", "x".repeat(1_000_000)).length < 300)
  })
})
