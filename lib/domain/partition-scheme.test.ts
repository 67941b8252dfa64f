import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { joinPartitionKey, rangeKey, STATIC_KEY, schemeText, splitPartitionKey } from "./partition-scheme.ts"

describe("partition keys", () => {
  test("say by themselves which dimensions they have", () => {
    const times = ["2026-03-01", "2026-W10", "2026-03", "2026-03-08T01:00-05:00", "2026-03-01..2026-03-07"]
    for (const time of [null, ...times]) {
      for (const key of [null, "eu", "42", "2026", "a.b-c_d"]) {
        if (time === null && key === null) continue
        assert.deepEqual(splitPartitionKey(joinPartitionKey({ time, key })), { time, key })
      }
    }
    assert.deepEqual(splitPartitionKey(null), { time: null, key: null })
  })
  test("that are fixed never look like a time, a list or a pair", () => {
    for (const good of ["eu", "42", "2026", "north-west", "a.b"]) assert(STATIC_KEY.test(good), good)
    for (const bad of ["", "2026-03-01", "2026-W10", "a|b", "a,b", "a b", "-a", "a".repeat(101)]) {
      assert(!STATIC_KEY.test(bad), bad)
    }
  })
  test("of several partitions name the first and the last", () => {
    assert.equal(rangeKey(["2026-03-01", "2026-03-02", "2026-03-03"]), "2026-03-01..2026-03-03")
    assert.equal(rangeKey(["2026-03-01|eu", "2026-03-02|eu"]), "2026-03-01..2026-03-02|eu")
    assert.equal(rangeKey(["2026-03-01|eu"]), "2026-03-01|eu")
  })
  test("and schemes are told in words", () => {
    assert.equal(schemeText("day"), "day")
    assert.equal(schemeText({ by: null, keys: ["eu", "us"] }), "eu, us")
    assert.equal(schemeText({ by: "day", keys: ["a", "b", "c", "d", "e"] }), "day and 5 keys")
  })
})
