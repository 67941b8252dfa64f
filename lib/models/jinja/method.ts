import { bindArguments } from "./signature.ts"
import { HostObject, type Kwargs, type Value } from "./values.ts"

/** A method of a built-in type, which takes its arguments as the call gave them. */
export interface Method<Self> {
  call(self: Self, args: readonly Value[], kwargs: Kwargs): Value
}

export type MethodTable<Self> = ReadonlyMap<string, Method<Self>>

/** A method with named parameters (`"count?"` may be left out, and is undefined then). */
export function method<Self>(
  name: string,
  parameters: readonly string[],
  run: (self: Self, args: readonly (Value | undefined)[]) => Value,
): [string, Method<Self>] {
  return [name, { call: (self, args, kwargs) => run(self, bindArguments(name, parameters, args, kwargs)) }]
}

/** A method that takes any arguments. */
export function variadic<Self>(
  name: string,
  run: (self: Self, args: readonly Value[], kwargs: Kwargs) => Value,
): [string, Method<Self>] {
  return [name, { call: run }]
}

/** `x.method`, not yet called. */
export class BoundMethod<Self extends Value> extends HostObject {
  private readonly self: Self
  private readonly name: string
  private readonly method: Method<Self>

  constructor(self: Self, name: string, method: Method<Self>) {
    super()
    this.self = self
    this.name = name
    this.method = method
  }

  override get typeName(): string {
    return "builtin_function_or_method"
  }

  override call(args: readonly Value[], kwargs: Kwargs): Value {
    return this.method.call(this.self, args, kwargs)
  }

  override toRepr(): string {
    return `<built-in method ${this.name}>`
  }
}
