import { AppError } from "./errors.ts"
import {
  type Partition,
  type PartitionUnit,
  partitionInterval,
  partitionsBetween,
  startOfLocalDay,
} from "./partition.ts"

const DATE = String.raw`\d{4}-\d{2}-\d{2}`
const ITEM = new RegExp(`^(${DATE})(?:\\s*(?:\\.\\.|to)\\s*(${DATE}))?$`)

/**
 * The partitions that a list names, oldest first and each once: `2026-01-01..2026-03-31, 2026-04-02`. Dates are days on the
 * wall clock of the zone, and a day stands for all partitions that share an instant with it.
 * @throws AppError `backfill.invalid` that names the part which is not understood, or where there are more than `limit`.
 */
export function parsePartitionList(text: string, unit: PartitionUnit, timezone: string, limit: number): Partition[] {
  const items = text.split(/[,;\n]/).map((item) => item.trim())
  const found = new Map<string, Partition>()
  for (const item of items.filter((each) => each !== "")) {
    const [, first, last = first] = ITEM.exec(item) ?? []
    if (!first || !last || !isDate(first) || !isDate(last)) {
      throw invalid(
        `"${item}" is no day and no range; write 2026-01-01 or 2026-01-01..2026-03-31, with commas between.`,
      )
    }
    if (last < first) throw invalid(`The range ${item} ends before it starts; write ${last}..${first}.`)
    const from = startOfLocalDay(timezone, first)
    const to = partitionInterval("day", timezone, startOfLocalDay(timezone, last)).end
    for (const partition of partitionsBetween(unit, timezone, from, to, limit)) found.set(partition.key, partition)
    if (found.size > limit) throw invalid(`The list holds more than ${limit} partitions; choose fewer.`)
  }
  if (found.size === 0) throw invalid("The list names no partition; write days such as 2026-01-01..2026-03-31.")
  return [...found.values()].sort((a, b) => a.start.getTime() - b.start.getTime())
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function invalid(message: string): AppError {
  return new AppError("backfill.invalid", message, { kind: "config" })
}
