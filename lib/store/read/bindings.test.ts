import assert from "node:assert/strict"
import { test } from "node:test"
import { Bindings, containsPattern } from "./bindings.ts"

test("numbers placeholders in the order of their values", () => {
  const bindings = new Bindings()
  assert.deepEqual([bindings.bind("a"), bindings.bind(2)], ["$1", "$2"])
  assert.deepEqual(bindings.values, ["a", 2])
})

test("takes wildcards and the escape character in a search text literally", () => {
  assert.equal(containsPattern("100%_\\x"), "%100\\%\\_\\\\x%")
  assert.equal(containsPattern("plain"), "%plain%")
})
