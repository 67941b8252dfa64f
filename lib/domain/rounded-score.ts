/**
 * A quality score (0–100) to one decimal, downwards: 100 is shown only where nothing failed. The addend undoes binary
 * fractions, so that 99.9 stays 99.9.
 */
export function roundedScore(score: number): number {
  return Math.floor(score * 10 + 1e-6) / 10
}
