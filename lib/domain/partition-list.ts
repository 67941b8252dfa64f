import { AppError } from "./errors.ts"
import {
  type Partition,
  type PartitionUnit,
  partitionInterval,
  partitionsBetween,
  startOfLocalDay,
} from "./partition.ts"
import { joinPartitionKey, type PartitionScheme, STATIC_KEY } from "./partition-scheme.ts"

const DATE = String.raw`\d{4}-\d{2}-\d{2}`
const ITEM = new RegExp(`^(${DATE})(?:\\s*(?:\\.\\.|to)\\s*(${DATE}))?$`)

/** What a list is read against. */
export interface ListedPartitions {
  scheme: PartitionScheme
  timezone: string
  limit: number
  /** Of fixed keys only these; empty for all. */
  keys?: readonly string[]
  /** The instant that partitions without a time stand for. */
  now: Date
}

/**
 * The partitions that a list names, oldest first, keys of one time in the order of their declaration, each once:
 * `2026-01-01..2026-03-31, 2026-04-02`, `eu, us`, `2026-01-01..2026-01-31|eu`. Dates are days on the wall clock of the zone,
 * and a day stands for all partitions that share an instant with it; without a key after the bar, for all keys.
 * @throws AppError `backfill.invalid` that names the part which is not understood, or where there are more than `limit`.
 */
export function parsePartitionList(text: string, listed: ListedPartitions): Partition[] {
  const { scheme, limit, now } = listed
  const items = text
    .split(/[,;\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== "")
  if (items.length === 0 && scheme.unit !== null) {
    throw invalid("The list names no partition; write days such as 2026-01-01..2026-03-31.")
  }
  const wanted = chosenKeys(scheme, listed.keys ?? [])
  if (scheme.unit === null) {
    const named = items.length === 0 ? wanted : items.map((item) => knownKey(scheme, item))
    return wanted.flatMap((key) => (named.includes(key) ? [{ key, start: now, end: now }] : []))
  }
  const found = new Map<string, Found>()
  for (const item of items) {
    const [range, key] = item.split("|").map((part) => part.trim()) as [string, string?]
    if (key !== undefined && scheme.keys === null) throw invalid(`"${item}" names a key, but the pipeline has none.`)
    const places = key === undefined ? wanted : [knownKey(scheme, key)]
    for (const partition of timesOf(range, scheme.unit, listed)) {
      if (scheme.keys === null) found.set(partition.key, { partition, place: 0 })
      for (const each of places) {
        const joined = { ...partition, key: joinPartitionKey({ time: partition.key, key: each }) }
        found.set(joined.key, { partition: joined, place: scheme.keys!.indexOf(each) })
      }
      if (found.size > limit) throw invalid(`The list holds more than ${limit} partitions; choose fewer.`)
    }
  }
  return [...found.values()]
    .sort((a, b) => a.partition.start.getTime() - b.partition.start.getTime() || a.place - b.place)
    .map(({ partition }) => partition)
}

interface Found {
  partition: Partition
  /** Of its key among the keys. */
  place: number
}

function timesOf(item: string, unit: PartitionUnit, { timezone, limit }: ListedPartitions): Partition[] {
  const [, first, last = first] = ITEM.exec(item) ?? []
  if (!first || !last || !isDate(first) || !isDate(last)) {
    throw invalid(`"${item}" is no day and no range; write 2026-01-01 or 2026-01-01..2026-03-31, with commas between.`)
  }
  if (last < first) throw invalid(`The range ${item} ends before it starts; write ${last}..${first}.`)
  const from = startOfLocalDay(timezone, first)
  const to = partitionInterval("day", timezone, startOfLocalDay(timezone, last)).end
  return partitionsBetween(unit, timezone, from, to, limit)
}

/** In the order of their declaration. */
function chosenKeys(scheme: PartitionScheme, keys: readonly string[]): readonly string[] {
  if (keys.length === 0) return scheme.keys ?? []
  const chosen = new Set(keys.map((key) => knownKey(scheme, key)))
  return scheme.keys!.filter((key) => chosen.has(key))
}

function knownKey({ keys }: PartitionScheme, key: string): string {
  if (keys?.includes(key)) return key
  if (keys === null) throw invalid(`The pipeline has no keys, so it cannot be limited to ${key}.`)
  const some = keys.slice(0, 5).join(", ")
  const word = STATIC_KEY.test(key) ? "is not one of" : "cannot be one of"
  throw invalid(`"${key}" ${word} the pipeline's keys: ${some}${keys.length > 5 ? " and others" : ""}.`)
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function invalid(message: string): AppError {
  return new AppError("backfill.invalid", message, { kind: "config" })
}
