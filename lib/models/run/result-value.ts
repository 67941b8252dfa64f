import { toValue } from "../context/plain-value.ts"
import { RecordValue } from "../context/record-value.ts"
import { hostFunction, type Value } from "../jinja/values.ts"

/** A result of a node as hooks of on-run-end see it: what dbt has as objects with attributes and `to_dict()`. */
export class ResultValue extends RecordValue {
  private readonly fields: Readonly<Record<string, unknown>>

  constructor(fields: object) {
    super(fields)
    this.fields = fields as Record<string, unknown>
  }

  override get typeName(): string {
    return "RunResult"
  }

  override getAttribute(name: string): Value | undefined {
    if (name === "to_dict") return hostFunction(name, () => toValue(this.fields))
    return this.getItem(name) ?? super.getAttribute(name)
  }

  override getItem(key: Value): Value | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.fields, key)) return undefined
    const value = this.fields[key]
    if (key === "node") return new ResultValue(value as object)
    if (key === "timing") return (value as object[]).map((each) => new ResultValue(each))
    return super.getItem(key)
  }
}
