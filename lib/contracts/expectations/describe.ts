import type { z } from "zod"
import type { ExpectationKind } from "../api/quality.ts"
import type { Json, JsonObject } from "../json.ts"
import { readExpectation } from "./read-expectation.ts"
import { EXPECTATION_TYPES, type ExpectationType, entryOf, optionsSchemaOf, sentenceOf } from "./registry.ts"

/** The registry as plain data, in its order: what documentation, API and console show. */
export function describeExpectations(): ExpectationKind[] {
  return EXPECTATION_TYPES.map(describe)
}

function describe(type: ExpectationType): ExpectationKind {
  const { aliases, scope, dimension, doc, example, options } = entryOf(type)
  const read = readExpectation({ type, ...example })
  return {
    type,
    aliases: [...aliases],
    scope,
    dimension,
    doc,
    example: example as JsonObject,
    sentence: "expectation" in read ? sentenceOf(read.expectation) : "",
    options: Object.entries(optionsSchemaOf(type).shape)
      .filter(([name]) => name !== "type")
      .map(([name, field]) => ({ name, ...absent(field as z.ZodType), isShared: !(name in options.shape) })),
  }
}

function absent(field: z.ZodType): { isRequired: boolean; default: Json } {
  const parsed = field.safeParse(undefined)
  return { isRequired: !parsed.success, default: (parsed.data as Json | undefined) ?? null }
}
