import { isWidening } from "./type-names.ts"

export interface ColumnShape {
  name: string
  type: string
}

/** What became of a column. `isBreaking`: who reads it may fail, or read something else. */
export interface ColumnChange {
  kind: "added" | "removed" | "renamed" | "retyped" | "moved"
  column: string
  /** The type before, or the name before of what was renamed. */
  from: string | null
  to: string | null
  isBreaking: boolean
}

/**
 * What differs between a table's columns and those before, in the order of the columns. A column that went while another of
 * the same type came in its place was renamed. A type that takes all values of the one before breaks nobody. Where only their
 * order differs, the columns that moved against their neighbours are named.
 */
export function compareColumns(before: readonly ColumnShape[], after: readonly ColumnShape[]): ColumnChange[] {
  const old = new Map(before.map((column, position) => [column.name, { ...column, position }]))
  const names = new Set(after.map(({ name }) => name))
  const gone = before.filter(({ name }) => !names.has(name))
  const renamed = new Map<string, string>()
  const changes = after.flatMap((column, position): ColumnChange[] => {
    const known = old.get(column.name)
    if (known) return known.type === column.type ? [] : [retyped(column, known.type)]
    const twin = gone.find(
      ({ name, type }) => type === column.type && old.get(name)!.position === position && !renamed.has(name),
    )
    if (!twin) return [{ kind: "added", column: column.name, from: null, to: column.type, isBreaking: false }]
    renamed.set(twin.name, column.name)
    return [{ kind: "renamed", column: twin.name, from: twin.name, to: column.name, isBreaking: true }]
  })
  const removed = gone
    .filter(({ name }) => !renamed.has(name))
    .map(({ name, type }): ColumnChange => ({ kind: "removed", column: name, from: type, to: null, isBreaking: true }))
  const found = [...removed, ...changes]
  return found.length > 0 ? found : moved(before, after)
}

function retyped({ name, type }: ColumnShape, from: string): ColumnChange {
  return { kind: "retyped", column: name, from, to: type, isBreaking: !isWidening(from, type) }
}

/** Who reads by name does not notice. */
function moved(before: readonly ColumnShape[], after: readonly ColumnShape[]): ColumnChange[] {
  return after.flatMap(({ name }, position) =>
    before[position]?.name === name
      ? []
      : [{ kind: "moved" as const, column: name, from: null, to: String(position + 1), isBreaking: false }],
  )
}

/** A change in a few words: `total is gone`. */
export function changeText({ kind, column, from, to }: ColumnChange): string {
  switch (kind) {
    case "added":
      return `${column} is new (${to})`
    case "removed":
      return `${column} is gone (${from})`
    case "renamed":
      return `${from} is ${to} now`
    case "retyped":
      return `${column} is ${to}, was ${from}`
    case "moved":
      return `${column} is number ${to} now`
  }
}
