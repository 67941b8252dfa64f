import type { CheckOutcome, Score } from "#lib/contracts/task-result.ts"
import type { QualityDimension } from "#lib/domain/quality-dimensions.ts"

/** A broken rule that stops the pipeline counts three times as much as one that only warns. */
const WEIGHTS = { error: 3, warn: 1 } as const

/** How much a dimension counts in the overall score; 1 where left out. */
export type DimensionWeights = Partial<Record<QualityDimension, number>>

/**
 * Scores, 0 to 100, of each dataset by dimension and overall.
 *
 *     score = 100 × Σ weight × share / Σ weight
 *
 * over the checks of the dimension, where share is the part of the checked rows that passed (a check about the whole
 * table gives 1 or 0, one that could not be computed 0) and weight is 3 for severity `error`, 1 for `warn`. `overall` is the
 * same over all checks, each weight times that of its dimension. A check that found no rows to look at says nothing and is
 * left out. Rounded down to two places, so that 100 means that nothing failed. Without a check that says something there is
 * no score.
 */
export function scoreChecks(outcomes: readonly CheckOutcome[], weights: DimensionWeights = {}): Score[] {
  const scores: Score[] = []
  const telling = outcomes.filter(({ state }) => state !== "empty")
  for (const [dataset, checks] of Map.groupBy(telling, (outcome) => outcome.dataset)) {
    for (const [dimension, group] of Map.groupBy(checks, (outcome) => outcome.dimension)) {
      scores.push({ dataset, dimension, score: weightedScore(group, {})!, checks: group.length })
    }
    const overall = weightedScore(checks, weights)
    if (overall !== null) scores.push({ dataset, dimension: "overall", score: overall, checks: checks.length })
  }
  return scores
}

/** Null: all that was checked is of dimensions that count nothing. */
function weightedScore(checks: readonly CheckOutcome[], dimensions: DimensionWeights): number | null {
  let sum = 0
  let total = 0
  for (const check of checks) {
    const weight = WEIGHTS[check.severity] * (dimensions[check.dimension] ?? 1)
    sum += weight * shareOf(check)
    total += weight
  }
  if (total === 0) return null
  // Sums of thirds may come out a hair below what they are.
  return Math.floor((sum / total) * 10_000 + 1e-6) / 100
}

/** A check about the whole table has all or none of its rows failed; one that could not be computed looked at none. */
function shareOf(check: CheckOutcome): number {
  if (check.rowsChecked === 0) return check.passed ? 1 : 0
  return 1 - check.rowsFailed / check.rowsChecked
}
