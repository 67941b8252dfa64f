import { asInt } from "./argument.ts"
import { updateDict } from "./collection-methods.ts"
import { Range } from "./collection-views.ts"
import { Dict } from "./dict.ts"
import { JinjaError, typeError, valueError } from "./errors.ts"
import { MAX_RANGE } from "./limits.ts"
import { BoundMethod, method } from "./method.ts"
import { toText } from "./print.ts"
import { given, HostObject, hostFunction, type Kwargs, Namespace, type Value } from "./values.ts"

/** Jinja's own global functions, by name. */
export const GLOBALS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["range", hostFunction("range", (args) => range(args))],
  ["dict", hostFunction("dict", (args, kwargs) => dict(args, kwargs))],
  [
    "namespace",
    hostFunction("namespace", (args, kwargs) => {
      return new Namespace(new Map(Array.from(dict(args, kwargs), ([key, value]) => [toText(key), value])))
    }),
  ],
  ["cycler", hostFunction("cycler", (args) => new Cycler(args))],
  [
    "joiner",
    hostFunction("joiner", (args, kwargs) => new Joiner(toText(given(args[0], given(kwargs.get("sep"), ", "))))),
  ],
])

/** @throws JinjaError of kind `limit` for more items than Jinja's sandbox allows. */
function range(args: readonly Value[]): Range {
  if (args.length === 0 || args.length > 3) throw typeError("range expected 1 to 3 arguments")
  const [first = 0, second, third = 1] = args.map(asInt)
  const bounds = second === undefined ? { start: 0, stop: first } : { start: first, stop: second }
  if (third === 0) throw valueError("range() arg 3 must not be zero")
  const result = new Range(bounds.start, bounds.stop, third)
  if (result.length() > MAX_RANGE) {
    throw new JinjaError("limit", `Range too big. The sandbox blocks ranges larger than ${MAX_RANGE}.`)
  }
  return result
}

function dict(args: readonly Value[], kwargs: Kwargs): Dict {
  const result = new Dict()
  const [source] = args
  if (source !== undefined) updateDict(result, source)
  for (const [key, value] of kwargs) result.set(key, value)
  return result
}

/** `cycler(a, b)`: gives its values in turn, also over several loops. */
class Cycler extends HostObject {
  private readonly values: readonly Value[]
  private at = 0

  constructor(values: readonly Value[]) {
    super()
    if (values.length === 0) throw typeError("at least one item has to be provided")
    this.values = values
  }

  override get typeName(): string {
    return "Cycler"
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "current":
        return this.current
      case "next":
        return new BoundMethod<Cycler>(this, ...method<Cycler>("next", [], (self) => self.next()))
      case "reset":
        return new BoundMethod<Cycler>(this, ...method<Cycler>("reset", [], (self) => self.reset()))
      default:
        return undefined
    }
  }

  private get current(): Value {
    return this.values[this.at] as Value
  }

  private next(): Value {
    const { current } = this
    this.at = (this.at + 1) % this.values.length
    return current
  }

  private reset(): Value {
    this.at = 0
    return null
  }
}

/** `joiner(", ")`: nothing when called first, then the separator. */
class Joiner extends HostObject {
  private readonly separator: string
  private isUsed = false

  constructor(separator: string) {
    super()
    this.separator = separator
  }

  override get typeName(): string {
    return "Joiner"
  }

  override call(): Value {
    if (this.isUsed) return this.separator
    this.isUsed = true
    return ""
  }
}
