import { valueError } from "./errors.ts"
import { hashKey } from "./hash-key.ts"
import type { HashKey, Value } from "./values.ts"

/**
 * A Python dict: ordered by first insertion, any hashable key, 1 and 1.0 and True the same key. Its methods are named like
 * those of Map.
 */
export class Dict {
  private readonly byHash = new Map<HashKey, Value>()
  /** The keys that are not their own hash key (True, 1.0, tuples …); most dicts have none. */
  private originals: Map<HashKey, Value> | null = null

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value)
  }

  /** From a plain record, in its order. */
  static of(record: Readonly<Record<string, Value>>): Dict {
    return new Dict(Object.entries(record))
  }

  get typeName(): string {
    return "dict"
  }

  get size(): number {
    return this.byHash.size
  }

  get(key: Value): Value | undefined {
    return this.byHash.get(typeof key === "string" && key.charCodeAt(0) !== 0 ? key : hashKey(key))
  }

  has(key: Value): boolean {
    return this.byHash.has(hashKey(key))
  }

  /** An existing key keeps its place and its first spelling. */
  set(key: Value, value: Value): this {
    const hash = hashKey(key)
    if (hash !== key && !this.byHash.has(hash)) {
      this.originals ??= new Map()
      this.originals.set(hash, key)
    }
    this.byHash.set(hash, value)
    return this
  }

  delete(key: Value): boolean {
    const hash = hashKey(key)
    this.originals?.delete(hash)
    return this.byHash.delete(hash)
  }

  clear(): void {
    this.byHash.clear()
    this.originals = null
  }

  /** @throws JinjaError when a key comes or goes meanwhile, as Python does. */
  *entries(): IterableIterator<[Value, Value]> {
    const { size } = this
    for (const [hash, value] of this.byHash) {
      yield [this.original(hash), value]
      if (this.byHash.size !== size) throw valueError("dictionary changed size during iteration")
    }
  }

  *keys(): IterableIterator<Value> {
    for (const [key] of this.entries()) yield key
  }

  *values(): IterableIterator<Value> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): IterableIterator<[Value, Value]> {
    return this.entries()
  }

  private original(hash: HashKey): Value {
    const original = this.originals?.get(hash)
    // Every other key is its own hash key.
    return original === undefined ? (hash as Value) : original
  }
}
