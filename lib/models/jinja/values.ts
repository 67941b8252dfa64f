import type { Dict } from "./dict.ts"
import type { PySet } from "./py-set.ts"

/**
 * A value as templates see it, in the terms of Python: None is null, an int is a number that is a safe integer or else a
 * bigint, a float is always a {@link PyFloat}, a list is an array. Whatever else there is extends {@link HostObject}.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyFloat
  | Value[]
  | Tuple
  | Dict
  | PySet
  | Undefined
  | Namespace
  | HostObject

/** The keyword arguments of a call. */
export type Kwargs = ReadonlyMap<string, Value>

export const NO_KWARGS: Kwargs = new Map()

/** What a dict or set looks a key up by: equal for what Python holds to be the same key (1, 1.0 and True). */
export type HashKey = string | number | bigint | symbol | null | object

/** A Python float. JavaScript has one kind of number, so that 1.0 can be told from 1 it needs a class of its own. */
export class PyFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  get typeName(): string {
    return "float"
  }
}

export class Tuple {
  readonly items: readonly Value[]
  /** Names of the items, for what Python has as a named tuple (the groups of `groupby`). */
  readonly names: readonly string[] | null

  constructor(items: readonly Value[], names: readonly string[] | null = null) {
    this.items = items
    this.names = names
  }

  get typeName(): string {
    return "tuple"
  }
}

/** Why a value is missing, for the message of whoever uses it. */
export interface UndefinedReason {
  /** A whole sentence, which then is the message. */
  hint?: string
  /** The object that lacks it, as `dict object`. */
  of?: string
  /** The name that was looked for, or the repr of the key where `isElement`. */
  name?: string
  isElement?: boolean
  /** What the sandbox refused, instead of what is missing. */
  isUnsafe?: boolean
}

/**
 * A name, attribute or item that is not there. It prints as nothing, is false and empty, and any other use is an error. A
 * chainable one goes on instead: its attributes, items and calls are undefined too (what dbt has while it parses).
 */
export class Undefined {
  readonly reason: UndefinedReason
  readonly isChainable: boolean

  constructor(reason: UndefinedReason, isChainable = false) {
    this.reason = reason
    this.isChainable = isChainable
  }

  get typeName(): string {
    return "Undefined"
  }

  /** What Jinja says of it. */
  get message(): string {
    const { hint, of, name, isElement } = this.reason
    if (hint !== undefined) return hint
    if (of === undefined) return `'${name ?? ""}' is undefined`
    if (isElement) return `${of} has no element ${name ?? ""}`
    return `'${of}' has no attribute '${name ?? ""}'`
  }
}

/** `namespace()`: the one object whose attributes a template may set, also from within a loop. */
export class Namespace {
  readonly attributes: Map<string, Value>

  constructor(attributes: Map<string, Value>) {
    this.attributes = attributes
  }

  get typeName(): string {
    return "Namespace"
  }
}

/**
 * An object that templates reach only through these hooks; its JavaScript properties stay out of their sight. A hook that a
 * class leaves out means what Python says of an object without the method: not callable, not iterable, equal to itself alone.
 * A hook that returns undefined has no answer (no such attribute; cannot be compared or added).
 */
export abstract class HostObject {
  /** As Python's `type(x).__name__`. */
  abstract get typeName(): string
  getAttribute?(name: string): Value | undefined
  getItem?(key: Value): Value | undefined
  /** `object[start:stop:step]`, each None where left out. */
  getSlice?(start: Value, stop: Value, step: Value): Value
  call?(args: readonly Value[], kwargs: Kwargs): Value
  iterate?(): Iterable<Value>
  length?(): number
  contains?(value: Value): boolean
  /** str(x); without it {@link toRepr} is used. */
  toText?(): string
  toRepr?(): string
  isTrue?(): boolean
  equals?(other: Value): boolean
  /** Below, at or above zero as this is less than, equal to or greater than the other. */
  compare?(other: Value): number | undefined
  /** `this + other`, and with `isRight` `other + this`. */
  add?(other: Value, isRight: boolean): Value | undefined
  /** `this - other`, and with `isRight` `other - this`. */
  subtract?(other: Value, isRight: boolean): Value | undefined
  /** What it is found by as a key; without it, itself. */
  hashKey?(): HashKey
  /** Whether `is mapping` holds. */
  isMapping?(): boolean
  /** What `tojson` and toHost make of it; without it, its text. */
  toPlain?(): unknown
}

/** A function of the host, to be called with positional and keyword arguments. */
export class HostFunction extends HostObject {
  readonly name: string
  private readonly run: (args: readonly Value[], kwargs: Kwargs) => Value

  constructor(name: string, run: (args: readonly Value[], kwargs: Kwargs) => Value) {
    super()
    this.name = name
    this.run = run
  }

  override get typeName(): string {
    return "function"
  }

  override call(args: readonly Value[], kwargs: Kwargs): Value {
    return this.run(args, kwargs)
  }

  override toRepr(): string {
    return `<function ${this.name}>`
  }
}

/** Wraps `run` as a value that templates can call. */
export function hostFunction(name: string, run: (args: readonly Value[], kwargs: Kwargs) => Value): HostFunction {
  return new HostFunction(name, run)
}

/** An optional argument, or `fallback` where it was left out. (`??` would take None for left out.) */
export function given(value: Value | undefined, fallback: Value): Value {
  return value === undefined ? fallback : value
}

export function isInt(value: Value): value is number | bigint | boolean {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
}

export function isNumber(value: Value): value is number | bigint | boolean | PyFloat {
  return isInt(value) || value instanceof PyFloat
}

/** The JavaScript number of a number; large ints lose digits, so use it where a float is meant. */
export function toNumber(value: number | bigint | boolean | PyFloat): number {
  return value instanceof PyFloat ? value.value : Number(value)
}

/** The int of a bigint: a number where it is safe. */
export function fromBigInt(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}

/** Python's `type(x).__name__`. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType"
  switch (typeof value) {
    case "string":
      return "str"
    case "boolean":
      return "bool"
    case "number":
    case "bigint":
      return "int"
    default:
      return Array.isArray(value) ? "list" : value.typeName
  }
}
