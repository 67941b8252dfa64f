import { JinjaError } from "./errors.ts"
import type { Frame } from "./frame.ts"
import type { Value } from "./values.ts"

/** The names that templates find outside of themselves; a host may work them out when they are asked for. */
export interface Globals {
  /** Undefined where there is no such name. */
  lookup(name: string): Value | undefined
}

export interface Limits {
  /** Statements, loop passes and macro calls of one render. */
  maxSteps: number
  /** Characters of one output, macro's text or block. */
  maxOutput: number
  /** Macros within each other. */
  maxDepth: number
}

/**
 * What one render, and all the macros that are called from it, have in common. A host that calls macros itself keeps one for
 * as long as they belong together; the steps are counted anew each time that the outermost of them is entered.
 */
export class RenderContext {
  readonly limits: Limits
  private readonly globals: Globals
  private readonly fallback: ReadonlyMap<string, Value>
  private steps = 0
  /** The innermost template or macro that is running. */
  frame: Frame | null = null

  constructor(globals: Globals, fallback: ReadonlyMap<string, Value>, limits: Limits) {
    this.globals = globals
    this.fallback = fallback
    this.limits = limits
  }

  lookup(name: string): Value | undefined {
    const value = this.globals.lookup(name)
    return value === undefined ? this.fallback.get(name) : value
  }

  /** @throws JinjaError of kind `limit` when there were too many. */
  step(): void {
    if (++this.steps > this.limits.maxSteps) {
      throw new JinjaError(
        "limit",
        `This template runs for more than ${this.limits.maxSteps} steps: is there an endless loop?`,
      )
    }
  }

  /** Makes `frame` the running one. @throws JinjaError of kind `limit` when it is too deep. */
  enter(frame: Frame): void {
    if (frame.depth > this.limits.maxDepth) {
      throw new JinjaError("limit", `Macros call each other more than ${this.limits.maxDepth} levels deep.`)
    }
    if (frame.caller === null) this.steps = 0
    this.frame = frame
    this.step()
  }
}
