import assert from "node:assert/strict"
import { test } from "node:test"
import { AppError, type Failure, toFailure } from "./errors.ts"
import { groupFailure, mayFollow, titleOf } from "./failure-group.ts"

const make = (values: Partial<Failure>): Failure => ({ ...toFailure(new AppError("sql.failed", "x")), ...values })
const stack = (type: string, line: number, message = "boom 1") =>
  `${type}: ${message}\n    at pick (lib/rates.ts:${line}:5)\n    at pipelines/a.ts:9:1`

test("what the author calls the cause comes first", () => {
  const group = groupFailure(make({ group: "crm down", stack: stack("TypeError", 3) }))
  assert.deepEqual(group, { by: "custom", text: "custom: crm down", isShared: true })
})

test("an exception is its type and the author's frames, whatever the line and the values", () => {
  const one = groupFailure(make({ stack: stack("TypeError", 3), message: "no rate for 1" }))
  const other = groupFailure(make({ stack: stack("TypeError", 44), message: "quite another" }))
  assert.equal(one.by, "stack")
  assert.deepEqual(one, other)
  assert.notEqual(one.text, groupFailure(make({ stack: stack("RangeError", 3) })).text)
})

test("two plain errors of one function are told apart by their words", () => {
  const plain = (message: string) => groupFailure(make({ message, stack: stack("Error", 3, message) })).text
  assert.equal(plain("no file for 2026-01-01"), plain("no file for 2026-01-02"))
  assert.notEqual(plain("no file for 2026-01-01"), plain("no answer"))
})

test("frames outside of the author's files say nothing", () => {
  const foreign = "Error: x\n    at run (/opt/app/lib/x.js:3:1)\n    at node:internal/timers:1:1"
  assert.equal(groupFailure(make({ stack: foreign })).by, "message")
})

test("without frames it is the message without its values, in its file", () => {
  const one = groupFailure(make({ message: "relation 17 is missing", where: "sql/a.sql:14" }))
  const other = groupFailure(make({ message: "relation 18 is missing", where: "sql/a.sql:2" }))
  assert.deepEqual(one, other)
  assert.equal(one.isShared, true)
  assert.notEqual(one.text, groupFailure(make({ message: "relation 17 is missing", where: "sql/b.sql:14" })).text)
})

test("words that fit every cause are shared with nobody", () => {
  const exit = groupFailure(make({ code: "task.exit_code", message: "exited with 1", kind: "external" }))
  assert.equal(exit.isShared, false)
  assert.equal(groupFailure(make({ code: "http.failed", message: "crm is down", kind: "external" })).isShared, true)
  assert.equal(groupFailure(make({ code: "sql.failed", message: "syntax", kind: "code" })).isShared, false)
})

test("what an upstream may cause is a closed list", () => {
  assert.equal(mayFollow({ code: "check.failed" }), true)
  assert.equal(mayFollow({ code: "connection.failed" }), false)
})

test("a title is the first sentence, bounded", () => {
  assert.equal(titleOf("Column a.b is gone. Add it.\nmore"), "Column a.b is gone")
  assert.equal(titleOf("x".repeat(300)).length, 140)
})
