import { valueError } from "./errors.ts"
import { hashKey } from "./hash-key.ts"
import type { HashKey, Value } from "./values.ts"

/** A Python set. Python leaves its order open; here it is that of insertion, so that output is the same each time. */
export class PySet {
  private readonly members = new Map<HashKey, Value>()

  constructor(values: Iterable<Value> = []) {
    for (const value of values) this.add(value)
  }

  get typeName(): string {
    return "set"
  }

  get size(): number {
    return this.members.size
  }

  has(value: Value): boolean {
    return this.members.has(hashKey(value))
  }

  add(value: Value): this {
    const hash = hashKey(value)
    if (!this.members.has(hash)) this.members.set(hash, value)
    return this
  }

  delete(value: Value): boolean {
    return this.members.delete(hashKey(value))
  }

  clear(): void {
    this.members.clear()
  }

  *[Symbol.iterator](): IterableIterator<Value> {
    const { size } = this
    for (const value of this.members.values()) {
      yield value
      if (this.members.size !== size) throw valueError("Set changed size during iteration")
    }
  }
}
