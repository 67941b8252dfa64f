/** A seed's column as PostgreSQL is to have it. */
export type SeedType = "integer" | "bigint" | "float8" | "boolean" | "date" | "timestamp without time zone" | "text"

const NUMBER = /^[-+]?\d+$/
const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i
const DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/
const DATE_TIME = /^(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{1,2})(:(\d{1,2})(\.\d+)?)?(Z|[-+]\d{2}:?\d{2})?$/
const CURRENCY = /[$¤¢£¥₹€]/gu
const LARGEST_INTEGER = 2_147_483_647

/** What stands for a missing value, in any case. */
export function isSeedNull(text: string): boolean {
  const trimmed = text.trim()
  return trimmed === "" || trimmed.toLowerCase() === "null"
}

/**
 * The type of a column from all its values, as dbt finds it through agate: the first of number, date, time and boolean that
 * every value is, else text. Numbers without a fraction are integers (bigint where one is too large for that, which dbt does
 * not see). A column without any value is an integer there, too.
 */
export function inferSeedType(values: readonly string[]): SeedType {
  const present = values.filter((value) => !isSeedNull(value)).map((value) => value.trim())
  if (present.every((value) => toNumberText(value) !== null)) return numberType(present)
  if (present.every(isDate)) return "date"
  if (present.every(isDateTime)) return "timestamp without time zone"
  if (present.every((value) => /^(true|false)$/i.test(value))) return "boolean"
  return "text"
}

/** A number as SQL reads it: agate takes off signs of currency and of percent, and commas between thousands. */
export function toNumberText(value: string): string | null {
  const bare = value.replace(CURRENCY, "").replace(/%$/, "").replaceAll(",", "").trim()
  return DECIMAL.test(bare) ? bare : null
}

function numberType(values: readonly string[]): SeedType {
  const texts = values.map((value) => toNumberText(value)!)
  // As agate's MaxPrecision: 1.0 has a digit behind its point, 1e3 none.
  if (texts.some((text) => !NUMBER.test(text) && (text.includes(".") || !Number.isInteger(Number(text)))))
    return "float8"
  return texts.some((text) => Math.abs(Number(text)) > LARGEST_INTEGER) ? "bigint" : "integer"
}

function isDate(value: string): boolean {
  const match = DATE.exec(value)
  return match !== null && isDay(match)
}

function isDateTime(value: string): boolean {
  const match = DATE_TIME.exec(value)
  if (!match || !isDay(match)) return false
  return Number(match[4]) < 24 && Number(match[5]) < 60 && Number(match[7] ?? 0) < 60
}

function isDay([, year, month, day]: RegExpExecArray): boolean {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}
