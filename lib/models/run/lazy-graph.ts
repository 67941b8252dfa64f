import { RecordValue } from "../context/record-value.ts"
import { HostObject, type Value } from "../jinja/values.ts"
import type { GraphAnswer } from "./protocol.ts"

/** `graph`: everything of the project, which is fetched when a template first looks into it, as few do. */
export class LazyGraph extends HostObject {
  private readonly fetch: () => GraphAnswer
  private record: RecordValue | null = null

  constructor(fetch: () => GraphAnswer) {
    super()
    this.fetch = fetch
  }

  get typeName(): string {
    return "dict"
  }

  override getItem(key: Value): Value | undefined {
    return this.value.getItem(key)
  }

  override getAttribute(name: string): Value | undefined {
    return this.value.getItem(name) ?? this.value.getAttribute(name)
  }

  override contains(key: Value): boolean {
    return this.value.contains(key)
  }

  override iterate(): Iterable<Value> {
    return this.value.iterate()
  }

  override isTrue(): boolean {
    return true
  }

  override isMapping(): boolean {
    return true
  }

  private get value(): RecordValue {
    this.record ??= new RecordValue(this.fetch())
    return this.record
  }
}
