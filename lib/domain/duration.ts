const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A length of time as authors write it: `"90s"`, `"5m"`, `"1h30m"`, `"250ms"`, or a number of milliseconds. */
export type Duration = string | number

/** Milliseconds of a {@link Duration}, or null where the text is not one. */
export function parseDuration(value: Duration): number | null {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : null
  if (typeof value !== "string") return null
  const text = value.trim()
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d)\s*)+$/.test(text)) return null
  let total = 0
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]
  }
  return total
}
