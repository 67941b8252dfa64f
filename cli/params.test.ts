import assert from "node:assert/strict"
import { test } from "node:test"
import type { JsonObject } from "#lib/contracts/json.ts"
import { parseParams } from "./params.ts"

const SCHEMA: JsonObject = {
  type: "object",
  properties: {
    day: { type: "string", format: "date" },
    limit: { type: "integer" },
    isFull: { type: "boolean" },
    tables: { type: "array", items: { type: "string" } },
    since: { anyOf: [{ type: "string" }, { type: "null" }] },
    mode: { enum: ["a", "b"] },
  },
}

test("reads each value as the type that the pipeline declares", () => {
  const given = ["day=2026-01-01", "limit=3", "isFull=true", 'tables=["a","b"]', "since=null", "mode=a"]
  assert.deepEqual(parseParams(given, SCHEMA), {
    day: "2026-01-01",
    limit: 3,
    isFull: true,
    tables: ["a", "b"],
    since: null,
    mode: "a",
  })
})

test("keeps text that looks like a number where text is declared, and further equals signs", () => {
  assert.deepEqual(parseParams(["day=2026", "since=a=b"], SCHEMA), { day: "2026", since: "a=b" })
})

test("takes JSON as JSON and the rest as text where nothing is declared", () => {
  assert.deepEqual(parseParams(["n=1", "name=x"], null), { n: 1, name: "x" })
})

test("refuses what is no pair or not of the type", () => {
  assert.throws(() => parseParams(["day"], SCHEMA), /name=value/)
  assert.throws(() => parseParams(["limit=many"], SCHEMA), /integer/)
})
