/** The weeks of a month (`2026-03`), Monday first, as dates; null where a week reaches beyond the month. */
export function weeksOf(month: string): (string | null)[][] {
  const first = new Date(`${month}-01T00:00:00Z`)
  const lead = (first.getUTCDay() + 6) % 7
  const count = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  const days = Array.from({ length: count }, (_, index) => `${month}-${String(index + 1).padStart(2, "0")}`)
  const cells = [...Array<null>(lead).fill(null), ...days]
  return Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) =>
    Array.from({ length: 7 }, (__, day) => cells[week * 7 + day] ?? null),
  )
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

export function addMonths(month: string, months: number): string {
  const [year, index] = month.split("-").map(Number) as [number, number]
  return new Date(Date.UTC(year, index - 1 + months, 1)).toISOString().slice(0, 7)
}

/** Where a key leads from a day; null for keys that lead nowhere. */
export function dayFor(key: string, day: string): string | null {
  switch (key) {
    case "ArrowRight":
      return addDays(day, 1)
    case "ArrowLeft":
      return addDays(day, -1)
    case "ArrowDown":
      return addDays(day, 7)
    case "ArrowUp":
      return addDays(day, -7)
    case "PageDown":
      return addDays(day, 28)
    case "PageUp":
      return addDays(day, -28)
    default:
      return null
  }
}
