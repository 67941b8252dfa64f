/** How an instant is written: `17 Mar 07:34`, `17 Mar`, `07:34`, `05:03:12`, `17 Mar 2026 07:34:12`, `Tue 17 Mar`. */
export type InstantStyle = "short" | "day" | "time" | "seconds" | "full" | "weekday"

const OPTIONS: Record<InstantStyle, Intl.DateTimeFormatOptions> = {
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  time: { hour: "2-digit", minute: "2-digit" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  full: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  weekday: { weekday: "short", day: "numeric", month: "short" },
}
const formats = new Map<string, Intl.DateTimeFormat>()

/** An instant in `zone` (IANA). An instant of another year than `now` carries its year. Null gives "–". */
export function formatInstant(
  instant: string | number | Date | null | undefined,
  zone: string,
  style: InstantStyle = "short",
  now: number = Date.now(),
): string {
  if (instant === null || instant === undefined) return "–"
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return "–"
  const isOtherYear = style !== "time" && style !== "seconds" && style !== "full" && year(date) !== year(new Date(now))
  return formatter(style, zone, isOtherYear).format(date).replaceAll(",", "").replaceAll("Sept", "Sep")
}

/** The exact instant in UTC, for hover: `2026-03-17 06:34:12 UTC`. */
export function formatUtc(instant: string | number | Date | null | undefined): string {
  if (instant === null || instant === undefined) return ""
  const date = new Date(instant)
  return Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`
}

/** The name of a zone as people say it: `Berlin`, `New York`, `UTC`. */
export function zoneName(zone: string): string {
  return zone === "Etc/UTC" ? "UTC" : (zone.split("/").at(-1) ?? zone).replaceAll("_", " ")
}

/** The calendar day (`2026-03-17`) of an instant in `zone`. */
export function dayIn(instant: string | number | Date, zone: string): string {
  const date = new Date(instant)
  const parts = Object.fromEntries(
    dayFormat(zone)
      .formatToParts(date)
      .map((part) => [part.type, part.value]),
  )
  return `${parts.year}-${parts.month}-${parts.day}`
}

/** Today's instants as `05:00`, tomorrow's as `tomorrow 05:00`, the rest as `19 Mar 05:00`. */
export function formatUpcoming(instant: string, zone: string, now: number = Date.now()): string {
  const day = dayIn(instant, zone)
  const time = formatInstant(instant, zone, "time", now)
  if (day === dayIn(now, zone)) return time
  if (day === dayIn(now + 86_400_000, zone)) return `tomorrow ${time}`
  return formatInstant(instant, zone, "short", now)
}

function formatter(style: InstantStyle, zone: string, isOtherYear: boolean): Intl.DateTimeFormat {
  const key = `${style} ${zone} ${isOtherYear}`
  let format = formats.get(key)
  if (!format) {
    const options = { ...OPTIONS[style], ...(isOtherYear ? { year: "numeric" as const } : {}) }
    format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone, hourCycle: "h23" })
    formats.set(key, format)
  }
  return format
}

function dayFormat(zone: string): Intl.DateTimeFormat {
  const key = `iso ${zone}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone })
    formats.set(key, format)
  }
  return format
}

function year(date: Date): number {
  return date.getUTCFullYear()
}
