import { typeError } from "./errors.ts"
import { undefinedError } from "./undefined-error.ts"
import { HostObject, type Kwargs, NO_KWARGS, typeName, Undefined, type Value } from "./values.ts"

/** `callee(*args, **kwargs)`. @throws JinjaError where it cannot be called. */
export function callValue(callee: Value, args: readonly Value[], kwargs: Kwargs = NO_KWARGS): Value {
  if (callee instanceof HostObject && callee.call) return callee.call(args, kwargs)
  if (callee instanceof Undefined) {
    if (callee.isChainable) return callee
    throw undefinedError(callee)
  }
  throw typeError(`'${typeName(callee)}' object is not callable`)
}

/** Python's callable(x). */
export function isCallable(value: Value): boolean {
  return value instanceof HostObject && value.call !== undefined
}
