import { isEqual } from "./compare.ts"
import type { Dict } from "./dict.ts"
import { toRepr } from "./print.ts"
import { sliceIndices } from "./slice.ts"
import { HostObject, isInt, Tuple, type Value } from "./values.ts"

/** `d.items()`, `d.keys()`, `d.values()`: they follow the dict, and have no items by number, as in Python. */
export class DictView extends HostObject {
  private readonly dict: Dict
  private readonly part: "items" | "keys" | "values"

  constructor(dict: Dict, part: "items" | "keys" | "values") {
    super()
    this.dict = dict
    this.part = part
  }

  override get typeName(): string {
    return `dict_${this.part}`
  }

  override iterate(): Iterable<Value> {
    switch (this.part) {
      case "keys":
        return this.dict.keys()
      case "values":
        return this.dict.values()
      case "items":
        return this.items()
    }
  }

  private *items(): Iterable<Value> {
    for (const entry of this.dict) yield new Tuple(entry)
  }

  override length(): number {
    return this.dict.size
  }

  override contains(value: Value): boolean {
    if (this.part === "keys") return this.dict.has(value)
    for (const item of this.iterate()) if (isEqual(item, value)) return true
    return false
  }

  override equals(other: Value): boolean {
    if (this === other) return true
    if (!(other instanceof DictView) || this.part === "values" || other.part === "values") return false
    return this.length() === other.length() && Array.from(this.iterate()).every((item) => other.contains(item))
  }

  override toRepr(): string {
    return `dict_${this.part}(${toRepr(Array.from(this.iterate()))})`
  }
}

/** `range(…)`, which holds its bounds alone. */
export class Range extends HostObject {
  private readonly start: number
  private readonly stop: number
  private readonly step: number

  constructor(start: number, stop: number, step: number) {
    super()
    this.start = start
    this.stop = stop
    this.step = step
  }

  override get typeName(): string {
    return "range"
  }

  override length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step))
  }

  override *iterate(): Iterable<Value> {
    const length = this.length()
    for (let index = 0; index < length; index++) yield this.start + index * this.step
  }

  override getItem(key: Value): Value | undefined {
    if (!isInt(key)) return undefined
    const index = Number(key) < 0 ? Number(key) + this.length() : Number(key)
    return index >= 0 && index < this.length() ? this.start + index * this.step : undefined
  }

  override getSlice(start: Value, stop: Value, step: Value): Value {
    const [from, to, by] = sliceIndices(this.length(), { start, stop, step })
    return new Range(this.start + from * this.step, this.start + to * this.step, this.step * by)
  }

  override equals(other: Value): boolean {
    if (!(other instanceof Range)) return false
    return isEqual(Array.from(this.iterate()), Array.from(other.iterate()))
  }

  override toRepr(): string {
    const step = this.step === 1 ? "" : `, ${this.step}`
    return `range(${this.start}, ${this.stop}${step})`
  }
}

/** What gives its items once: what `map`, `select` and their kin return in Jinja. It has no length, and is true. */
export class PyIterator extends HostObject {
  private readonly source: Iterator<Value>
  private readonly name: string

  constructor(items: Iterable<Value>, name = "generator") {
    super()
    this.source = items[Symbol.iterator]()
    this.name = name
  }

  override get typeName(): string {
    return this.name
  }

  /** Goes on where the last one stopped: leaving a loop over it does not close it. */
  override iterate(): Iterable<Value> {
    return { [Symbol.iterator]: () => ({ next: () => this.source.next() }) }
  }

  override toRepr(): string {
    return `<${this.name} object>`
  }
}
