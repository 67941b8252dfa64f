/** Pure rules of dynamic mapping: how a list becomes instances, and what their outcomes make of the mapped task. */

/** More instances than this are more likely a mistake than a plan; `limit` lowers or raises it. */
export const DEFAULT_MAP_LIMIT = 10_000
/** One transaction inserts and enqueues them all. */
export const MAX_MAP_LIMIT = 100_000
const LABEL_CHARS = 120

export interface Instance<Item> {
  item: Item
  label: string
}

export type Expansion<Item> =
  | { kind: "expand"; instances: Instance<Item>[] }
  | { kind: "skip"; reason: string }
  | { kind: "fail"; reason: string }

/**
 * The instances of a mapped task, one for each item and in their order. An empty list skips the task; what is no list, or
 * is too long, fails it. `labelOf` gives what an instance is called; where it gives nothing, the item is its own label.
 */
export function planExpansion<Item>(
  list: Item[] | unknown,
  { limit, labelOf }: { limit: number; labelOf: (item: Item) => unknown },
): Expansion<Item> {
  if (!Array.isArray(list)) {
    return { kind: "fail", reason: `It maps over ${kindOf(list)}; what it maps over must be a list.` }
  }
  const items = list as Item[]
  if (items.length === 0) return { kind: "skip", reason: "The list it maps over is empty." }
  if (items.length > limit) {
    const lengths = `${items.length} items, more than the ${limit} allowed`
    return { kind: "fail", reason: `It maps over a list of ${lengths}; shorten the list or raise \`limit\`.` }
  }
  return { kind: "expand", instances: items.map((item) => ({ item, label: labelText(labelOf(item) ?? item) })) }
}

/** Each item of the first list with each of the second, the first list's order outside. */
export function crossProduct<First, Second>(first: readonly First[], second: readonly Second[]): [First, Second][] {
  return first.flatMap((left) => second.map((right): [First, Second] => [left, right]))
}

/** An item in one short line: texts as they are, all else as JSON. */
function labelText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  const line = text.replaceAll(/\s+/g, " ").trim()
  return line.length <= LABEL_CHARS ? line : `${line.slice(0, LABEL_CHARS - 1)}…`
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing (the value is null)"
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}

/** Instances by outcome. `failed` counts failed and cancelled ones. */
export interface InstanceCounts {
  total: number
  success: number
  failed: number
  skipped: number
}

/** How many instances may fail without failing the task: a number, or a share of all in percent. */
export type FailureTolerance = { count: number } | { percent: number }

export type MappedOutcome = "wait" | "success" | "failed" | "skipped"

/**
 * What a mapped task is once all its instances are final: failed when more of them failed than it tolerates, skipped
 * when all were skipped, else success. Waits for all, also where the outcome is certain: what runs is let finish.
 */
export function judgeInstances(counts: InstanceCounts, tolerance: FailureTolerance): MappedOutcome {
  const { total, success, failed, skipped } = counts
  if (success + failed + skipped < total) return "wait"
  if (failed > toleratedFailures(total, tolerance)) return "failed"
  return skipped === total ? "skipped" : "success"
}

function toleratedFailures(total: number, tolerance: FailureTolerance): number {
  return "count" in tolerance ? tolerance.count : Math.floor((total * tolerance.percent) / 100)
}

/** "3 of 40 instances failed; at most 2 may." and the like: why a mapped task is what it is. Null for a plain success. */
export function instanceReason({ total, failed, skipped }: InstanceCounts, tolerance: FailureTolerance): string | null {
  const noun = total === 1 ? "instance" : "instances"
  if (failed === 0) return skipped === total ? `All ${total} ${noun} were skipped.` : null
  const most = toleratedFailures(total, tolerance)
  const rule = most === 0 ? "" : failed > most ? `; at most ${most} may` : `, which is tolerated (at most ${most})`
  return `${failed} of ${total} ${noun} failed${rule}.`
}

/** How many waiting instances may start: all, or what `maxActive` leaves beside the `active` ones. */
export function freePlaces(maxActive: number | null, active: number, waiting: number): number {
  return maxActive === null ? waiting : Math.max(0, Math.min(waiting, maxActive - active))
}
