/**
 * A row in COPY's text format (PostgreSQL documentation, COPY, "Text Format"): null as `\N`, tabs, newlines and
 * backslashes escaped. Dates become ISO text, objects JSON, arrays array literals where `isArray` says the column is one
 * and JSON elsewhere; everything else is its own text.
 */
export function copyTextRow(values: readonly unknown[], isArray: readonly boolean[] = []): string {
  return `${values.map((value, index) => encodeField(value, isArray[index] ?? false)).join("\t")}\n`
}

function encodeField(value: unknown, isArray: boolean): string {
  const text = valueAsText(value, isArray)
  return text === null ? "\\N" : text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!)
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" }

/** A value as Postgres reads it in text; null for null and undefined. */
export function valueAsText(value: unknown, isArray = false): string | null {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`
  if (Array.isArray(value) && isArray) return arrayLiteral(value)
  if (typeof value === "object") return JSON.stringify(value)
  return String(value)
}

function arrayLiteral(values: readonly unknown[]): string {
  const items = values.map((value) => {
    if (Array.isArray(value)) return arrayLiteral(value)
    const text = valueAsText(value)
    return text === null ? "NULL" : `"${text.replace(/["\\]/g, "\\$&")}"`
  })
  return `{${items.join(",")}}`
}
