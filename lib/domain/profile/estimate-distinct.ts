/**
 * How many different values a table has, from a sample of its rows: Haas and Stokes' estimator Duj1, which PostgreSQL's
 * ANALYZE uses (IBM Research Report RJ 10025; src/backend/commands/analyze.c). `once` are the values that were read once. Never
 * less than what was seen, nor more than there are filled rows.
 */
export function estimateDistinct(sample: { filled: number; distinct: number; once: number }, total: number): number {
  const { filled, distinct, once } = sample
  if (filled === 0 || total <= filled) return distinct
  const estimate = (filled * distinct) / (filled - once + (once * filled) / total)
  return Math.round(Math.min(total, Math.max(distinct, estimate)))
}
