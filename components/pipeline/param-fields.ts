import type { JsonObject } from "#lib/contracts/json.ts"

/** One input of the form that asks for a run's params. */
export interface ParamField {
  name: string
  label: string
  kind: "text" | "number" | "boolean" | "date" | "datetime" | "choice" | "json"
  description: string | null
  isRequired: boolean
  /** What the input holds at first, as text; null for none. */
  initial: string
  choices: string[]
  min: number | null
  max: number | null
  isWhole: boolean
}

/**
 * The inputs for a params object described by a JSON Schema, in the author's order. Types that have no input of their
 * own (lists, objects, unions) are asked for as JSON, so every schema gets a form.
 */
export function paramFields(schema: JsonObject | null): ParamField[] {
  const properties = objectAt(schema ?? {}, "properties") ?? {}
  const required = Array.isArray(schema?.required) ? schema.required : []
  return Object.entries(properties).map(([name, value]) => {
    const property = nonNull(isObject(value) ? value : {})
    const choices = Array.isArray(property.enum) ? property.enum.map(String) : []
    return {
      name,
      label: typeof property.title === "string" ? property.title : name,
      kind: kindOf(property),
      description: typeof property.description === "string" ? property.description : null,
      // A default fills what is left out, although JSON Schema for outputs lists it as required.
      isRequired: required.includes(name) && property.default === undefined,
      initial: textOf(property.default),
      choices,
      min: numberOr(property.minimum),
      max: numberOr(property.maximum),
      isWhole: property.type === "integer",
    }
  })
}

/** The params to send for what the inputs hold; what was left empty is left out. Throws SyntaxError on bad JSON. */
export function paramValues(fields: readonly ParamField[], inputs: Readonly<Record<string, string>>): JsonObject {
  const values: JsonObject = {}
  for (const field of fields) {
    const text = (inputs[field.name] ?? "").trim()
    if (text !== "") values[field.name] = fieldValue(field, text)
  }
  return values
}

/** What is wrong with one input, as a sentence; null where nothing is. The server checks the whole schema again. */
export function paramProblem(field: ParamField, text: string): string | null {
  if (text.trim() === "") return field.isRequired ? `${field.label} is needed.` : null
  if (field.kind === "json") return isJson(text) ? null : "This is not valid JSON."
  if (field.kind !== "number") return null
  const value = Number(text)
  if (!Number.isFinite(value) || (field.isWhole && !Number.isInteger(value))) {
    return field.isWhole ? "Give a whole number." : "Give a number."
  }
  if (field.min !== null && value < field.min) return `Give ${field.min} or more.`
  if (field.max !== null && value > field.max) return `Give ${field.max} or less.`
  return null
}

function kindOf(property: JsonObject): ParamField["kind"] {
  if (Array.isArray(property.enum)) return "choice"
  if (property.type === "integer" || property.type === "number") return "number"
  if (property.type === "boolean") return "boolean"
  if (property.type !== "string") return "json"
  return property.format === "date" ? "date" : property.format === "date-time" ? "datetime" : "text"
}

function fieldValue(field: ParamField, text: string): JsonObject[string] {
  switch (field.kind) {
    case "number":
      return Number(text)
    case "boolean":
      return text === "true"
    case "json":
      return JSON.parse(text) as JsonObject[string]
    // The input has no zone; what a person types is their own wall clock.
    case "datetime":
      return new Date(text).toISOString()
    default:
      return text
  }
}

/** zod writes `x | null` as anyOf: take the part that is not null. */
function nonNull(property: JsonObject): JsonObject {
  const parts = Array.isArray(property.anyOf) ? property.anyOf.filter(isObject) : []
  const rest = parts.filter((part) => part.type !== "null")
  return rest.length === 1 && rest.length < parts.length ? { ...property, ...rest[0] } : property
}

function textOf(value: JsonObject[string] | undefined): string {
  if (value === undefined || value === null) return ""
  return typeof value === "string" ? value : JSON.stringify(value)
}
function numberOr(value: JsonObject[string] | undefined): number | null {
  // zod bounds every integer by the safe range, which says nothing to a person.
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null
}
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
function objectAt(value: JsonObject, key: string): JsonObject | null {
  const inner = value[key]
  return isObject(inner) ? inner : null
}
function isObject(value: JsonObject[string] | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
