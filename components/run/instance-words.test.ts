import assert from "node:assert/strict"
import { test } from "node:test"
import { instanceWords, taskRunName } from "./instance-words.ts"
import { taskRunOf } from "./run-fixture.ts"

test("instances under way are told by how many are done, ended ones by how many there are", () => {
  assert.equal(instanceWords({ total: 40, success: 11, failed: 1, skipped: 0 }), "12 of 40 done, 1 failed")
  assert.equal(instanceWords({ total: 40, success: 37, failed: 1, skipped: 2 }), "40 instances, 1 failed, 2 skipped")
  assert.equal(instanceWords({ total: 1, success: 1, failed: 0, skipped: 0 }), "1 instance")
})

test("an instance is called by its index and label", () => {
  assert.equal(taskRunName(taskRunOf("load")), "load")
  assert.equal(taskRunName(taskRunOf("load", { mapIndex: 3, label: "eu" })), "#3 eu")
})
