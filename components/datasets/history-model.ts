import type { RowVersions } from "#lib/contracts/api/samples.ts"

type Version = RowVersions["versions"][number]

/** A value over the versions in which it stayed the same. */
export interface Segment {
  value: string | null
  /** Position of the first version that has it. */
  version: number
  /** Shares of the whole time, 0 to 1. */
  start: number
  end: number
  /** It differs from what was before; false for the first. */
  isChange: boolean
  /** It holds now. */
  isCurrent: boolean
}

/** From the first version's start to the last one's end, or to now: milliseconds. */
export interface Span {
  from: number
  to: number
}

export function spanOf(versions: readonly Version[], now: number): Span {
  const from = Date.parse(versions[0]!.validFrom)
  const last = versions.at(-1)!
  const to = last.validTo === null ? now : Date.parse(last.validTo)
  // A row that came to be just now still needs a width.
  return { from, to: Math.max(to, from + 1) }
}

/** Where an instant lies in a span, from 0 to 1; outside of it, at its ends. */
export function shareOf(instant: number, { from, to }: Span): number {
  return Math.min(1, Math.max(0, (instant - from) / (to - from)))
}

/** Positions of the columns that ever changed, in the order of the table. */
export function changedColumns(versions: readonly Version[]): number[] {
  return [...new Set(versions.flatMap(({ changed }) => changed))].toSorted((a, b) => a - b)
}

/** A column's values over time; versions that left it as it was are one, unless the row was gone between them. */
export function segmentsOf(versions: readonly Version[], column: number, span: Span): Segment[] {
  const segments: Segment[] = []
  for (const [index, version] of versions.entries()) {
    const start = shareOf(Date.parse(version.validFrom), span)
    const end = version.validTo === null ? 1 : shareOf(Date.parse(version.validTo), span)
    const before = segments.at(-1)
    const isChange = version.changed.includes(column)
    if (version.isDeleted) continue
    if (before && !isChange && Math.abs(before.end - start) < 1e-9) {
      before.end = end
      before.isCurrent = version.validTo === null
      continue
    }
    const value = version.values[column] ?? null
    segments.push({ value, version: index, start, end, isChange, isCurrent: version.validTo === null })
  }
  return segments
}

/** Instants to mark on the axis: years where it spans some, else months, else days; at most `most`. */
export function axisTicks({ from, to }: Span, most = 8): { at: number; label: string }[] {
  for (const unit of ["day", "month", "year"] as const) {
    const ticks = ticksBy(unit, from, to, most + 1)
    if (ticks.length <= most) return ticks
  }
  const years = ticksBy("year", from, to, Number.POSITIVE_INFINITY)
  const step = Math.ceil(years.length / most)
  return years.filter((_, index) => index % step === 0)
}

const LABELS = {
  day: { day: "numeric", month: "short" },
  month: { month: "short", year: "numeric" },
  year: { year: "numeric" },
} as const

function ticksBy(unit: keyof typeof LABELS, from: number, to: number, most: number): { at: number; label: string }[] {
  const format = new Intl.DateTimeFormat("en-GB", { ...LABELS[unit], timeZone: "UTC" })
  const start = new Date(from)
  const ticks: { at: number; label: string }[] = []
  for (let step = 0; ticks.length < most; step++) {
    const [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()]
    const at =
      unit === "year"
        ? Date.UTC(year + step, 0, 1)
        : unit === "month"
          ? Date.UTC(year, month + step, 1)
          : Date.UTC(year, month, day + step)
    if (at > to) break
    if (at >= from) ticks.push({ at, label: format.format(at) })
  }
  return ticks
}
