import assert from "node:assert/strict"
import { test } from "node:test"
import { fingerprintOf, type ManifestEntry } from "./fingerprint.ts"

const MODEL: ManifestEntry = {
  unique_id: "model.shop.a",
  resource_type: "model",
  fqn: ["shop", "a"],
  checksum: { name: "sha256", checksum: "1" },
  unrendered_config: { materialized: "table", "post-hook": "select 1" },
  config: { persist_docs: { columns: true } },
  description: "An a",
  columns: { id: { name: "id", description: "its id" } },
  contract: { enforced: false },
}

const none = () => []
const changed = (change: object, macros: () => readonly string[] = none) => {
  const [before, after] = [fingerprintOf(MODEL, none), fingerprintOf({ ...MODEL, ...change }, macros)]
  return Object.keys(before).filter((part) => before[part as keyof typeof before] !== after[part as keyof typeof after])
}

test("each change shows in its part alone", () => {
  assert.deepEqual(changed({}), [])
  assert.deepEqual(changed({ checksum: { name: "sha256", checksum: "2" } }), ["body"])
  assert.deepEqual(changed({ unrendered_config: { ...(MODEL.unrendered_config as object), tags: "x" } }), ["configs"])
  assert.deepEqual(changed({ columns: { id: { name: "id", description: "other" } } }), ["persisted_descriptions"])
  assert.deepEqual(
    changed({}, () => ["a macro"]),
    ["macros"],
  )
  assert.deepEqual(changed({ contract: { enforced: true } }), ["contract"])
  assert.deepEqual(changed({ fqn: ["shop", "marts", "a"] }), ["other"])
})

test("a new schema is a change of relation and of configs", () => {
  assert.deepEqual(changed({ unrendered_config: { ...(MODEL.unrendered_config as object), schema: "x" } }), [
    "configs",
    "relation",
  ])
})

test("descriptions that are not persisted, the order of keys and lists around one hook are no change", () => {
  assert.deepEqual(changed({ description: "other" }), [])
  assert.deepEqual(changed({ unrendered_config: { "post-hook": ["select 1"], materialized: "table" } }), [])
})
