import { assertNever } from "./assert-never.ts"

/** Names and meanings as in Airflow (Core concepts, "Trigger rules"). */
export const TRIGGER_RULES = [
  "all_success",
  "all_done",
  "all_failed",
  "one_success",
  "one_failed",
  "none_failed",
  "none_failed_min_one_success",
  "none_skipped",
  "all_skipped",
  "always",
] as const
/** The rule of tear-downs, which no author names: it comes with `teardown`. Airflow calls it the same. */
export const TEARDOWN_RULE = "all_done_setup_success"
export type AuthorTriggerRule = (typeof TRIGGER_RULES)[number]
export type TriggerRule = AuthorTriggerRule | typeof TEARDOWN_RULE

/** A task run's direct upstreams by outcome. `failed` counts failed, upstream_failed and cancelled ones. */
export interface UpstreamCounts {
  total: number
  success: number
  failed: number
  skipped: number
  /** For tear-downs, once all upstreams are final: how their setups ended. */
  setups?: SetupCounts
}

export interface SetupCounts {
  success: number
  failed: number
  skipped: number
}

export type TriggerDecision = "wait" | "release" | "skip" | "upstream_fail"

/**
 * Decides as soon as no further outcome can change the decision, and never earlier: what becomes of a task does not depend
 * on the order in which its upstreams end (in Airflow it does where one is skipped and another fails).
 * The outcome when a rule cannot be met follows Airflow: a failure upstream gives upstream_fail, otherwise skip.
 */
export function decideTrigger(rule: TriggerRule, counts: UpstreamCounts): TriggerDecision {
  const { total, success, failed, skipped } = counts
  const isAllDone = areAllFinal(counts)
  if (total === 0) return "release"
  switch (rule) {
    case "always":
      return "release"
    case "all_success":
      if (failed > 0) return "upstream_fail"
      if (!isAllDone) return "wait"
      return skipped > 0 ? "skip" : "release"
    case "all_done":
      return isAllDone ? "release" : "wait"
    case "all_failed":
      if (success > 0 || skipped > 0) return "skip"
      return isAllDone ? "release" : "wait"
    case "one_success":
      if (success > 0) return "release"
      if (!isAllDone) return "wait"
      return failed > 0 ? "upstream_fail" : "skip"
    case "one_failed":
      if (failed > 0) return "release"
      return isAllDone ? "skip" : "wait"
    case "none_failed":
      if (failed > 0) return "upstream_fail"
      return isAllDone ? "release" : "wait"
    case "none_failed_min_one_success":
      if (failed > 0) return "upstream_fail"
      if (!isAllDone) return "wait"
      return success > 0 ? "release" : "skip"
    case "none_skipped":
      if (skipped > 0) return "skip"
      return isAllDone ? "release" : "wait"
    case "all_skipped":
      if (failed > 0) return "upstream_fail"
      if (!isAllDone) return "wait"
      return success > 0 ? "skip" : "release"
    case TEARDOWN_RULE:
      return isAllDone ? decideTeardown(counts.setups) : "wait"
    default:
      return assertNever(rule)
  }
}

export function areAllFinal({ total, success, failed, skipped }: UpstreamCounts): boolean {
  return success + failed + skipped === total
}

/** There is something to tear down where any setup succeeded, whatever became of the tasks between. */
function decideTeardown(setups: SetupCounts | undefined): TriggerDecision {
  if (!setups) throw new Error("a tear-down is decided by its setups, which were not counted")
  if (setups.success > 0) return "release"
  return setups.failed > 0 ? "upstream_fail" : "skip"
}
