import { Dict } from "./dict.ts"
import { typeError, valueError } from "./errors.ts"
import { toCodePoints } from "./text.ts"
import { undefinedError } from "./undefined-error.ts"
import { HostObject, isInt, Tuple, typeName, Undefined, type Value } from "./values.ts"

/** What stands between the brackets of `x[start:stop:step]`; null where left out. */
export interface SliceBounds {
  start: Value
  stop: Value
  step: Value
}

/** `value[start:stop:step]`. @throws JinjaError where the value has no slices. */
export function sliceOf(value: Value, bounds: SliceBounds): Value {
  if (value instanceof Undefined) {
    if (value.isChainable) return value
    throw undefinedError(value)
  }
  if (typeof value === "string") return pick(toCodePoints(value), bounds).join("")
  if (Array.isArray(value)) return pick(value, bounds)
  if (value instanceof Tuple) return new Tuple(pick(value.items, bounds))
  if (value instanceof HostObject && value.getSlice) return value.getSlice(bounds.start, bounds.stop, bounds.step)
  throw typeError(
    value instanceof Dict ? "unhashable type: 'slice'" : `'${typeName(value)}' object is not subscriptable`,
  )
}

function pick<T>(items: readonly T[], bounds: SliceBounds): T[] {
  const [start, stop, step] = sliceIndices(items.length, bounds)
  if (step === 1) return items.slice(start, Math.max(start, stop))
  const picked: T[] = []
  for (let at = start; step < 0 ? at > stop : at < stop; at += step) picked.push(items[at] as T)
  return picked
}

/** Python's slice.indices(length): start, stop and step as a counting loop takes them. */
export function sliceIndices(length: number, bounds: SliceBounds): [start: number, stop: number, step: number] {
  const step = bounds.step === null ? 1 : boundOf(bounds.step)
  if (step === 0) throw valueError("slice step cannot be zero")
  const lowest = step < 0 ? -1 : 0
  const highest = step < 0 ? length - 1 : length
  const limit = (bound: Value, fallback: number) => {
    if (bound === null) return fallback
    const at = boundOf(bound)
    return Math.min(highest, Math.max(lowest, at < 0 ? at + length : at))
  }
  return [limit(bounds.start, step < 0 ? highest : lowest), limit(bounds.stop, step < 0 ? lowest : highest), step]
}

function boundOf(value: Value): number {
  if (isInt(value)) return Number(value)
  throw typeError(`slice indices must be integers or None, not ${typeName(value)}`)
}
