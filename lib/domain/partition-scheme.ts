import type { PartitionUnit } from "./partition.ts"

/** How a pipeline declares its partitions: by time, by fixed keys, or by both. */
export type DeclaredPartition = PartitionUnit | { by: PartitionUnit | null; keys: readonly string[] }

/** A scheme by its two dimensions; at least one is there. */
export interface PartitionScheme {
  unit: PartitionUnit | null
  keys: readonly string[] | null
}

/** What a partition's key says: `2026-03-01`, `eu`, or `2026-03-01|eu` for both. */
export type PartitionParts = { time: string | null; key: string | null }

/**
 * What a fixed key may look like. None that begins like a date: a key alone then says which dimension it is of. Neither `|`
 * nor what separates the items of a list occurs in one.
 */
export const STATIC_KEY = /^(?!\d{4}-)[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/
export const MAX_STATIC_KEYS = 1_000

export function partitionScheme(declared: DeclaredPartition): PartitionScheme {
  return typeof declared === "string" ? { unit: declared, keys: null } : { unit: declared.by, keys: declared.keys }
}

export function joinPartitionKey({ time, key }: PartitionParts): string {
  return time !== null && key !== null ? `${time}|${key}` : (time ?? key ?? "")
}

/** The parts of a key that {@link joinPartitionKey} made, also of one that stands for a range of times. */
export function splitPartitionKey(partitionKey: string | null): PartitionParts {
  if (partitionKey === null) return { time: null, key: null }
  const bar = partitionKey.indexOf("|")
  if (bar >= 0) return { time: partitionKey.slice(0, bar), key: partitionKey.slice(bar + 1) }
  return /^\d{4}-/.test(partitionKey) ? { time: partitionKey, key: null } : { time: null, key: partitionKey }
}

/** The key of a run that loads several partitions, oldest first: `2026-03-01..2026-03-07`, `2026-03-01..2026-03-07|eu`. */
export function rangeKey(partitionKeys: readonly string[]): string {
  const [first, last] = [splitPartitionKey(partitionKeys[0]!), splitPartitionKey(partitionKeys.at(-1)!)]
  if (partitionKeys.length === 1) return partitionKeys[0]!
  return joinPartitionKey({ time: `${first.time}..${last.time}`, key: first.key })
}

/** A scheme in words: `day`, `eu, us`, `day and eu, us`. */
export function schemeText(declared: DeclaredPartition): string {
  const { unit, keys } = partitionScheme(declared)
  const names = keys === null ? null : keys.length <= 4 ? keys.join(", ") : `${keys.length} keys`
  return [unit, names].filter((part) => part !== null).join(" and ")
}
