import { roundedScore } from "#lib/domain/rounded-score.ts"

const EXACT = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 })
const STEPS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const

/** A count for prose: exact below ten thousand (`9,999`), then two or three figures (`12.3 k`, `1.2 M`). Null gives "–". */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–"
  if (Math.abs(value) < 10_000) return EXACT.format(value)
  for (const [size, suffix] of STEPS) {
    // 999,950 rounds up to 1,000.0 k, which is 1 M.
    if (Math.abs(value) >= size * 0.99995) {
      const scaled = value / size
      const digits = Math.abs(scaled) < 99.95 ? 1 : 0
      return `${scaled.toFixed(digits).replace(/\.0$/, "")} ${suffix}`
    }
  }
  return EXACT.format(value)
}

/** The exact number with separators, for tables and hover: `496,118`. */
export function formatExact(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : EXACT.format(value)
}

/** A share as whole per cent, without claiming 0 or 100 for what is only near: `93 %`, `>99 %`, `<1 %`. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined) return "–"
  const percent = Math.round(share * 100)
  if (percent === 100 && share < 1) return ">99 %"
  if (percent === 0 && share > 0) return "<1 %"
  return `${percent} %`
}

/** A quality score to one decimal, rounded down so that 99.96 never reads as a clean 100. */
export function formatScore(score: number | null | undefined): string {
  if (score === null || score === undefined) return "–"
  return roundedScore(score).toFixed(1).replace(/\.0$/, "")
}

/** `1 run`, `2 runs`, `12.3 k runs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
