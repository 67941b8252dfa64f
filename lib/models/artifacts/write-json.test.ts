import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import { writeProject } from "#test/dbt-project.ts"
import { writeJson } from "./write-json.ts"

test("writes sections entry by entry, whatever their length", () => {
  const file = path.join(writeProject({}), "deep/big.json")
  const text = "ä".repeat(1000)
  const section = Array.from({ length: 3000 }, (_, index): [string, unknown] => [`key ${index}`, { text }])
  writeJson(file, [
    ["a", 1],
    ["big", { section }],
    ["empty", { section: [] }],
    ["none", undefined],
  ])
  const read = JSON.parse(readFileSync(file, "utf8")) as { a: number; big: Record<string, { text: string }> }
  assert.equal(Object.keys(read.big).length, 3000)
  assert.equal(read.big["key 2999"]!.text, text)
  assert.deepEqual({ ...read, big: {} }, { a: 1, big: {}, empty: {}, none: null })
})

test("leaves what is there when an entry cannot be made", () => {
  const folder = writeProject({ "kept.json": "{}" })
  const file = path.join(folder, "kept.json")
  const broken = {
    *[Symbol.iterator](): Generator<[string, unknown]> {
      yield ["a", 1]
      throw new Error("no further")
    },
  }
  assert.throws(() => writeJson(file, broken), /no further/)
  assert.equal(readFileSync(file, "utf8"), "{}")
  assert.ok(existsSync(file) && readdirSync(folder).filter((name) => name.startsWith("kept")).length === 1)
})
