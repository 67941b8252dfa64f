import type { Json } from "../contracts/json.ts"
import { refMarker } from "./ref.ts"

/**
 * Options as the manifest holds them: plain JSON, references as their markers. Dates become ISO texts; undefined
 * properties are left out. What JSON cannot hold is reported with its path and left out.
 */
export function optionJson(value: unknown, onProblem: (path: string, message: string) => void): Json {
  return convert(value, [], [], onProblem) ?? null
}

function convert(
  value: unknown,
  path: string[],
  parents: object[],
  onProblem: (path: string, message: string) => void,
): Json | undefined {
  const refuse = (message: string) => onProblem(path.join("."), message)
  const marker = refMarker(value)
  if (marker) return structuredClone(marker) as Json
  if (value === null || typeof value === "string" || typeof value === "boolean") return value
  if (typeof value === "number" && Number.isFinite(value)) return value
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (value === undefined) return undefined
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
  if (typeof value === "number") return void refuse(`${value} is not a number that JSON knows`)
  if (typeof value !== "object")
    return void refuse(`a ${typeof value} cannot be part of the manifest; write a plain value`)
  if (parents.includes(value)) return void refuse("the value contains itself")
  const inside = [...parents, value]
  if (Array.isArray(value)) {
    return value.map((item, index) => convert(item, [...path, String(index)], inside, onProblem) ?? null)
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    return void refuse(
      `a ${value.constructor?.name ?? "special"} object cannot be part of the manifest; write a plain one`,
    )
  }
  const entries = Object.entries(value).map(([key, inner]) => [key, convert(inner, [...path, key], inside, onProblem)])
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined)) as Json
}
