export const RUN_KINDS = ["schedule", "dataset", "event", "manual", "backfill"] as const
export type RunKind = (typeof RUN_KINDS)[number]

/** States of a run, as docs/state-machines.md draws them. */
export const RUN_STATES = ["queued", "running", "cancelling", "success", "failed", "cancelled"] as const
export type RunState = (typeof RUN_STATES)[number]

/**
 * `start` first task starts or nothing is left to wait for; `succeed`/`fail` last task is final; `cancel` asked for;
 * `cancelled` no task is live any more, and some were cancelled; `reopen` a task was cleared or retried.
 */
export const RUN_EVENTS = ["start", "succeed", "fail", "cancel", "cancelled", "reopen"] as const
export type RunEvent = (typeof RUN_EVENTS)[number]

export const RUN_TRANSITIONS = {
  queued: { start: "running", succeed: null, fail: null, cancel: "cancelled", cancelled: null, reopen: null },
  running: {
    start: null,
    succeed: "success",
    fail: "failed",
    cancel: "cancelling",
    cancelled: "cancelled",
    reopen: "running",
  },
  cancelling: { start: null, succeed: null, fail: "failed", cancel: null, cancelled: "cancelled", reopen: null },
  success: { start: null, succeed: null, fail: null, cancel: null, cancelled: null, reopen: "running" },
  failed: { start: null, succeed: null, fail: null, cancel: null, cancelled: null, reopen: "running" },
  cancelled: { start: null, succeed: null, fail: null, cancel: null, cancelled: null, reopen: "running" },
} as const satisfies Record<RunState, Record<RunEvent, RunState | null>>

export function nextRunState(state: RunState, event: RunEvent): RunState | null {
  return RUN_TRANSITIONS[state][event]
}

/** States that can be left by `event`; what a guarded update writes into its `where state = any(…)`. */
export function runStatesBefore(event: RunEvent): RunState[] {
  return RUN_STATES.filter((state) => RUN_TRANSITIONS[state][event] !== null)
}

export function isFinalRunState(state: RunState): state is "success" | "failed" | "cancelled" {
  return state === "success" || state === "failed" || state === "cancelled"
}
