/** What a date or time of a strftime form looks like, and how to check that it exists. */
export interface StrftimeShape {
  /** POSIX regular expression for the whole text. */
  pattern: string
  /** Replacement for `regexp_replace` that makes an input of `timestamp` of a match; null: the form alone decides. */
  rebuilt: string | null
}

const NAMES = { month: "[[:alpha:].]{3,9}", day: "[[:alpha:].]{2,9}" }

/** Directives: how a text matches, and its part of a timestamp. (Python, "strftime() and strptime() Format Codes".) */
const DIRECTIVES: Record<string, { pattern: string; part?: Part }> = {
  Y: { pattern: "\\d{4}", part: "year" },
  y: { pattern: "\\d{2}", part: "shortYear" },
  m: { pattern: "\\d{1,2}", part: "month" },
  b: { pattern: NAMES.month, part: "month" },
  B: { pattern: NAMES.month, part: "month" },
  d: { pattern: "\\d{1,2}", part: "day" },
  H: { pattern: "\\d{1,2}", part: "hour" },
  I: { pattern: "(?:0?[1-9]|1[0-2])", part: "hour" },
  M: { pattern: "\\d{1,2}", part: "minute" },
  S: { pattern: "\\d{1,2}", part: "second" },
  f: { pattern: "\\d{1,6}" },
  p: { pattern: "[AaPp][Mm]", part: "half" },
  a: { pattern: NAMES.day },
  A: { pattern: NAMES.day },
  j: { pattern: "(?:[0-2]?\\d?\\d|3[0-5]\\d|36[0-6])" },
  z: { pattern: "(?:Z|[+-]\\d{2}:?\\d{2}(?::?\\d{2})?)" },
  Z: { pattern: "[A-Za-z_/+-]*" },
  w: { pattern: "[0-6]" },
  U: { pattern: "\\d{1,2}" },
  W: { pattern: "\\d{1,2}" },
}
type Part = "year" | "shortYear" | "month" | "day" | "hour" | "minute" | "second" | "half"

/** Spelled out: what one directive stands for. */
const COMPOSITES: Record<string, string> = { D: "%m/%d/%y", F: "%Y-%m-%d", T: "%H:%M:%S", R: "%H:%M" }

/** Reads a strftime form; null where it has a directive that is not known. */
export function strftimeShape(format: string): StrftimeShape | null {
  const full = format.replace(/%([DFTR])/g, (_, composite: string) => COMPOSITES[composite]!)
  const places = new Map<Part, number>()
  let pattern = ""
  for (let at = 0; at < full.length; at++) {
    if (full[at] !== "%") {
      pattern += literal(full[at]!)
      continue
    }
    at++
    const name = full[at] === "-" ? full[++at] : full[at]
    if (name === "%") pattern += "%"
    else {
      const directive = DIRECTIVES[name ?? ""]
      if (!directive) return null
      const { part } = directive
      if (!part || places.has(part)) pattern += `(?:${directive.pattern})`
      else {
        places.set(part, places.size + 1)
        pattern += `(${directive.pattern})`
      }
    }
  }
  return { pattern: `^${pattern}$`, rebuilt: rebuild(places) }
}

/** Missing parts are those of a day that exists: a time alone is checked on 1 January 2000. */
function rebuild(places: ReadonlyMap<Part, number>): string | null {
  if (places.size === 0) return null
  const of = (part: Part, fallback: string) => (places.has(part) ? `\\${places.get(part)}` : fallback)
  const year = places.has("shortYear") && !places.has("year") ? `20${of("shortYear", "")}` : of("year", "2000")
  const half = places.has("half") ? ` ${of("half", "")}` : ""
  const noon = places.has("half") ? "12" : "00"
  return `${year}-${of("month", "01")}-${of("day", "01")} ${of("hour", noon)}:${of("minute", "00")}:${of("second", "00")}${half}`
}

function literal(character: string): string {
  return /[\\^$.|?*+()[\]{}]/.test(character) ? `\\${character}` : character
}
