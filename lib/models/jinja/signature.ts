import { typeError } from "./errors.ts"
import type { Kwargs, Value } from "./values.ts"

/**
 * Sorts the arguments of a call into the order of `parameters`; one whose name ends in `?` may be left out and is undefined
 * then. @throws JinjaError as Python does for too many, missing, doubled or unknown ones.
 */
export function bindArguments(
  callee: string,
  parameters: readonly string[],
  args: readonly Value[],
  kwargs: Kwargs,
): (Value | undefined)[] {
  if (args.length > parameters.length) {
    throw typeError(`${callee}() takes at most ${parameters.length} argument(s) (${args.length} given)`)
  }
  const bound: (Value | undefined)[] = [...args]
  if (kwargs.size > 0) bindKeywords(callee, parameters, bound, kwargs)
  for (let index = 0; index < parameters.length; index++) {
    const parameter = parameters[index] as string
    if (bound[index] === undefined && !parameter.endsWith("?")) {
      throw typeError(`${callee}() missing required argument '${parameter}' (pos ${index + 1})`)
    }
  }
  return bound
}

function bindKeywords(
  callee: string,
  parameters: readonly string[],
  bound: (Value | undefined)[],
  kwargs: Kwargs,
): void {
  for (const [name, value] of kwargs) {
    const index = parameters.findIndex((parameter) => parameter === name || parameter === `${name}?`)
    if (index === -1) throw typeError(`${callee}() got an unexpected keyword argument '${name}'`)
    if (bound[index] !== undefined) throw typeError(`${callee}() got multiple values for argument '${name}'`)
    bound[index] = value
  }
}
