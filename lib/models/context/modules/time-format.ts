import { valueError } from "../../jinja/errors.ts"

/** The parts of a time as a clock on the wall shows them. */
export interface WallTime {
  /** Milliseconds since 1970 as if the wall were in UTC. */
  wallMs: number
  /** Below a millisecond. */
  micros: number
  offsetMinutes: number | null
  zoneName: string
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
]

const two = (value: number): string => String(value).padStart(2, "0")

/** Python's strftime, in English. */
export function formatTime({ wallMs, micros, offsetMinutes, zoneName }: WallTime, format: string): string {
  const date = new Date(wallMs)
  const yearStart = Date.UTC(date.getUTCFullYear(), 0, 1)
  const dayOfYear = Math.floor((wallMs - yearStart) / 86_400_000)
  const day = date.getUTCDay()
  const hour12 = date.getUTCHours() % 12 || 12
  const week = (first: number) => two(Math.floor((dayOfYear + 7 - ((day - first + 7) % 7)) / 7))
  const directives = new Map<string, () => string>([
    ["Y", () => String(date.getUTCFullYear()).padStart(4, "0")],
    ["y", () => two(date.getUTCFullYear() % 100)],
    ["m", () => two(date.getUTCMonth() + 1)],
    ["d", () => two(date.getUTCDate())],
    ["e", () => String(date.getUTCDate()).padStart(2)],
    ["H", () => two(date.getUTCHours())],
    ["I", () => two(hour12)],
    ["M", () => two(date.getUTCMinutes())],
    ["S", () => two(date.getUTCSeconds())],
    ["f", () => String(date.getUTCMilliseconds() * 1000 + micros).padStart(6, "0")],
    ["p", () => (date.getUTCHours() < 12 ? "AM" : "PM")],
    ["j", () => String(dayOfYear + 1).padStart(3, "0")],
    ["A", () => DAYS[day]!],
    ["a", () => DAYS[day]!.slice(0, 3)],
    ["B", () => MONTHS[date.getUTCMonth()]!],
    ["b", () => MONTHS[date.getUTCMonth()]!.slice(0, 3)],
    ["w", () => String(day)],
    ["u", () => String(day || 7)],
    ["U", () => week(0)],
    ["W", () => week(1)],
    ["V", () => two(isoWeek(wallMs).week)],
    ["G", () => String(isoWeek(wallMs).year)],
    ["z", () => (offsetMinutes === null ? "" : formatOffset(offsetMinutes, ""))],
    ["Z", () => zoneName],
    ["s", () => String(Math.floor((wallMs - (offsetMinutes ?? 0) * 60_000) / 1000))],
    ["%", () => "%"],
  ])
  return format
    .replace(/%F/g, "%Y-%m-%d")
    .replace(/%[TX]/g, "%H:%M:%S")
    .replace(/%[xD]/g, "%m/%d/%y")
    .replace(/%c/g, "%a %b %e %H:%M:%S %Y")
    .replace(/%(-?)([A-Za-z%])/g, (whole, minus: string, letter: string) => {
      const text = directives.get(letter)?.() ?? whole
      return minus ? text.replace(/^0+(?=\d)/, "") : text
    })
}

/** `+02:00`, or with another separator. */
export function formatOffset(minutes: number, separator: string): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`
}

/** Year and week of ISO 8601: weeks begin on Monday, and the first holds the year's first Thursday. */
export function isoWeek(wallMs: number): { year: number; week: number; weekday: number } {
  const weekday = new Date(wallMs).getUTCDay() || 7
  const thursday = new Date(wallMs + (4 - weekday) * 86_400_000)
  const year = thursday.getUTCFullYear()
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1, weekday }
}

const PARTS: Readonly<Record<string, string>> = {
  Y: "(\\d{4})",
  y: "(\\d{2})",
  m: "(\\d{1,2})",
  d: "(\\d{1,2})",
  H: "(\\d{1,2})",
  I: "(\\d{1,2})",
  M: "(\\d{1,2})",
  S: "(\\d{1,2})",
  f: "(\\d{1,6})",
  j: "(\\d{1,3})",
  p: "([AaPp][Mm])",
  z: "(Z|[+-]\\d{2}:?\\d{2})",
  b: "([A-Za-z]{3})",
  B: "([A-Za-z]+)",
  a: "([A-Za-z]{3})",
  A: "([A-Za-z]+)",
}

/** Python's strptime. @throws JinjaError as Python does where the text is not of the format. */
export function parseTime(
  text: string,
  format: string,
): { wallMs: number; micros: number; offsetMinutes: number | null } {
  const letters: string[] = []
  const pattern = format.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/%([A-Za-z%])/g, (_, letter: string) => {
    if (letter === "%") return "%"
    const part = PARTS[letter]
    if (!part) throw valueError(`'${letter}' is a bad directive in format '${format}'`)
    letters.push(letter)
    return part
  })
  const match = new RegExp(`^${pattern.replace(/ +/g, "\\s+")}$`).exec(text)
  if (!match) throw valueError(`time data '${text}' does not match format '${format}'`)
  const found = new Map(letters.map((letter, index) => [letter, match[index + 1]!]))
  const number = (letter: string, fallback: number) => Number(found.get(letter) ?? fallback)
  const shortYear = number("y", 0)
  const year = found.has("y") ? shortYear + (shortYear < 69 ? 2000 : 1900) : number("Y", 1900)
  const monthName = (found.get("b") ?? found.get("B"))?.slice(0, 3).toLowerCase()
  const month = monthName ? MONTHS.findIndex((name) => name.toLowerCase().startsWith(monthName)) + 1 : number("m", 1)
  const isAfternoon = found.get("p")?.toLowerCase() === "pm"
  const hour = found.has("I") ? (number("I", 0) % 12) + (isAfternoon ? 12 : 0) : number("H", 0)
  const fraction = Number((found.get("f") ?? "0").padEnd(6, "0"))
  const day = found.has("j") ? number("j", 1) : number("d", 1)
  const wallMs =
    wallTime(year, found.has("j") ? 1 : month, day, hour, number("M", 0), number("S", 0)) + Math.floor(fraction / 1000)
  return { wallMs, micros: fraction % 1000, offsetMinutes: readOffset(found.get("z")) }
}

export function readOffset(text: string | undefined): number | null {
  if (text === undefined || text === "") return null
  if (text === "Z") return 0
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2))
  return text.startsWith("-") ? -minutes : minutes
}

/** Also years below 100, which Date.UTC takes for those of the 1900s. */
export function wallTime(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  return date.getTime()
}
