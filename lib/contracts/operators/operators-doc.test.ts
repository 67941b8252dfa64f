import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import type { z } from "zod"
import { ERROR_CODES } from "../../domain/errors.ts"
import { approvalOptionsSchema } from "./approval.ts"
import { checksOptionsSchema } from "./checks.ts"
import { branchOptionsSchema, shortCircuitOptionsSchema } from "./choice.ts"
import { dbtSelectionSchema } from "./dbt.ts"
import { extractOptionsSchema } from "./extract.ts"
import { fnOptionsSchema } from "./fn.ts"
import { fnSensorOptionsSchema } from "./fn-sensor.ts"
import { httpOptionsSchema } from "./http.ts"
import { httpSensorOptionsSchema } from "./http-sensor.ts"
import { loadCsvOptionsSchema } from "./load-csv.ts"
import { noopOptionsSchema } from "./noop.ts"
import { notifyOptionsSchema } from "./notify.ts"
import { partitionLoadOptionsSchema } from "./partition-load.ts"
import { runPipelineOptionsSchema } from "./run-pipeline.ts"
import { shellOptionsSchema } from "./shell.ts"
import { sqlOptionsSchema } from "./sql.ts"
import { sqlSensorOptionsSchema } from "./sql-sensor.ts"
import { waitForCallbackOptionsSchema } from "./wait-for-callback.ts"
import { waitForDatasetOptionsSchema } from "./wait-for-dataset.ts"
import { waitUntilOptionsSchema } from "./wait-until.ts"

const SCHEMAS: Record<string, z.ZodObject> = {
  sql: sqlOptionsSchema,
  extract: extractOptionsSchema,
  partitionLoad: partitionLoadOptionsSchema,
  loadCsv: loadCsvOptionsSchema,
  checks: checksOptionsSchema,
  dbt: dbtSelectionSchema,
  fn: fnOptionsSchema,
  branch: branchOptionsSchema,
  shortCircuit: shortCircuitOptionsSchema,
  shell: shellOptionsSchema,
  http: httpOptionsSchema,
  notify: notifyOptionsSchema,
  noop: noopOptionsSchema,
  waitUntil: waitUntilOptionsSchema,
  sqlSensor: sqlSensorOptionsSchema,
  httpSensor: httpSensorOptionsSchema,
  fnSensor: fnSensorOptionsSchema,
  waitForDataset: waitForDatasetOptionsSchema,
  waitForCallback: waitForCallbackOptionsSchema,
  approval: approvalOptionsSchema,
  runPipeline: runPipelineOptionsSchema,
}
/** Flags in the manifest, but functions for those who write. */
const FUNCTIONS = ["transform", "validate"]

const page = readFileSync(new URL("../../../docs/operators.md", import.meta.url), "utf8")
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section]),
)

/** `option default` of each row of the section's table, in order. */
function documented(name: string): string[] {
  const rows = sections.get(name)?.matchAll(/^\| `(\w+)` \|.*\| *(\S*) *\|$/gm) ?? []
  return [...rows].map(([, option, value]) => `${option} ${value}`)
}

function declared(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape).map(([option, field]) => {
    const absent = (field as z.ZodType).safeParse(undefined)
    if (!absent.success) return `${option} required`
    if (absent.data === undefined || FUNCTIONS.includes(option)) return `${option} `
    return `${option} \`${JSON.stringify(absent.data)}\``
  })
}

describe("docs/operators.md", () => {
  it("has one section for each operator", () => {
    assert.deepEqual([...sections.keys()], Object.keys(SCHEMAS))
  })

  for (const [name, schema] of Object.entries(SCHEMAS)) {
    it(`names every option of ${name} with its default, and no other`, () => {
      assert.deepEqual(documented(name), declared(schema))
    })

    it(`says for ${name} what a rerun does and which errors it ends in, and gives an example`, () => {
      const section = sections.get(name) ?? ""
      for (const part of ["**A rerun**", "**Errors:**", "```ts"]) assert.ok(section.includes(part), part)
    })
  }

  it("names no error code that does not exist", () => {
    const codes = [...page.matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map(([, code]) => code!)
    assert.ok(codes.length > 20)
    const known: readonly string[] = [...ERROR_CODES, "ctx.query", "ctx.log", "ctx.skip", "schema.name", "params.day"]
    assert.deepEqual(
      codes.filter((code) => !known.includes(code)),
      [],
    )
  })
})
