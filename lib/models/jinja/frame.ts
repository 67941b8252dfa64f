import { JinjaError, type Place, type TraceEntry } from "./errors.ts"
import { type Origin, placeAt } from "./place.ts"
import type { RenderContext } from "./render-context.ts"
import type { Value } from "./values.ts"

/** A compiled source and where it came from. */
export interface FrameSource {
  source: string
  origin: Origin
}

/** One running template or macro: what a trace has a line for. */
export class Frame {
  readonly source: FrameSource
  readonly context: RenderContext
  /** Null for a template itself. */
  readonly macro: string | null
  /** Who called it; null at the bottom. */
  readonly caller: Frame | null
  readonly depth: number
  /** The offset of what is being evaluated; set by every statement and call, so that errors find it. */
  at = 0

  constructor(source: FrameSource, context: RenderContext, macro: string | null) {
    this.source = source
    this.context = context
    this.macro = macro
    this.caller = context.frame
    this.depth = (this.caller?.depth ?? 0) + 1
  }

  get place(): Place {
    return placeAt(this.source.source, this.at, this.source.origin)
  }

  get trace(): TraceEntry[] {
    const entries: TraceEntry[] = []
    for (let frame: Frame | null = this; frame; frame = frame.caller)
      entries.push({ macro: frame.macro, ...frame.place })
    return entries
  }
}

/**
 * The variables of a block of a template. A name is looked for from the inside out, then among the globals. Loops, macros and
 * blocks open one; `if` does not.
 */
export class Scope {
  readonly parent: Scope | null
  readonly frame: Frame
  private variables: Map<string, Value> | null = null

  constructor(parent: Scope | null, frame: Frame) {
    this.parent = parent
    this.frame = frame
  }

  get(name: string): Value | undefined {
    for (let scope: Scope | null = this; scope; scope = scope.parent) {
      const value = scope.variables?.get(name)
      if (value !== undefined) return value
    }
    return this.frame.context.lookup(name)
  }

  set(name: string, value: Value): void {
    this.variables ??= new Map()
    this.variables.set(name, value)
  }

  /** What was set in this very scope. */
  get own(): ReadonlyMap<string, Value> {
    return this.variables ?? new Map()
  }
}

/** Sets place and trace of an error where it has none yet, and makes errors of others one of ours. */
export function locateError(error: unknown, frame: Frame): unknown {
  const own = toJinjaError(error)
  if (own instanceof JinjaError && own.place === null) {
    own.place = frame.place
    own.trace = frame.trace
  }
  return own
}

function toJinjaError(error: unknown): unknown {
  if (error instanceof JinjaError || !(error instanceof Error)) return error
  const limit = limitOf(error.message)
  return new JinjaError(limit ? "limit" : "host", limit ?? error.message, { cause: error })
}

/** V8's own words when something is too deep or too large; compared without a pattern, which may need stack to compile. */
function limitOf(message: string): string | null {
  if (message.includes("call stack size") || message.endsWith("Stack overflow"))
    return "Macros call each other too deeply."
  const isSize = ["Invalid string length", "Invalid array length", "Maximum BigInt size"].some((text) =>
    message.includes(text),
  )
  return isSize ? "A value became too large." : null
}
