declare const valueType: unique symbol

/** Stands in an option for a value of type `Value` that is known only when the task runs. */
export interface Ref<Value> {
  readonly [valueType]: Value
}

/** A reference to an output whose shape the SDK does not know: any path, accepted wherever a value is. */
export interface UntypedRef extends Ref<never> {
  readonly [key: string]: UntypedRef
}

/** A reference that can be followed into its value: `task.output.totals.revenue`. */
export type RefTo<Value> = unknown extends Value
  ? UntypedRef
  : Ref<Value> &
      (Value extends readonly (infer Item)[]
        ? { readonly [index: number]: RefTo<Item> }
        : Value extends object
          ? { readonly [Key in keyof Value]-?: RefTo<Exclude<Value[Key], undefined>> }
          : unknown)

/** A reference to the outputs of a mapped task: following it leads to a list, one value an instance, null for skipped. */
export type MappedRefTo<Outputs> = unknown extends Outputs
  ? UntypedRef
  : Ref<(Outputs | null)[]> &
      (Outputs extends object
        ? { readonly [Key in keyof Outputs]-?: MappedRefTo<Exclude<Outputs[Key], undefined>> }
        : unknown)

/** A list that is known now or when the task runs. */
export type ListOf<Item> = Ref<readonly Item[]> | readonly Item[]

/** Every pair of an item of one list with an item of another. */
export interface Cross<First, Second> {
  readonly cross: readonly [ListOf<First>, ListOf<Second>]
}

/** Maps over two lists at once: `map("load", cross(regions, days), (region, day) => …)`. */
export function cross<First, Second>(first: ListOf<First>, second: ListOf<Second>): Cross<First, Second> {
  return { cross: [first, second] }
}

/** `Value`, in which any part may also be a reference to such a part. */
export type WithRefs<Value> = Ref<Value> | PlainWithRefs<Value>
type PlainWithRefs<Value> = Value extends readonly (infer Item)[]
  ? readonly WithRefs<Item>[]
  : Value extends object
    ? { [Key in keyof Value]: WithRefs<Value[Key]> }
    : Value

/** What author code gets for values that contained references. */
export type Resolved<Value> =
  Value extends Ref<infer Target>
    ? [Target] extends [never]
      ? unknown
      : Target
    : Value extends readonly (infer Item)[]
      ? Resolved<Item>[]
      : Value extends object
        ? { -readonly [Key in keyof Value]: Resolved<Value[Key]> }
        : Value

/** How the manifest writes a reference (lib/contracts/manifest.ts). */
export type RefMarker =
  | { $output: { task: string; path: string[] } }
  | { $param: string }
  | { $run: RunRefName }
  | { $item: string[] }

/** References of the builder's `run`; `run.partition` has two more. */
export const RUN_REFS = ["intervalStart", "intervalEnd", "logicalAt", "partitionKey", "partitionKeys", "runId"] as const

type RunRefName = (typeof RUN_REFS)[number] | "partition.time" | "partition.key"

const MARKER = Symbol("headrace.ref")

/** The marker of a reference, or null for anything else. */
export function refMarker(value: unknown): RefMarker | null {
  if (typeof value !== "object" || value === null) return null
  return (value as { [MARKER]?: RefMarker })[MARKER] ?? null
}

/** A reference to one output of a task; properties and indexes lead further in. */
export function outputRef(task: string, path: string[] = []): UntypedRef {
  return makeRef({ $output: { task, path } }, (key) => outputRef(task, [...path, key]))
}

export function runRef<Value = string>(name: RunRefName): Ref<Value> {
  return makeRef({ $run: name }, () => undefined)
}

export function paramRef(name: string): UntypedRef {
  return makeRef({ $param: name }, () => undefined)
}

/** A reference to the item of a mapped task's instance; properties and indexes lead further in. */
export function itemRef(path: string[] = []): UntypedRef {
  return makeRef({ $item: path }, (key) => itemRef([...path, key]))
}

/**
 * Names that the language itself asks for; answering with a deeper reference would make the reference thenable or
 * printable as something it is not.
 */
const NOT_A_PATH = new Set(["then", "toJSON", "constructor", "prototype", "inspect", "nodeType"])

function makeRef(marker: RefMarker, follow: (key: string) => unknown): UntypedRef {
  const refuse = () => {
    throw new Error(
      `${markerName(marker)} has no value while the pipeline is declared; pass it as an option or an input by itself, ` +
        "not inside a text or a calculation.",
    )
  }
  return new Proxy(
    {},
    {
      get(_target, key) {
        if (key === MARKER) return marker
        if (key === Symbol.toPrimitive || key === "toString" || key === "valueOf") return refuse
        return typeof key === "symbol" || NOT_A_PATH.has(key) ? undefined : follow(key)
      },
      ownKeys: () => [],
    },
  ) as UntypedRef
}

function markerName(marker: RefMarker): string {
  if ("$output" in marker) return `The output ${["", ...marker.$output.path].join(".")} of task ${marker.$output.task}`
  if ("$item" in marker) return `The item ${marker.$item.join(".")}`.trimEnd()
  return "$param" in marker ? `The param ${marker.$param}` : `run.${marker.$run}`
}
