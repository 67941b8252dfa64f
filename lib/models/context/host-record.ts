import { HostObject, type Value } from "../jinja/values.ts"

/** A fixed set of attributes, as a Python module or object has them. Also reached as items, which some projects do. */
export class HostRecord extends HostObject {
  private readonly name: string
  private readonly attributes: ReadonlyMap<string, Value>

  constructor(name: string, attributes: ReadonlyMap<string, Value>) {
    super()
    this.name = name
    this.attributes = attributes
  }

  override get typeName(): string {
    return this.name
  }

  override getAttribute(name: string): Value | undefined {
    return this.attributes.get(name)
  }

  override getItem(key: Value): Value | undefined {
    return typeof key === "string" ? this.attributes.get(key) : undefined
  }

  override contains(key: Value): boolean {
    return typeof key === "string" && this.attributes.has(key)
  }

  override iterate(): Iterable<Value> {
    return this.attributes.keys()
  }

  override toText(): string {
    return `<${this.name}>`
  }
}
