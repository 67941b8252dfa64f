import { typeError } from "./errors.ts"
import { undefinedError } from "./undefined-error.ts"
import { isInt, typeName, Undefined, type Value } from "./values.ts"

/** Reads an argument as a text. @throws JinjaError where it is none. */
export function asText(value: Value | undefined, what: string): string {
  if (typeof value === "string") return value
  if (value instanceof Undefined) throw undefinedError(value)
  throw typeError(`${what} must be str, not ${typeName(value ?? null)}`)
}

/** Reads an argument as an int. @throws JinjaError where it is none. */
export function asInt(value: Value | undefined): number {
  if (value !== undefined && isInt(value)) return Number(value)
  if (value instanceof Undefined) throw undefinedError(value)
  throw typeError(`'${typeName(value ?? null)}' object cannot be interpreted as an integer`)
}

/** As {@link asInt}, or `fallback` where it was left out or None. */
export function asIntOr(value: Value | undefined, fallback: number): number {
  return value === undefined || value === null ? fallback : asInt(value)
}
