import { dueRuns } from "#lib/domain/due-runs.ts"
import { decideRetry } from "#lib/domain/retry.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"
import { decideTrigger } from "#lib/domain/trigger-rule.ts"

/** What the simulated system decides by. Tests replace single ones with broken ones, which the invariants must notice. */
export interface Rules {
  decideTrigger: typeof decideTrigger
  decideRetry: typeof decideRetry
  dueRuns: typeof dueRuns
  /** Whether an end is refused unless its fence is the task run's. */
  isFenced: boolean
  /** Whether a run is unique by pipeline, kind and logical time. */
  isUnique: boolean
  limitsRuns: boolean
  recountsAfterClear: boolean
  losesTickets: boolean
  /** Whether cancelling a run cancels a task run in this state at once. */
  cancels(state: TaskRunState): boolean
}

export const REAL_RULES: Rules = {
  decideTrigger,
  decideRetry,
  dueRuns,
  isFenced: true,
  isUnique: true,
  limitsRuns: true,
  recountsAfterClear: true,
  losesTickets: false,
  cancels: (state) => ["pending", "ready", "up_for_retry", "deferred"].includes(state),
}
