import type { Json, JsonObject } from "#lib/contracts/json.ts"
import { CliError, EXIT } from "./exit-code.ts"

/**
 * Params from `-p name=value`. The pipeline's JSON Schema says what a value is: text stays text, everything else is read as
 * JSON; without a schema, what reads as JSON is JSON.
 * @throws CliError `usage`.
 */
export function parseParams(pairs: readonly string[], schema: JsonObject | null): JsonObject {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=")
      if (at < 1) throw new CliError(`"${pair}" is no param; write -p name=value.`, EXIT.usage)
      const name = pair.slice(0, at)
      return [name, parseValue(name, pair.slice(at + 1), typesOf(schema, name))]
    }),
  )
}

/** The JSON types that a param may have; empty where the schema does not say. */
function typesOf(schema: JsonObject | null, name: string): string[] {
  const properties = schema?.properties
  if (!isObject(properties)) return []
  const property = properties[name]
  if (!isObject(property)) return []
  const options = Array.isArray(property.anyOf) ? property.anyOf : [property]
  return options.flatMap((option) => {
    if (!isObject(option)) return []
    const type = option.type ?? (Array.isArray(option.enum) ? "string" : [])
    return Array.isArray(type) ? type.map(String) : [String(type)]
  })
}

function parseValue(name: string, text: string, types: string[]): Json {
  const isText = types.includes("string")
  try {
    const value = JSON.parse(text) as Json
    return isText && typeof value !== "object" && !(value === null && types.includes("null")) ? text : value
  } catch {
    if (isText || types.length === 0) return text
    throw new CliError(`Param ${name} is of type ${types.join(" or ")}; "${text}" is not.`, EXIT.usage)
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
