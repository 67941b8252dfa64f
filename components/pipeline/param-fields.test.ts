import assert from "node:assert/strict"
import { test } from "node:test"
import { z } from "zod"
import type { JsonObject } from "#lib/contracts/json.ts"
import { paramFields, paramHint, paramProblem, paramValues } from "./param-fields.ts"

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
      ["tags", "list"],
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
  assert.deepEqual(paramValues(fields, { limit: "7", full: "false", day: " ", tags: " a \n\n" }), {
    limit: 7,
    full: false,
    tags: ["a"],
  })
})

test("says what is wrong with an input", () => {
  const [limit, tags] = fieldsOf(
    z.object({ limit: z.int().min(1).max(10), tags: z.record(z.string(), z.int()).optional() }),
  )
  assert.equal(paramProblem(limit!, ""), "limit is needed.")
  assert.equal(paramProblem(limit!, "1.5"), "Give a whole number.")
  assert.equal(paramProblem(limit!, "0"), "Give 1 or more.")
  assert.equal(paramProblem(limit!, "11"), "Give 10 or less.")
  assert.equal(paramProblem(limit!, "10"), null)
  assert.equal(paramProblem(tags!, "[a"), "This is not valid JSON.")
  assert.equal(paramProblem(tags!, "[1]"), 'Give a JSON object: {"name": "value"}.')
  assert.equal(paramProblem(tags!, ""), null)
})

test("takes the type beside null", () => {
  const [day] = fieldsOf(z.object({ day: z.iso.date().nullable() }))
  assert.equal(day?.kind, "date")
})

test("a pipeline without params has no inputs", () => {
  assert.deepEqual(paramFields(null), [])
})

test("keeps the types of choices that are no texts", () => {
  const fields = fieldsOf(z.object({ size: z.union([z.literal(1), z.literal(2)]), mode: z.literal("full") }))
  assert.deepEqual(
    fields.map((field) => [field.kind, field.choices]),
    [
      ["choice", ["1", "2"]],
      ["choice", ["full"]],
    ],
  )
  assert.deepEqual(paramValues(fields, { size: "2", mode: "full" }), { size: 2, mode: "full" })
})

test("asks for simple lists line by line, and checks their values and number", () => {
  const [ids, names] = fieldsOf(
    z.object({ ids: z.array(z.int()).min(1).max(2).default([4, 5]), names: z.array(z.string()) }),
  )
  assert.deepEqual([ids?.initial, paramHint(ids!)], ["4\n5", "One value a line, 1 to 2 values."])
  assert.equal(paramProblem(ids!, "4\nfive"), '"five" is no number.')
  assert.equal(paramProblem(ids!, "1\n2\n3"), "Give 2 values or less.")
  assert.deepEqual(paramValues([ids!, names!], { ids: "7\n8", names: "7\nb" }), { ids: [7, 8], names: ["7", "b"] })
})

test("checks the length and pattern of texts, and says bounds beforehand", () => {
  const [code, n] = fieldsOf(
    z.object({
      code: z
        .string()
        .max(3)
        .regex(/^[A-Z]+$/),
      n: z.number().min(0.5),
    }),
  )
  assert.equal(paramHint(code!), "Up to 3 characters.")
  assert.equal(paramProblem(code!, "ab"), "This does not match ^[A-Z]+$.")
  assert.equal(paramProblem(code!, "ABCD"), "Give 3 characters or less.")
  assert.equal(paramHint(n!), "0.5 or more.")
})

test("shows nested objects as indented JSON", () => {
  const [range] = fieldsOf(z.object({ range: z.object({ from: z.int() }).default({ from: 1 }) }))
  assert.deepEqual([range?.kind, range?.initial], ["json", '{\n  "from": 1\n}'])
  assert.deepEqual(paramValues([range!], { range: range!.initial }), { range: { from: 1 } })
})

test("a date-time default is shown on the person's clock and sent as the same instant", () => {
  const [at] = fieldsOf(z.object({ at: z.iso.datetime().default("2026-01-01T05:00:00.000Z") }))
  assert.deepEqual(paramValues([at!], { at: at!.initial }), { at: "2026-01-01T05:00:00.000Z" })
})
