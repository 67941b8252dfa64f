import type { z } from "zod"
import { asReference } from "../references.ts"

/** One thing wrong in a task's options: where, as a path into them, and what to do about it. */
export interface OptionProblem {
  path: string
  message: string
}

/**
 * Checks options as the manifest holds them, where `$output`, `$param`, `$run` and `$item` still stand for values. What is said
 * about a reference, or about something inside one, is left out: it is checked again when the task runs.
 */
export function optionProblems(schema: z.ZodType, options: unknown): OptionProblem[] {
  const parsed = schema.safeParse(options)
  if (parsed.success) return []
  return remaining(parsed.error.issues, options).map(({ path, message }) => ({
    path: path.map(String).join("."),
    message,
  }))
}

type Issue = z.core.$ZodIssue
interface PlacedMessage {
  path: PropertyKey[]
  message: string
}

/** The issues that are not about references, those of unions told by the alternative that comes closest. */
function remaining(issues: readonly Issue[], value: unknown): PlacedMessage[] {
  return issues.flatMap((issue): PlacedMessage[] => {
    if (touchesReference(value, issue.path)) return []
    if (issue.code !== "invalid_union" || issue.errors.length === 0)
      return [{ path: issue.path, message: issue.message }]
    const inner = valueAt(value, issue.path)
    const alternatives = issue.errors.map((errors) => remaining(errors, inner))
    if (alternatives.some((alternative) => alternative.length === 0)) return []
    const closest = alternatives.find((alternative) => alternative.every(({ path }) => path.length > 0))
    if (closest) return closest.map(({ path, message }) => ({ path: [...issue.path, ...path], message }))
    const messages = new Set(alternatives.map((alternative) => alternative[0]!.message))
    return [{ path: issue.path, message: [...messages].join(" or ") }]
  })
}

function touchesReference(options: unknown, path: readonly PropertyKey[]): boolean {
  return path.reduce<{ value: unknown; isInside: boolean }>(
    ({ value, isInside }, key) => {
      const next = property(value, key)
      return { value: next, isInside: isInside || asReference(next) !== null }
    },
    { value: options, isInside: asReference(options) !== null },
  ).isInside
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(property, options)
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined
}
