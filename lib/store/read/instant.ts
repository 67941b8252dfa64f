/** An instant as it travels: ISO 8601 in UTC with milliseconds. Postgres writes times inside JSON with its own zone. */
export function toInstant(value: Date | string): string {
  return (typeof value === "string" ? new Date(value) : value).toISOString()
}

export function toInstantOrNull(value: Date | string | null): string | null {
  return value === null ? null : toInstant(value)
}

/** Milliseconds between two instants, or null while one of them is not known. */
export function durationBetween(start: Date | string | null, end: Date | string | null): number | null {
  if (start === null || end === null) return null
  return new Date(end).getTime() - new Date(start).getTime()
}
