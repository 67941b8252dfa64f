import assert from "node:assert/strict"
import { test } from "node:test"
import { z } from "zod"
import type { JsonObject } from "#lib/contracts/json.ts"
import { paramFields, paramProblem, paramValues } from "./param-fields.ts"

const fieldsOf = (shape: z.ZodObject) => paramFields(z.toJSONSchema(shape, { io: "input" }) as JsonObject)

test("gives each type its input, in the author's order", () => {
  const fields = fieldsOf(
    z.object({
      day: z.iso.date(),
      at: z.iso.datetime(),
      limit: z.int().min(1).max(10),
      ratio: z.number(),
      full: z.boolean(),
      mode: z.enum(["fast", "safe"]),
      name: z.string(),
      tags: z.array(z.string()),
    }),
  )
  assert.deepEqual(
    fields.map((field) => [field.name, field.kind]),
    [
      ["day", "date"],
      ["at", "datetime"],
      ["limit", "number"],
      ["ratio", "number"],
      ["full", "boolean"],
      ["mode", "choice"],
      ["name", "text"],
      ["tags", "json"],
    ],
  )
  assert.deepEqual(fields[5]?.choices, ["fast", "safe"])
})

test("fills in defaults and does not ask for what has one", () => {
  const [limit, day] = fieldsOf(z.object({ limit: z.int().default(5), day: z.iso.date().optional() }))
  assert.deepEqual([limit?.initial, limit?.isRequired], ["5", false])
  assert.deepEqual([day?.initial, day?.isRequired], ["", false])
})

test("leaves out what was left empty and turns text into values", () => {
  const fields = fieldsOf(
    z.object({ limit: z.int(), full: z.boolean(), day: z.iso.date().optional(), tags: z.array(z.string()) }),
  )
  assert.deepEqual(paramValues(fields, { limit: "7", full: "false", day: " ", tags: '["a"]' }), {
    limit: 7,
    full: false,
    tags: ["a"],
  })
})

test("says what is wrong with an input", () => {
  const [limit, tags] = fieldsOf(z.object({ limit: z.int().min(1).max(10), tags: z.array(z.string()).optional() }))
  assert.equal(paramProblem(limit!, ""), "limit is needed.")
  assert.equal(paramProblem(limit!, "1.5"), "Give a whole number.")
  assert.equal(paramProblem(limit!, "0"), "Give 1 or more.")
  assert.equal(paramProblem(limit!, "11"), "Give 10 or less.")
  assert.equal(paramProblem(limit!, "10"), null)
  assert.equal(paramProblem(tags!, "[a"), "This is not valid JSON.")
  assert.equal(paramProblem(tags!, ""), null)
})

test("takes the type beside null", () => {
  const [day] = fieldsOf(z.object({ day: z.iso.date().nullable() }))
  assert.equal(day?.kind, "date")
})

test("a pipeline without params has no inputs", () => {
  assert.deepEqual(paramFields(null), [])
})
