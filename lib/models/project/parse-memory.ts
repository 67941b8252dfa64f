import type { MacroNode } from "./node.ts"
import type { VarLookup } from "./vars.ts"
import { YamlFloat } from "./yaml-scalars.ts"

/**
 * What may give something else each time, or depends on what other templates did before: where a template speaks of it, nothing
 * is kept. Found by name, so a mention too many costs time alone.
 */
const VOLATILE = /\b(?:run_started_at|invocation_id|datetime|pytz|graph|random)\b/
const TAGS = /\{[{%][\s\S]*?[%}]\}/g

/** A var that was looked up: by nodes of a package, its name, and what it was. */
type VarRead = readonly [packageName: string, name: string, value: string]

interface Kept {
  inputs: readonly unknown[]
  reads: readonly VarRead[]
  result: unknown
}

interface Making {
  reads: Map<string, VarRead>
  isVolatile: boolean
}

/**
 * Results of earlier parses of a project by the parts that they were made of, as with dbt's partial parsing: a part counts
 * while its inputs are the very same and every var that its templates looked up is what it was. Macros, configs, target, flags,
 * environment and docs are the same for all that is kept here, or it is another memory (parse-memories.ts). So a parse with other vars,
 * or of a version in which files changed, renders what these touch. Everything between the parts (refs, names, circles)
 * is worked out anew each time.
 */
export class ParseMemory {
  private before = new Map<string, Kept>()
  private kept = new Map<string, Kept>()
  private lookups: (packageName: string) => VarLookup = () => () => undefined
  private making: Making | null = null
  private readonly macros = new WeakMap<MacroNode, boolean>()

  /** Begins a parse, which has these vars. */
  begin(lookups: (packageName: string) => VarLookup): void {
    this.before = new Map([...this.before, ...this.kept])
    this.kept = new Map()
    this.lookups = lookups
  }

  /** Ends a parse that went well: what it did not ask for is forgotten. */
  end(): void {
    this.before = new Map()
  }

  /** The kept result, or that of `make`. Inputs are compared by identity; who is given a result may not change it. */
  recall<Result>(key: string, inputs: readonly unknown[], make: () => Result): Result {
    const known = this.before.get(key)
    if (known && isSame(known.inputs, inputs) && known.reads.every(this.isCurrent)) {
      this.kept.set(key, known)
      return known.result as Result
    }
    const outer = this.making
    const making: Making = { reads: new Map(), isVolatile: false }
    this.making = making
    try {
      const result = make()
      if (!making.isVolatile) this.kept.set(key, { inputs, reads: [...making.reads.values()], result })
      return result
    } finally {
      this.making = outer
    }
  }

  /** The lookup of a package's vars that takes note of what is made with them. */
  lookupOf(packageName: string): VarLookup {
    const lookup = this.lookups(packageName)
    return (name) => {
      const value = lookup(name)
      this.making?.reads.set(`${packageName}.${name}`, [packageName, name, stableText(value)])
      return value
    }
  }

  /** Takes note of a template that is rendered. */
  noteText(text: string): void {
    if (this.making && !this.making.isVolatile) this.making.isVolatile = isVolatile(text)
  }

  /** Takes note of a macro that is called. */
  noteMacro(macro: MacroNode): void {
    if (!this.making || this.making.isVolatile) return
    const known = this.macros.get(macro) ?? isVolatile(macro.macro_sql)
    this.macros.set(macro, known)
    this.making.isVolatile = known
  }

  private readonly isCurrent = ([packageName, name, value]: VarRead): boolean => {
    return stableText(this.lookups(packageName)(name)) === value
  }
}

function isVolatile(text: string): boolean {
  return text.match(TAGS)?.some((tag) => VOLATILE.test(tag)) ?? false
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index])
}

/** Text that is equal for equal values alone: keys in their order, for templates see it, and 1.0 apart from 1. */
export function stableText(value: unknown): string {
  if (value === undefined) return ""
  return JSON.stringify(value, function replace(this: Record<string, unknown>, key, converted) {
    const original = this[key]
    return original instanceof YamlFloat ? { "\0float": original.value } : (converted as unknown)
  })
}
