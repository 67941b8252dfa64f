import { attributeOf } from "../jinja/access.ts"
import { Dict } from "../jinja/dict.ts"
import { toJson } from "../jinja/json.ts"
import { toRepr, toText } from "../jinja/print.ts"
import { HostObject, type Value } from "../jinja/values.ts"
import { toValue } from "./plain-value.ts"

/**
 * A record of ours as a dict that templates only read (`model`, `graph.nodes[…]`). A value is converted when it is asked for,
 * because nodes are large and templates look at little of them; each read gives the same object.
 */
export class RecordValue extends HostObject {
  private readonly record: Readonly<Record<string, unknown>>
  private readonly values = new Map<string, Value>()

  constructor(record: object) {
    super()
    this.record = record as Record<string, unknown>
  }

  override get typeName(): string {
    return "dict"
  }

  override getAttribute(name: string): Value | undefined {
    // A dict's methods come before its items, as in `model.get("x")`.
    return attributeOf(EMPTY, name) === undefined ? undefined : attributeOf(this.toDict(), name)
  }

  override getItem(key: Value): Value | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.record, key)) return undefined
    let value = this.values.get(key)
    if (value === undefined) {
      value = toValue(this.record[key])
      this.values.set(key, value)
    }
    return value
  }

  override contains(key: Value): boolean {
    return typeof key === "string" && Object.hasOwn(this.record, key)
  }

  override iterate(): Iterable<Value> {
    return Object.keys(this.record)
  }

  override length(): number {
    return Object.keys(this.record).length
  }

  override isMapping(): boolean {
    return true
  }

  override toRepr(): string {
    return toRepr(this.toDict())
  }

  override toText(): string {
    return toText(this.toDict())
  }

  override toPlain(): unknown {
    return JSON.parse(toJson(this.toDict()))
  }

  private toDict(): Dict {
    return new Dict(Object.keys(this.record).map((key) => [key, this.getItem(key) ?? null]))
  }
}

const EMPTY = new Dict()
