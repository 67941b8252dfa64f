import assert from "node:assert/strict"
import { test } from "node:test"
import { parse } from "yaml"
import { describeExpectations } from "#lib/contracts/expectations/describe.ts"
import { readExpectation } from "#lib/contracts/expectations/read-expectation.ts"
import { expectationYaml } from "./expectation-yaml.ts"

test("writes every example so that it can be pasted into a policy", () => {
  for (const kind of describeExpectations()) {
    const text = expectationYaml(kind)
    const [item] = parse(text) as unknown[]
    assert.deepEqual(readExpectation(item), readExpectation({ type: kind.type, ...kind.example }), text)
  }
})
