import { attributeOf, getItem } from "../access.ts"
import { asInt } from "../argument.ts"
import { add } from "../arithmetic.ts"
import { entriesOf, sorted } from "../collection-methods.ts"
import { PyIterator } from "../collection-views.ts"
import { compareForSort, isEqual } from "../compare.ts"
import { Dict } from "../dict.ts"
import { typeError } from "../errors.ts"
import type { Filter, FilterContext } from "../filter.ts"
import { hashKey } from "../hash-key.ts"
import { isTrue, iterate, lengthOf, toArray } from "../iterate.ts"
import { checkItems, checkLength } from "../limits.ts"
import { toText } from "../print.ts"
import { toCodePoints } from "../text.ts"
import { undefinedError } from "../undefined-error.ts"
import { given, HostObject, Tuple, typeName, Undefined, type Value } from "../values.ts"
import { attributeGetter } from "./attribute.ts"
import { filter } from "./define.ts"

/** Filters over the items of a list or another iterable. */
export const SEQUENCE_FILTERS: readonly [string, Filter][] = [
  filter("list", [], (input) => toArray(input)),
  filter("length", [], (input) => lengthOf(input)),
  filter("count", [], (input) => lengthOf(input)),
  filter("first", [], (input, _args, context) => first(input, context)),
  filter("last", [], (input, _args, context) => {
    return given(toArray(input).at(-1), context.undefined({ hint: "No last item, sequence was empty." }))
  }),
  filter("random", [], (input, _args, context) => {
    const items = toArray(input)
    const at = Math.floor(Math.random() * items.length)
    return given(items[at], context.undefined({ hint: "No random item, sequence was empty." }))
  }),
  filter("join", ["d?", "attribute?"], (input, [separator, attribute], context) => {
    const getter = attributeGetter(attribute, context)
    const text = Array.from(iterate(input), (item) => toText(getter(item))).join(toText(given(separator, "")))
    checkLength(text.length)
    return text
  }),
  filter("reverse", [], (input) => reverse(input)),
  filter("sort", ["reverse?", "case_sensitive?", "attribute?"], (input, args, context) => sort(input, args, context)),
  filter("unique", ["case_sensitive?", "attribute?"], (input, [isSensitive, attribute], context) => {
    const getter = attributeGetter(attribute, context, { ignoresCase: !isTrue(isSensitive ?? false) })
    return new PyIterator(unique(input, getter))
  }),
  filter("min", ["case_sensitive?", "attribute?"], (input, args, context) => extreme(input, args, context, -1)),
  filter("max", ["case_sensitive?", "attribute?"], (input, args, context) => extreme(input, args, context, 1)),
  filter("sum", ["attribute?", "start?"], (input, [attribute, start], context) => {
    const getter = attributeGetter(attribute, context)
    let total: Value = given(start, 0)
    for (const item of iterate(input)) total = add(total, getter(item))
    return total
  }),
  filter("groupby", ["attribute", "default?", "case_sensitive?"], (input, args, context) =>
    groupBy(input, args, context),
  ),
  filter("batch", ["linecount", "fill_with?"], (input, [count, fill]) => {
    return new PyIterator(batch(input, asInt(count), fill ?? null))
  }),
  filter("slice", ["slices", "fill_with?"], (input, [count, fill]) => {
    return new PyIterator(slices(toArray(input), asInt(count), fill ?? null))
  }),
  filter("dictsort", ["case_sensitive?", "by?", "reverse?"], (input, args) => dictSort(input, args)),
  filter("items", [], (input) => new PyIterator(items(input))),
  filter("attr", ["name"], (input, [name], context) => attribute(input, toText(name as Value), context)),
]

function first(input: Value, context: FilterContext): Value {
  for (const item of iterate(input)) return item
  return context.undefined({ hint: "No first item, sequence was empty." })
}

function reverse(input: Value): Value {
  if (typeof input === "string") return toCodePoints(input).reverse().join("")
  return new PyIterator(toArray(input).reverse(), Array.isArray(input) ? "list_reverseiterator" : "reversed")
}

/** Several attributes, as in `sort(attribute="age,name")`, are compared one after the other. */
function sort(
  input: Value,
  [isReversed, isSensitive, attribute]: readonly (Value | undefined)[],
  context: FilterContext,
): Value {
  const options = { ignoresCase: !isTrue(isSensitive ?? false) }
  const paths = typeof attribute === "string" ? attribute.split(",") : [attribute]
  const getters = paths.map((path) => attributeGetter(path, context, options))
  return sorted(toArray(input), (item) => getters.map((getter) => getter(item)), isTrue(isReversed ?? false))
}

