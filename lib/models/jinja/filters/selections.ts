import { PyIterator } from "../collection-views.ts"
import { typeError } from "../errors.ts"
import type { Filter, FilterContext } from "../filter.ts"
import { isTrue, iterate } from "../iterate.ts"
import { toText } from "../print.ts"
import { type Kwargs, NO_KWARGS, type Value } from "../values.ts"
import { attributeGetter } from "./attribute.ts"

/** Filters that apply a test or another filter to each item. Like Jinja's they give their items once, as they are asked for. */
export const SELECTION_FILTERS: readonly [string, Filter][] = [
  ["map", map],
  ["select", (input, args, kwargs, context) => choose(input, () => tester(args, kwargs, context, false), true)],
  ["reject", (input, args, kwargs, context) => choose(input, () => tester(args, kwargs, context, false), false)],
  ["selectattr", (input, args, kwargs, context) => choose(input, () => tester(args, kwargs, context, true), true)],
  ["rejectattr", (input, args, kwargs, context) => choose(input, () => tester(args, kwargs, context, true), false)],
]

function map(input: Value, args: readonly Value[], kwargs: Kwargs, context: FilterContext): Value {
  return new PyIterator(mapItems(input, () => mapper(args, kwargs, context)))
}

function* mapItems(input: Value, makeMapper: () => (item: Value) => Value): Iterable<Value> {
  if (!isTrue(input)) return
  const apply = makeMapper()
  for (const item of iterate(input)) yield apply(item)
}

function mapper(args: readonly Value[], kwargs: Kwargs, context: FilterContext): (item: Value) => Value {
  const [name, ...rest] = args
  if (name === undefined && kwargs.has("attribute")) {
    for (const key of kwargs.keys()) {
      if (key !== "attribute" && key !== "default") throw typeError(`Unexpected keyword argument '${key}'`)
    }
    return attributeGetter(kwargs.get("attribute"), context, { fallback: kwargs.get("default") })
  }
  if (name === undefined) throw typeError("map requires a filter argument")
  const filter = context.filter(toText(name))
  return (item) => filter(item, rest, kwargs, context)
}

function choose(input: Value, makeTest: () => (item: Value) => boolean, isWanted: boolean): Value {
  return new PyIterator(chooseItems(input, makeTest, isWanted))
}

function* chooseItems(input: Value, makeTest: () => (item: Value) => boolean, isWanted: boolean): Iterable<Value> {
  if (!isTrue(input)) return
  const test = makeTest()
  for (const item of iterate(input)) if (test(item) === isWanted) yield item
}

/** By name and further arguments of the test; without a name, the truth of the value. */
function tester(
  args: readonly Value[],
  kwargs: Kwargs,
  context: FilterContext,
  hasAttribute: boolean,
): (item: Value) => boolean {
  if (hasAttribute && args.length === 0) throw typeError("Missing parameter for attribute name")
  const getter = hasAttribute ? attributeGetter(args[0], context) : (item: Value) => item
  const [name, ...rest] = hasAttribute ? args.slice(1) : args
  if (name === undefined) return (item) => isTrue(getter(item))
  const test = context.test(toText(name))
  return (item) => test(getter(item), rest, kwargs.size === 0 ? NO_KWARGS : kwargs, context)
}
