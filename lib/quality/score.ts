import type { CheckOutcome, Score } from "#lib/contracts/task-result.ts"

/** A broken rule that stops the pipeline counts three times as much as one that only warns. */
const WEIGHTS = { error: 3, warn: 1 } as const

/**
 * Scores, 0 to 100, of each dataset by dimension and overall.
 *
 *     score = 100 × Σ weight × share / Σ weight
 *
 * over the checks of the dimension, where share is the part of the checked rows that passed (a check about the whole
 * table, or one that looked at no rows, gives 1 or 0) and weight is 3 for severity `error`, 1 for `warn`. `overall` is the
 * same over all checks, which is the mean of the dimensions weighted by their checks. Rounded down to two places, so that
 * 100 means that nothing failed. A dataset without checks has no score.
 */
export function scoreChecks(outcomes: readonly CheckOutcome[]): Score[] {
  const scores: Score[] = []
  for (const [dataset, checks] of groupBy(outcomes, (outcome) => outcome.dataset)) {
    for (const [dimension, group] of groupBy(checks, (outcome) => outcome.dimension)) {
      scores.push({ dataset, dimension, score: weightedScore(group), checks: group.length })
    }
    scores.push({ dataset, dimension: "overall", score: weightedScore(checks), checks: checks.length })
  }
  return scores
}

function weightedScore(checks: readonly CheckOutcome[]): number {
  let sum = 0
  let weights = 0
  for (const check of checks) {
    sum += WEIGHTS[check.severity] * shareOf(check)
    weights += WEIGHTS[check.severity]
  }
  // Sums of thirds may come out a hair below what they are.
  return Math.floor((sum / weights) * 10_000 + 1e-6) / 100
}

function shareOf(check: CheckOutcome): number {
  const isAboutTable = check.kind === "row_count" || check.kind === "freshness"
  if (isAboutTable || check.rowsChecked === 0) return check.passed ? 1 : 0
  return 1 - check.rowsFailed / check.rowsChecked
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
