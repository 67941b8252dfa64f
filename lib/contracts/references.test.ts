import assert from "node:assert/strict"
import { test } from "node:test"
import { asReference, type ReferenceValues, referencedTasks, resolveReferences } from "./references.ts"

const values = {
  outputs: { extract: { rows: 3, nested: { table: "raw.t" } } },
  params: { day: "2026-01-01" },
  run: { intervalStart: "a", intervalEnd: "b", logicalAt: "c", partitionKey: null, partitionKeys: [], runId: "7" },
}

test("replaces references at any depth and leaves all else as it is", () => {
  const options = {
    text: "select 1",
    params: {
      rows: { $output: { task: "extract", path: ["rows"] } },
      day: { $param: "day" },
      list: [{ $run: "runId" as const }, 1],
    },
  }
  assert.deepEqual(resolveReferences(options, values), {
    text: "select 1",
    params: { rows: 3, day: "2026-01-01", list: ["7", 1] },
  })
})

test("gives null for an output, a part or a param that does not exist", () => {
  const options = {
    a: { $output: { task: "gone", path: [] } },
    b: { $output: { task: "extract", path: ["nested", "missing", "deeper"] } },
    c: { $output: { task: "extract", path: ["__proto__"] } },
    d: { $param: "none" },
  }
  assert.deepEqual(resolveReferences(options, values), { a: null, b: null, c: null, d: null })
})

test("does not take an object with more keys for a reference", () => {
  assert.equal(asReference({ $param: "day", other: 1 }), null)
  assert.equal(asReference({ $run: "password" }), null)
})

test("lists the tasks whose outputs are taken, each once", () => {
  const reference = { $output: { task: "extract", path: ["rows"] } }
  assert.deepEqual(referencedTasks({ a: reference, b: [reference] }), ["extract"])
})

test("resolves the item of an instance, and references into a mapped task as lists", () => {
  const values: ReferenceValues = {
    outputs: { each: [{ rows: 1, file: { name: "a" } }, null, { rows: 3 }] },
    params: {},
    run: { intervalStart: null, intervalEnd: null, logicalAt: null, partitionKey: null, partitionKeys: [], runId: "1" },
    item: { name: "eu", days: [7, 8] },
  }
  assert.deepEqual(
    resolveReferences(
      {
        whole: { $item: [] },
        part: { $item: ["days", "1"] },
        none: { $item: ["nothing"] },
        rows: { $output: { task: "each", path: ["rows"] } },
        names: { $output: { task: "each", path: ["file", "name"] } },
        all: { $output: { task: "each", path: [] } },
      },
      values,
    ),
    {
      whole: values.item,
      part: 8,
      none: null,
      rows: [1, null, 3],
      names: ["a", null, null],
      all: values.outputs.each,
    },
  )
})
