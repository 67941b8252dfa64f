import { JinjaError } from "./errors.ts"
import type { Undefined } from "./values.ts"

/** The error of whoever needs the value that is not there. */
export function undefinedError(value: Undefined): JinjaError {
  return new JinjaError(value.reason.isUnsafe ? "security" : "undefined", value.message)
}
