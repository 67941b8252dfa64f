import { type AlertMatch, type AlertSubject, matchesSubject } from "./alert-match.ts"
import type { ErrorKind } from "./errors.ts"
import { type Severity, worseSeverity } from "./incident-state.ts"

export const ALERT_KINDS = [
  "pipeline_failure",
  "freshness_breach",
  "quality_below",
  "check_failure",
  "anomaly",
  "duration_anomaly",
  "deadline_missed",
  "queue_backlog",
  "worker_lost",
  "metric",
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

/** Ids of the rules that every installation begins with (migration 0017). */
export const BUILTIN_RULES: ReadonlySet<string> = new Set([
  "pipeline-failure",
  "freshness-breach",
  "quality-below-90",
  "check-failure",
  "row-count-anomaly",
  "duration-anomaly",
  "deadline-missed",
  "queue-backlog",
  "worker-lost",
])

export const METRIC_OPERATORS = [">", ">=", "<", "<=", "=", "!="] as const
export type MetricOperator = (typeof METRIC_OPERATORS)[number]

/** What a rule asks for, by kind. */
export type AlertConditionOf<Kind extends AlertKind> = Extract<AlertCondition, { kind: Kind }>
export type AlertCondition =
  /** A run failed. `errorKinds` empty: whatever the kind of its failure. */
  | { kind: "pipeline_failure"; withBackfills: boolean; errorKinds: ErrorKind[] }
  /** A dataset is later than its policy's `warn` or `error` allows. */
  | { kind: "freshness_breach"; level: "warn" | "error" }
  /** The newest score of a dataset's dimension, 0 to 100. */
  | { kind: "quality_below"; dimension: string; below: number }
  /** Checks of this severity, or of a worse one, failed where nothing was stopped by it. */
  | { kind: "check_failure"; level: "warn" | "error" }
  /** A measurement outside of its expected band. `metrics` empty: any. */
  | { kind: "anomaly"; metrics: string[]; level: "warn" | "error" }
  /** A run took more than `factor` times the mean of the last days, or was that many robust deviations above the median. */
  | {
      kind: "duration_anomaly"
      method: "mean" | "robust"
      factor: number
      days: number
      minRuns: number
      minSeconds: number
    }
  | { kind: "deadline_missed" }
  /** More ready tasks than `tasks`, or one that has waited for a worker for more than `waitSeconds`. */
  | { kind: "queue_backlog"; tasks: number; waitSeconds: number }
  | { kind: "worker_lost" }
  /** The newest measurement of a metric against a number. */
  | { kind: "metric"; metric: string; column: string; operator: MetricOperator; value: number }

/** A rule as it is judged by. */
export interface AlertRule<Condition extends AlertCondition = AlertCondition> {
  id: string
  name: string
  condition: Condition
  forSeconds: number
  clearSeconds: number
  severity: Severity
  match: AlertMatch
  runbook: string | null
  labels: Record<string, string>
}

/** What one or several rules say of something that holds. */
export interface RuleVerdict {
  severity: Severity
  ruleIds: string[]
  runbook: string | null
  labels: Record<string, string>
  /** How long it must have held, and must be over: the shortest and the longest of the rules. */
  forSeconds: number
  clearSeconds: number
}

/** The rules of a kind that concern a subject. */
export function rulesFor<Kind extends AlertKind>(
  rules: readonly AlertRule[],
  kind: Kind,
  subject: AlertSubject,
): AlertRule<AlertConditionOf<Kind>>[] {
  return rules.filter(
    (rule): rule is AlertRule<AlertConditionOf<Kind>> =>
      rule.condition.kind === kind && matchesSubject(rule.match, subject),
  )
}

/** What the rules that hold say together: the worst severity, with that rule's runbook. Null: none holds. */
export function combineRules(holding: readonly AlertRule[]): RuleVerdict | null {
  if (holding.length === 0) return null
  const severity = holding.map((rule) => rule.severity).reduce(worseSeverity)
  const worst = holding.filter((rule) => rule.severity === severity)
  return {
    severity,
    ruleIds: holding.map((rule) => rule.id),
    runbook: worst.find((rule) => rule.runbook)?.runbook ?? holding.find((rule) => rule.runbook)?.runbook ?? null,
    labels: Object.assign({}, ...holding.map((rule) => rule.labels)),
    forSeconds: Math.min(...holding.map((rule) => rule.forSeconds)),
    clearSeconds: Math.max(...holding.map((rule) => rule.clearSeconds)),
  }
}

export function compareMetric(value: number, operator: MetricOperator, bound: number): boolean {
  switch (operator) {
    case ">":
      return value > bound
    case ">=":
      return value >= bound
    case "<":
      return value < bound
    case "<=":
      return value <= bound
    case "=":
      return value === bound
    case "!=":
      return value !== bound
  }
}

const LEVELS = ["warn", "error"]

/** Whether something of `level` counts for a rule that asks for `asked`. */
export function reachesLevel(level: string, asked: "warn" | "error"): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(asked)
}

/**
 * Whether a duration is unusual for a pipeline, and what was expected at most. `mean`: more than `factor` times the mean.
 * `robust`: more than `factor` scaled median absolute deviations above the median (1.4826 makes them standard deviations of
 * a normal distribution; Leys et al. 2013, "Detecting outliers"), with a tenth of the median as the least deviation. Null:
 * too few runs to say. Durations are seconds.
 */
export function judgeDuration(
  seconds: number,
  earlier: readonly number[],
  condition: AlertConditionOf<"duration_anomaly">,
): { isUnusual: boolean; usual: number; limit: number } | null {
  if (earlier.length < Math.max(1, condition.minRuns)) return null
  const usual = condition.method === "mean" ? mean(earlier) : median(earlier)
  const spread = Math.max(1.4826 * median(earlier.map((each) => Math.abs(each - usual))), usual / 10)
  const limit = condition.method === "mean" ? condition.factor * usual : usual + condition.factor * spread
  return { isUnusual: seconds > limit && seconds - usual >= condition.minSeconds, usual, limit }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
