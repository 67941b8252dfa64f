import { typeError, valueError } from "./errors.ts"
import { toCodePoints } from "./text.ts"
import { isInt, Tuple, typeName, type Value } from "./values.ts"

/** What stands between the brackets of `x[start:stop:step]`; null where left out. */
export interface SliceBounds {
  start: Value
  stop: Value
  step: Value
}

/** The slice of a text, list or tuple, or undefined where the value has none. */
export function sliceOf(value: Value, bounds: SliceBounds): Value | undefined {
  if (typeof value === "string") return pick(toCodePoints(value), bounds).join("")
  if (Array.isArray(value)) return pick(value, bounds)
  if (value instanceof Tuple) return new Tuple(pick(value.items, bounds))
  return undefined
}

function pick<T>(items: readonly T[], bounds: SliceBounds): T[] {
  const step = bounds.step === null ? 1 : boundOf(bounds.step)
  if (step === 0) throw valueError("slice step cannot be zero")
  const { length } = items
  const lowest = step < 0 ? -1 : 0
  const highest = step < 0 ? length - 1 : length
  const limit = (bound: Value, fallback: number) => {
    if (bound === null) return fallback
    const at = boundOf(bound)
    return Math.min(highest, Math.max(lowest, at < 0 ? at + length : at))
  }
  const start = limit(bounds.start, step < 0 ? highest : lowest)
  const stop = limit(bounds.stop, step < 0 ? lowest : highest)
  if (step === 1) return items.slice(start, Math.max(start, stop))
  const picked: T[] = []
  for (let at = start; step < 0 ? at > stop : at < stop; at += step) picked.push(items[at] as T)
  return picked
}

function boundOf(value: Value): number {
  if (isInt(value)) return Number(value)
  throw typeError(`slice indices must be integers or None, not ${typeName(value)}`)
}
