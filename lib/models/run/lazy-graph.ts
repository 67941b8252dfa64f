import { named } from "../context/common-names.ts"
import { toPlain, toValue } from "../context/plain-value.ts"
import { RecordValue } from "../context/record-value.ts"
import { Dict } from "../jinja/dict.ts"
import { HostObject, Undefined, type Value } from "../jinja/values.ts"
import type { GraphAnswer } from "./protocol.ts"

/** What templates have put into `graph`, as plain data. */
export type GraphAdditions = Record<string, unknown>

/**
 * `graph`: everything of the project, which is fetched when a template first looks into it, as few do. Packages keep things of
 * their own there between nodes (`graph.setdefault("elementary", {})`), which in dbt all threads see; {@link additions} and
 * {@link takeOver} carry them from thread to thread.
 */
export class LazyGraph extends HostObject {
  private readonly fetch: () => GraphAnswer
  private record: RecordValue | null = null
  private readonly own = new Dict()

  constructor(fetch: () => GraphAnswer) {
    super()
    this.fetch = fetch
  }

  get typeName(): string {
    return "dict"
  }

  /** What was put in, or null where nothing was. */
  get additions(): GraphAdditions | null {
    return this.own.size === 0 ? null : (shareable(this.own) as GraphAdditions)
  }

  /** Takes over what other threads put in; what is here already stays, and dicts are filled up. */
  takeOver(additions: GraphAdditions): void {
    fill(this.own, additions)
  }

  override getItem(key: Value): Value | undefined {
    return this.own.get(key) ?? this.value.getItem(key)
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "setdefault":
        return named(name, ["key", "default?"], (key, fallback) => {
          const found = this.getItem(key!)
          if (found !== undefined) return found
          this.own.set(key!, fallback ?? null)
          return fallback ?? null
        })
      case "update":
        return named(name, ["other"], (other) => {
          for (const [key, value] of other as Dict) this.own.set(key, value)
          return null
        })
      case "get":
        return named(name, ["key", "default?"], (key, fallback) => this.getItem(key!) ?? fallback ?? null)
      default:
        return this.getItem(name) ?? this.value.getAttribute(name)
    }
  }

  override contains(key: Value): boolean {
    return this.own.has(key) || this.value.contains(key)
  }

  override iterate(): Iterable<Value> {
    return [...this.value.iterate(), ...this.own.keys()]
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

/** Data that can go to another thread; objects of ours stay where they are, with what holds them in a list. */
function shareable(value: Value): unknown {
  if (Array.isArray(value)) {
    const items = value.map(shareable)
    return items.includes(undefined) ? undefined : items
  }
  if (value instanceof Dict) {
    const entries = [...value].map(([key, each]) => [toPlain(key), shareable(each)] as const)
    return Object.fromEntries(entries.filter(([, each]) => each !== undefined))
  }
  return value instanceof HostObject || value instanceof Undefined ? undefined : toPlain(value)
}

function fill(dict: Dict, additions: GraphAdditions): void {
  for (const [key, value] of Object.entries(additions)) {
    const here = dict.get(key)
    if (here instanceof Dict && isRecord(value)) fill(here, value)
    // Lists grow: the longer one has seen more.
    else if (here === undefined || (Array.isArray(here) && Array.isArray(value) && value.length > here.length)) {
      dict.set(key, toValue(value))
    }
  }
}

/** Joins what two threads put in, in place. */
export function mergeAdditions(into: GraphAdditions, additions: GraphAdditions): void {
  for (const [key, value] of Object.entries(additions)) {
    const here = into[key]
    if (isRecord(here) && isRecord(value)) mergeAdditions(here, value)
    else if (Array.isArray(here) && Array.isArray(value)) into[key] = value.length > here.length ? value : here
    else if (here === undefined || here === null) into[key] = value
  }
}

function isRecord(value: unknown): value is GraphAdditions {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