function* unique(input: Value, getter: (value: Value) => Value): Iterable<Value> {
  const seen = new Set<unknown>()
  for (const item of iterate(input)) {
    const key = hashKey(getter(item))
    if (seen.has(key)) continue
    seen.add(key)
    yield item
  }
}

/** The least (`sign` -1) or the greatest item; of equals the first. */
function extreme(
  input: Value,
  [isSensitive, attribute]: readonly (Value | undefined)[],
  context: FilterContext,
  sign: -1 | 1,
): Value {
  const getter = attributeGetter(attribute, context, { ignoresCase: !isTrue(isSensitive ?? false) })
  let best: { item: Value; key: Value } | null = null
  for (const item of iterate(input)) {
    const key = getter(item)
    if (best === null || compareForSort(key, best.key) * sign > 0) best = { item, key }
  }
  return given(best?.item, context.undefined({ hint: "No aggregated item, sequence was empty." }))
}

function groupBy(
  input: Value,
  [attribute, fallback, isSensitive]: readonly (Value | undefined)[],
  context: FilterContext,
): Value {
  const ignoresCase = !isTrue(isSensitive ?? false)
  const keyOf = attributeGetter(attribute, context, { fallback, ignoresCase })
  const groups: { key: Value; items: Value[] }[] = []
  for (const item of sorted(toArray(input), keyOf, false)) {
    const key = keyOf(item)
    const last = groups.at(-1)
    if (last && isEqual(last.key, key)) last.items.push(item)
    else groups.push({ key, items: [item] })
  }
  // A group is named as its first item spells it.
  const spell = attributeGetter(attribute, context, { fallback })
  return groups.map(({ key, items }) => {
    const [head] = items
    return new Tuple([ignoresCase && head !== undefined ? spell(head) : key, items], ["grouper", "list"])
  })
}

function* batch(input: Value, count: number, fill: Value): Iterable<Value> {
  checkItems(count)
  let current: Value[] = []
  for (const item of iterate(input)) {
    if (current.length === count) {
      yield current
      current = []
    }
    current.push(item)
  }
  if (current.length === 0) return
  if (fill !== null) while (current.length < count) current.push(fill)
  yield current
}

function* slices(items: readonly Value[], count: number, fill: Value): Iterable<Value> {
  if (count === 0) throw typeError("integer division or modulo by zero")
  checkItems(count)
  const size = Math.floor(items.length / count)
  const longer = items.length % count
  let start = 0
  for (let index = 0; index < count; index++) {
    const end = start + size + (index < longer ? 1 : 0)
    const slice = items.slice(start, end)
    if (fill !== null && index >= longer) slice.push(fill)
    start = end
    yield slice
  }
}

function dictSort(input: Value, [isSensitive, by, isReversed]: readonly (Value | undefined)[]): Value {
  const part = toText(given(by, "key"))
  if (part !== "key" && part !== "value") throw typeError('You can only sort by either "key" or "value"')
  const ignoresCase = !isTrue(isSensitive ?? false)
  const keyOf = ([key, value]: readonly [Value, Value]): Value => {
    const chosen = part === "key" ? key : value
    return ignoresCase && typeof chosen === "string" ? chosen.toLowerCase() : chosen
  }
  return sorted([...mappingEntries(input)], keyOf, isTrue(isReversed ?? false)).map((entry) => new Tuple(entry))
}

function* items(input: Value): Iterable<Value> {
  if (input instanceof Undefined) return
  for (const entry of mappingEntries(input)) yield new Tuple(entry)
}

function mappingEntries(input: Value): Iterable<readonly [Value, Value]> {
  if (input instanceof Undefined) throw undefinedError(input)
  if (input instanceof Dict || (input instanceof HostObject && input.isMapping?.())) return entriesOf(input)
  throw typeError(`Can only get item pairs from a mapping, not ${typeName(input)}.`)
}

/** The attribute alone, where `x.name` would also look for an item. */
function attribute(input: Value, name: string, context: FilterContext): Value {
  const found = attributeOf(input, name)
  if (found !== undefined) return found
  return input instanceof Undefined ? getItem(input, name, context.isUndefinedChainable) : context.undefined({ name })
}
