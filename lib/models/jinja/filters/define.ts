import type { Filter, FilterContext } from "../filter.ts"
import { bindArguments } from "../signature.ts"
import type { Value } from "../values.ts"

/** A filter with named parameters (`"width?"` may be left out, and is undefined then). */
export function filter(
  name: string,
  parameters: readonly string[],
  run: (input: Value, args: readonly (Value | undefined)[], context: FilterContext) => Value,
): [string, Filter] {
  return [name, (input, args, kwargs, context) => run(input, bindArguments(name, parameters, args, kwargs), context)]
}
