import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { z } from "zod"
import { checksDatasets, checksOptionsSchema } from "./checks.ts"
import { extractDatasets, extractOptionsSchema } from "./extract.ts"
import { httpOptionsSchema } from "./http.ts"
import { notifyOptionsSchema } from "./notify.ts"
import { optionProblems } from "./option-problems.ts"
import { partitionLoadOptionsSchema } from "./partition-load.ts"
import { sqlDatasets, sqlOptionsSchema } from "./sql.ts"

function problems(schema: z.ZodType, options: object): string[] {
  return optionProblems(schema, options).map(({ path, message }) => `${path}: ${message}`)
}

const EXTRACT = { source: "shop", table: "public.orders", columns: ["id", "at"], into: "raw.orders", keys: ["id"] }
const LOAD = { source: "shop", query: "select 1", into: "marts.t", columns: { id: "int" }, partitionColumn: "id" }

describe("options of operators", () => {
  const good: [string, z.ZodType, object][] = [
    ["sql", sqlOptionsSchema, { text: "select 1", params: { ids: [1, 2], day: { $param: "day" } } }],
    ["extract", extractOptionsSchema, { ...EXTRACT, mode: { incremental: { column: "at", lookback: "1h30m" } } }],
    ["checks", checksOptionsSchema, { table: "marts.t", expect: [{ kind: "between", column: "a", min: 0 }] }],
    ["partitionLoad", partitionLoadOptionsSchema, LOAD],
    ["http", httpOptionsSchema, { url: { $output: { task: "a", path: ["url"] } } }],
    ["notify", notifyOptionsSchema, { channel: "team", subject: "x", values: { rows: { $run: "runId" } } }],
  ]
  for (const [name, schema, options] of good) {
    it(`of ${name} are accepted, with references where values will stand`, () => {
      assert.deepEqual(problems(schema, options), [])
    })
  }

  const bad: [string, z.ZodType, object, RegExp][] = [
    ["sql with file and text", sqlOptionsSchema, { file: "a", text: "b" }, /give either file or text/],
    ["an option that does not exist", sqlOptionsSchema, { text: "select 1", write: "x.y" }, /write/],
    ["a table without its schema", sqlOptionsSchema, { text: "select 1", writes: "orders" }, /schema\.name/],
    ["a name too long for Postgres", extractOptionsSchema, { ...EXTRACT, into: `raw.${"é".repeat(32)}` }, /63 bytes/],
    ["a key that is no column", extractOptionsSchema, { ...EXTRACT, keys: ["x"] }, /"x" is not among the columns/],
    ["a column of ours", extractOptionsSchema, { ...EXTRACT, columns: ["id", "_headrace_hash"] }, /reserved/],
    [
      "deletions of an incremental extract",
      extractOptionsSchema,
      { ...EXTRACT, mode: { incremental: { column: "at" } }, deletes: "mark" },
      /deletions are seen only by mode "full"/,
    ],
    [
      "a bad duration",
      extractOptionsSchema,
      { ...EXTRACT, mode: { incremental: { column: "at", lookback: "soon" } } },
      /mode/,
    ],
    [
      "a range without bounds",
      checksOptionsSchema,
      { table: "a.b", expect: [{ kind: "row_count" }] },
      /min_value, max_value or both/,
    ],
    [
      "replace without a partition column",
      partitionLoadOptionsSchema,
      { ...LOAD, partitionColumn: undefined },
      /needs a partitionColumn/,
    ],
    ["merge without keys", partitionLoadOptionsSchema, { ...LOAD, write: "merge" }, /merge needs keys/],
    ["a header with a line break", httpOptionsSchema, { url: "x", headers: { "a\nb": "c" } }, /header/],
  ]
  for (const [what, schema, options, message] of bad) {
    it(`refuse ${what}`, () => {
      assert.match(problems(schema, options).join("\n"), message)
    })
  }

  it("say nothing about a reference, but about its neighbours", () => {
    const options = { ...EXTRACT, table: { $param: "table" }, into: "raw" }
    assert.deepEqual(
      optionProblems(extractOptionsSchema, options).map(({ path }) => path),
      ["into"],
    )
  })
})

describe("datasets of options", () => {
  it("are the tables that are written out", () => {
    assert.deepEqual(extractDatasets(EXTRACT), { reads: ["shop.public.orders"], writes: ["warehouse.raw.orders"] })
    assert.deepEqual(sqlDatasets({ text: "", reads: "a.b", writes: ["c.d", "c.d", { $param: "t" }] }), {
      reads: ["warehouse.a.b"],
      writes: ["warehouse.c.d"],
    })
    assert.deepEqual(checksDatasets({ table: "a.b" }), { reads: ["warehouse.a.b"], writes: [] })
    assert.deepEqual(extractDatasets({ source: { $param: "s" }, table: "a.b" }).reads, [])
  })
})
