import { tzOffset } from "@date-fns/tz"

/** A change of a zone's clock at the instant `at`: from then on it shows UTC + `after` instead of UTC + `before`. All in ms. */
export interface ClockChange {
  at: number
  before: number
  after: number
}

const DAY_MS = 86_400_000

/** How far the zone's clock is ahead of UTC at an instant, in ms. */
export function offsetMs(timezone: string, time: number): number {
  return tzOffset(timezone, new Date(time)) * 60_000
}

/** What the zone's clock shows at an instant, as the UTC instant of the same digits. */
export function wallTime(timezone: string, time: number): number {
  return time + offsetMs(timezone, time)
}

/**
 * The first change after `time`. Where none comes before the end of next year, that end, with no change of the offset: so
 * that walking from change to change also gets through zones that have none.
 */
export function nextChange(timezone: string, time: number): ClockChange {
  const year = new Date(time).getUTCFullYear()
  for (const change of [...changesIn(timezone, year), ...changesIn(timezone, year + 1)]) {
    if (change.at > time) return change
  }
  return seam(timezone, Date.UTC(year + 2, 0, 1))
}

/** The last change at or before `time`; where none lies in this year or the last, the start of last year. */
export function lastChange(timezone: string, time: number): ClockChange {
  const year = new Date(time).getUTCFullYear()
  for (const change of [...changesIn(timezone, year - 1), ...changesIn(timezone, year)].reverse()) {
    if (change.at <= time) return change
  }
  return seam(timezone, Date.UTC(year - 1, 0, 1))
}

/** `2026-03-29 03:00 +02:00` (with seconds where they are not zero). */
export function wallText(timezone: string, instant: Date): string {
  const offset = offsetMs(timezone, instant.getTime())
  const minutes = Math.abs(offset) / 60_000
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0")
  return `${wallDigits(instant.getTime() + offset)} ${offset < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** `2026-03-29 02:30` of a wall time. */
export function wallDigits(wall: number): string {
  const text = new Date(wall).toISOString().replace("T", " ")
  return text.slice(17, 19) === "00" ? text.slice(0, 16) : text.slice(0, 19)
}

/** Whether this runtime's time zone data knows the name. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    // Offsets such as "+02:00" pass too, but a schedule wants a zone with its rules.
    return /^[A-Za-z]/.test(name)
  } catch {
    return false
  }
}

function seam(timezone: string, at: number): ClockChange {
  return { at, before: offsetMs(timezone, at - 1), after: offsetMs(timezone, at) }
}

const known = new Map<string, ClockChange[]>()

/** The changes of a UTC year, in order. Found by looking at each day: no zone changes its clock twice within one. */
function changesIn(timezone: string, year: number): ClockChange[] {
  const key = `${timezone} ${year}`
  const found = known.get(key)
  if (found) return found
  const changes: ClockChange[] = []
  const end = Date.UTC(year + 1, 0, 1)
  for (let day = Date.UTC(year, 0, 1); day < end; day += DAY_MS) {
    const before = offsetMs(timezone, day - 1)
    const after = offsetMs(timezone, Math.min(day + DAY_MS, end) - 1)
    if (before !== after) changes.push({ at: firstWith(timezone, after, day - 1, day + DAY_MS - 1), before, after })
  }
  // 5,000: every zone of a large estate for a decade, in about a megabyte.
  if (known.size >= 5_000) known.clear()
  known.set(key, changes)
  return changes
}

/** The instant in (low, high] from which `offset` holds. */
function firstWith(timezone: string, offset: number, low: number, high: number): number {
  let [below, at] = [low, high]
  while (at - below > 1) {
    const middle = Math.floor((below + at) / 2)
    if (offsetMs(timezone, middle) === offset) at = middle
    else below = middle
  }
  return at
}
