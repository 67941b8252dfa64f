import { startOfLocalDay } from "./partition.ts"

/** When a day (`2026-03-17`) of a zone begins, and when the next one does: 23 to 25 hours later. */
export function dayBounds(day: string, zone: string): { from: Date; to: Date } {
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
  return { from: startOfLocalDay(zone, day), to: startOfLocalDay(zone, next) }
}
