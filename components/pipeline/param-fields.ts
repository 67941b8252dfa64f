import type { JsonObject } from "#lib/contracts/json.ts"
import { plural } from "../format/count.ts"

/** One input of the form that asks for a run's params. */
export interface ParamField {
  name: string
  label: string
  /** `list`: one value a line. */
  kind: "text" | "number" | "boolean" | "date" | "datetime" | "choice" | "list" | "json"
  description: string | null
  isRequired: boolean
  /** What the input holds at first, as text; empty for nothing. */
  initial: string
  choices: string[]
  /** Bounds: of a number's value, a text's length, or how many values a list has. */
  min: number | null
  max: number | null
  isWhole: boolean
  /** The JSON Schema of the value, and for lists that of each value. */
  schema: JsonObject
}

/**
 * The inputs for a params object described by a JSON Schema, in the author's order. Types that have no input of their
 * own (objects, unions, lists of these) are asked for as JSON, so every schema gets a form.
 */
export function paramFields(schema: JsonObject | null): ParamField[] {
  const properties = objectAt(schema ?? {}, "properties") ?? {}
  const required = Array.isArray(schema?.required) ? schema.required : []
  return Object.entries(properties).map(([name, value]) => {
    const property = nonNull(isObject(value) ? value : {})
    const kind = kindOf(property)
    return {
      name,
      label: typeof property.title === "string" ? property.title : name,
      kind,
      description: typeof property.description === "string" ? property.description : null,
      // A default fills what is left out, although JSON Schema for outputs lists it as required.
      isRequired: required.includes(name) && property.default === undefined,
      initial: textOf(property.default, kind),
      choices: choicesOf(property).map(String),
      min: numberOr(property.minimum ?? property.minLength ?? property.minItems),
      max: numberOr(property.maximum ?? property.maxLength ?? property.maxItems),
      isWhole: property.type === "integer",
      schema: property,
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
  switch (field.kind) {
    case "json":
      return jsonProblem(field, text)
    case "number": {
      const value = Number(text)
      if (!Number.isFinite(value) || (field.isWhole && !Number.isInteger(value))) {
        return field.isWhole ? "Give a whole number." : "Give a number."
      }
      return boundsProblem(field, value, String)
    }
    case "text": {
      const { pattern } = field.schema
      if (typeof pattern === "string" && !matches(text, pattern)) return `This does not match ${pattern}.`
      return boundsProblem(field, text.length, (size) => plural(size, "character"))
    }
    case "list": {
      const lines = linesOf(text)
      const needsNumbers = isNumeric(itemsOf(field.schema))
      const bad = needsNumbers ? lines.find((line) => !Number.isFinite(Number(line))) : undefined
      return bad === undefined
        ? boundsProblem(field, lines.length, (size) => plural(size, "value"))
        : `"${bad}" is no number.`
    }
    default:
      return null
  }
}

/** What a person should know before typing: bounds, and how lists are written. Null where there is nothing to say. */
export function paramHint({ kind, min, max }: ParamField): string | null {
  const noun = kind === "text" ? "character" : kind === "list" ? "value" : null
  const count = (size: number) => (noun ? plural(size, noun) : `${size}`)
  // A text of at least one character is just one that is there.
  const least = kind === "text" && min === 1 ? null : min
  const bounds =
    least !== null && max !== null
      ? `${least} to ${count(max)}`
      : least !== null
        ? `${count(least)} or more`
        : max !== null
          ? `up to ${count(max)}`
          : null
  if (kind === "list") return bounds ? `One value a line, ${bounds}.` : "One value a line."
  return bounds && `${bounds.charAt(0).toUpperCase()}${bounds.slice(1)}.`
}

function jsonProblem({ schema }: ParamField, text: string): string | null {
  try {
    const value: unknown = JSON.parse(text)
    if (schema.type === "object" && !isObject(value as JsonObject[string]))
      return 'Give a JSON object: {"name": "value"}.'
    if (schema.type === "array" && !Array.isArray(value)) return "Give a JSON list: [1, 2]."
    return null
  } catch {
    return "This is not valid JSON."
  }
}

function boundsProblem({ min, max }: ParamField, size: number, words: (size: number) => string): string | null {
  if (min !== null && size < min) return `Give ${words(min)} or more.`
  if (max !== null && size > max) return `Give ${words(max)} or less.`
  return null
}

function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text)
  } catch {
    return true // The server knows better.
  }
}

function kindOf(property: JsonObject): ParamField["kind"] {
  if (choicesOf(property).length > 0) return "choice"
  if (property.type === "array" && isListable(itemsOf(property))) return "list"
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
    case "choice":
      return choicesOf(field.schema).find((choice) => String(choice) === text) ?? text
    case "list":
      return linesOf(text).map((line) => (isNumeric(itemsOf(field.schema)) ? Number(line) : line))
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

function textOf(value: JsonObject[string] | undefined, kind: ParamField["kind"]): string {
  if (value === undefined || value === null) return ""
  if (kind === "list" && Array.isArray(value)) return value.map(String).join("\n")
  // The input shows the person's own wall clock.
  if (kind === "datetime" && typeof value === "string") return localDateTime(new Date(value))
  return typeof value === "string" && kind !== "json" ? value : JSON.stringify(value, null, 2)
}

/** An instant as `datetime-local` inputs hold it; empty where it is none. */
export function localDateTime(instant: Date): string {
  if (Number.isNaN(instant.getTime())) return ""
  return new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** The values of an enum, a literal, or a union of literals. */
function choicesOf(property: JsonObject): JsonObject[string][] {
  if (Array.isArray(property.enum)) return property.enum
  if (property.const !== undefined) return [property.const]
  const parts = Array.isArray(property.anyOf) ? property.anyOf.filter(isObject) : []
  return parts.length > 0 && parts.every((part) => part.const !== undefined) ? parts.map((part) => part.const!) : []
}

function itemsOf(property: JsonObject): JsonObject {
  return objectAt(property, "items") ?? {}
}
function isListable(items: JsonObject): boolean {
  return items.type === "string" || isNumeric(items)
}
function isNumeric(items: JsonObject): boolean {
  return items.type === "number" || items.type === "integer"
}
function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
}
function numberOr(value: JsonObject[string] | undefined): number | null {
  // zod bounds every integer by the safe range, which says nothing to a person.
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null
}
function objectAt(value: JsonObject, key: string): JsonObject | null {
  const inner = value[key]
  return isObject(inner) ? inner : null
}
function isObject(value: JsonObject[string] | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
