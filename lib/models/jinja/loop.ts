import { isEqual } from "./compare.ts"
import { typeError } from "./errors.ts"
import { BoundMethod, type Method, variadic } from "./method.ts"
import { given, HostObject, type Kwargs, Undefined, type Value } from "./values.ts"

/** What a recursive loop does with the items of `loop(items)`. */
export type Recurse = (items: Value, depth: number) => Value

/** The `loop` of a for loop, moved on by it from item to item. It reads one item ahead, and all for `length`. */
export class Loop extends HostObject {
  private readonly iterator: Iterator<Value>
  private readonly depth: number
  private readonly recurse: Recurse | null
  private index0 = -1
  private current: Value | undefined
  private previous: Value | undefined
  /** Items that were read ahead of their turn. */
  private ahead: Value[] = []
  private isDone = false
  private changedValues: Value[] | undefined

  constructor(items: Iterable<Value>, depth: number, recurse: Recurse | null) {
    super()
    this.iterator = items[Symbol.iterator]()
    this.depth = depth
    this.recurse = recurse
  }

  override get typeName(): string {
    return "LoopContext"
  }

  /** The next item, or undefined at the end. */
  next(): Value | undefined {
    const value = this.ahead.length > 0 ? this.ahead.shift() : this.read()
    if (value === undefined) return undefined
    this.index0++
    this.previous = this.current
    this.current = value
    return value
  }

  override call(args: readonly Value[], _kwargs: Kwargs): Value {
    if (!this.recurse) {
      throw typeError("The loop must have the 'recursive' marker to be called recursively.")
    }
    return this.recurse(given(args[0], null), this.depth + 1)
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "index":
        return this.index0 + 1
      case "index0":
        return this.index0
      case "first":
        return this.index0 === 0
      case "last":
        return this.peek() === undefined
      case "length":
        return this.length()
      case "revindex":
        return this.length() - this.index0
      case "revindex0":
        return this.length() - this.index0 - 1
      case "depth":
        return this.depth + 1
      case "depth0":
        return this.depth
      case "previtem":
        return given(this.previous, new Undefined({ hint: "there is no previous item" }))
      case "nextitem":
        return given(this.peek(), new Undefined({ hint: "there is no next item" }))
      case "cycle":
        return new BoundMethod<HostObject>(this, "cycle", this.cycle)
      case "changed":
        return new BoundMethod<HostObject>(this, "changed", this.changed)
      default:
        return undefined
    }
  }

  override length(): number {
    for (let value = this.read(); value !== undefined; value = this.read()) this.ahead.push(value)
    return this.index0 + 1 + this.ahead.length
  }

  override isTrue(): boolean {
    return true
  }

  override toRepr(): string {
    return `<LoopContext ${this.index0 + 1}/${this.length()}>`
  }

  private readonly cycle: Method<HostObject> = variadic<HostObject>("cycle", (_self, values) => {
    if (values.length === 0) throw typeError("no items for cycling given")
    return values[this.index0 % values.length] as Value
  })[1]

  private readonly changed: Method<HostObject> = variadic<HostObject>("changed", (_self, values) => {
    if (this.changedValues !== undefined && isEqual(this.changedValues, [...values])) return false
    this.changedValues = [...values]
    return true
  })[1]

  private peek(): Value | undefined {
    if (this.ahead.length === 0) {
      const value = this.read()
      if (value !== undefined) this.ahead.push(value)
    }
    return this.ahead[0]
  }

  private read(): Value | undefined {
    if (this.isDone) return undefined
    const { done, value } = this.iterator.next()
    if (!done) return value
    this.isDone = true
    return undefined
  }
}
