import type { Kwargs, Undefined, UndefinedReason, Value } from "./values.ts"

/** What filters and tests may ask of the environment that runs them. */
export interface FilterContext {
  readonly isUndefinedChainable: boolean
  /** @throws JinjaError where there is no filter of that name. */
  filter(name: string): Filter
  test(name: string): Test
  undefined(reason: UndefinedReason): Undefined
}

/** `input | filter(*args, **kwargs)` */
export type Filter = (input: Value, args: readonly Value[], kwargs: Kwargs, context: FilterContext) => Value

/** `input is test(*args, **kwargs)` */
export type Test = (input: Value, args: readonly Value[], kwargs: Kwargs, context: FilterContext) => boolean
