import { decideAdmission } from "#lib/domain/admission.ts"
import { branchSkips, shortCircuitSkips } from "#lib/domain/branching.ts"
import { planClear } from "#lib/domain/clear-plan.ts"
import { dueRuns } from "#lib/domain/due-runs.ts"
import { freePlaces, judgeInstances, planExpansion } from "#lib/domain/mapping.ts"
import { planMark } from "#lib/domain/mark-plan.ts"
import { queuePriority } from "#lib/domain/priority.ts"
import { decideRetry } from "#lib/domain/retry.ts"
import { planTasks } from "#lib/domain/task-plan.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"
import { decideTrigger } from "#lib/domain/trigger-rule.ts"

/** What the simulated system decides by. Tests replace single ones with broken ones, which the invariants must notice. */
export interface Rules {
  planTasks: typeof planTasks
  decideTrigger: typeof decideTrigger
  decideRetry: typeof decideRetry
  dueRuns: typeof dueRuns
  decideAdmission: typeof decideAdmission
  queuePriority: typeof queuePriority
  branchSkips: typeof branchSkips
  shortCircuitSkips: typeof shortCircuitSkips
  planExpansion: typeof planExpansion
  judgeInstances: typeof judgeInstances
  freePlaces: typeof freePlaces
  planClear: typeof planClear
  planMark: typeof planMark
  /** Whether an end is refused unless its fence is the task run's. */
  isFenced: boolean
  /** Whether a run is unique by pipeline, kind and logical time. */
  isUnique: boolean
  limitsRuns: boolean
  recountsAfterClear: boolean
  losesTickets: boolean
  /** Whether a decision holds for what is cleared after it. */
  choicesStand: boolean
  /** Whether what leaves this state gives its slots back. */
  freesSlots(state: TaskRunState): boolean
  endsVainWaits: boolean
  /** Whether cancelling a run cancels a task run in this state at once. */
  cancels(state: TaskRunState): boolean
}

export const REAL_RULES: Rules = {
  planTasks,
  decideTrigger,
  decideRetry,
  dueRuns,
  decideAdmission,
  queuePriority,
  branchSkips,
  shortCircuitSkips,
  planExpansion,
  judgeInstances,
  freePlaces,
  planClear,
  planMark,
  isFenced: true,
  isUnique: true,
  limitsRuns: true,
  recountsAfterClear: true,
  losesTickets: false,
  choicesStand: true,
  freesSlots: () => true,
  endsVainWaits: true,
  cancels: (state) => ["pending", "ready", "up_for_retry", "deferred", "mapped"].includes(state),
}
