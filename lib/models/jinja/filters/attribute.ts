import { getItem } from "../access.ts"
import type { FilterContext } from "../filter.ts"
import { toText } from "../print.ts"
import { isInt, Undefined, type Value } from "../values.ts"

/** Reads what the `attribute` argument of a filter names: `name`, `name.inner`, `items.0` or an index. Null: the value itself. */
export function attributeGetter(
  attribute: Value | undefined,
  context: FilterContext,
  options: { fallback?: Value | undefined; ignoresCase?: boolean } = {},
): (value: Value) => Value {
  const path = attribute === undefined || attribute === null ? [] : pathOf(attribute)
  return (value) => {
    let found = value
    for (const key of path) {
      found = getItem(found, key, context.isUndefinedChainable)
      if (found instanceof Undefined && options.fallback !== undefined && options.fallback !== null) {
        found = options.fallback
      }
    }
    return options.ignoresCase && typeof found === "string" ? found.toLowerCase() : found
  }
}

function pathOf(attribute: Value): Value[] {
  if (isInt(attribute)) return [attribute]
  return toText(attribute)
    .split(".")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
