import type { z } from "zod"

/** One thing wrong in a task's options: where, as a path into them, and what to do about it. */
export interface OptionProblem {
  path: string
  message: string
}

/**
 * Checks options as the manifest holds them, where `$output`, `$param` and `$run` still stand for values. What is said
 * about a reference, or about something inside one, is left out: it is checked again when the task runs.
 */
export function optionProblems(schema: z.ZodType, options: unknown): OptionProblem[] {
  const parsed = schema.safeParse(options)
  if (parsed.success) return []
  return parsed.error.issues
    .filter((issue) => !touchesReference(options, issue.path))
    .map((issue) => ({ path: issue.path.map(String).join("."), message: issue.message }))
}

/** True for `{ "$output": … }`, `{ "$param": … }` and `{ "$run": … }` (lib/contracts/manifest.ts). */
export function isReference(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  const keys = Object.keys(value)
  return keys.length === 1 && (keys[0] === "$output" || keys[0] === "$param" || keys[0] === "$run")
}

function touchesReference(options: unknown, path: readonly PropertyKey[]): boolean {
  let value = options
  for (const key of [...path, null]) {
    if (isReference(value)) return true
    if (key === null || typeof value !== "object" || value === null) return false
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return false
}
