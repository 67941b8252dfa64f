import type { ColumnProfile, TableProfile } from "#lib/contracts/api/profiles.ts"
import { formatExact } from "../format/count.ts"

/** Shares that differ by less are the same to a reader. */
const SMALLEST_CHANGE = 0.001

/** `all 90 rows`, `100,000 of about 1,200,000 rows, blocks at random`. */
export function readWords({ method, rowsRead, rowsTotal, isTotalExact }: TableProfile): string {
  const read = formatExact(rowsRead)
  if (method === "all") return rowsRead === 1 ? "its only row" : `all ${read} rows`
  const of = rowsTotal === null ? "" : ` of ${isTotalExact ? "" : "about "}${formatExact(rowsTotal)}`
  return `${read}${of} rows, ${method === "first" ? "the first that came" : "blocks at random"}`
}

/** A share in per cent with a digit where it is small: `0 %`, `0.4 %`, `12 %`; never 0 or 100 for what is only near. */
export function percentWords(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`
  const percent = share * 100
  if (percent < 0.1) return "<0.1 %"
  if (percent > 99.9) return ">99.9 %"
  return `${percent < 10 || percent > 90 ? percent.toFixed(1) : Math.round(percent)} %`
}

/** Different values: exact where all rows were read, else the estimate, which says so. */
export function distinctWords({ distinct, distinctEstimate }: ColumnProfile): string {
  if (distinctEstimate === null || distinctEstimate === distinct) return formatExact(distinct)
  return `~${formatExact(distinctEstimate)}`
}

/** What of a column is not as it was the time before, worth a reader's eye; empty: nothing. */
export function changeWords(
  now: { column: ColumnProfile; rows: number },
  before: { column: ColumnProfile; rows: number } | null,
): string[] {
  if (before === null) return ["new column"]
  const changes: string[] = []
  if (before.column.type !== now.column.type) changes.push(`was ${before.column.type}`)
  if (now.rows > 0 && before.rows > 0) {
    const [share, was] = [now.column.nulls / now.rows, before.column.nulls / before.rows]
    if (Math.abs(share - was) >= SMALLEST_CHANGE) changes.push(`empty was ${percentWords(was)}`)
  }
  if (distinctWords(now.column) !== distinctWords(before.column)) {
    changes.push(`distinct was ${distinctWords(before.column)}`)
  }
  if (now.column.isMasked || before.column.isMasked) return changes
  if (now.column.smallest !== before.column.smallest) changes.push(`from was ${before.column.smallest ?? "nothing"}`)
  if (now.column.largest !== before.column.largest) changes.push(`to was ${before.column.largest ?? "nothing"}`)
  return changes
}

/** Labels a bar of a histogram: the range of its values. */
export function bucketWords({ kind, measures }: ColumnProfile, bucket: number): string {
  if (!measures) return ""
  const width = (measures.max - measures.min) / measures.histogram.length
  const edge = (index: number) => measureWords(kind, measures.min + width * index)
  return width === 0 ? edge(0) : `${edge(bucket)} to ${edge(bucket + 1)}`
}

/** One of a column's measures: a number, a length or a day with its time. */
export function measureWords(kind: ColumnProfile["kind"], value: number): string {
  if (kind === "time") {
    const date = new Date(value * 1_000)
    return Number.isNaN(date.getTime()) ? "far away" : date.toISOString().slice(0, 16).replace("T", " ")
  }
  const text = Number(value.toPrecision(6))
  const number = Math.abs(text) < 1e15 ? formatExact(text) : text.toExponential(2)
  return kind === "text" ? `${number} ${number === "1" ? "character" : "characters"}` : number
}
