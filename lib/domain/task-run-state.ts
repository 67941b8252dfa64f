/**
 * States of a task run. `pending` waits for upstreams, `ready` waits for a slot or a worker, `mapped` waits for its
 * instances, which are task runs of their own.
 */
export const TASK_RUN_STATES = [
  "pending",
  "ready",
  "running",
  "up_for_retry",
  "deferred",
  "mapped",
  "success",
  "failed",
  "skipped",
  "upstream_failed",
  "cancelled",
] as const
export type TaskRunState = (typeof TASK_RUN_STATES)[number]

/**
 * `release` the trigger rule is met; `skip` and `upstream_fail` the rule can no longer be met; `claim` a worker takes
 * it; `succeed`/`fail`/`retry` an attempt ended; `defer` it waits for a trigger; `wake` delay or trigger is over;
 * `hand_back` its worker is stopped and another takes over; `expand` it becomes instances, one for each item of a list;
 * `cancel` the run is cancelled; `clear` a person runs it again; `clear_instances` a person runs some of its instances
 * again; `mark_success`/`mark_failed`/`mark_skipped` a person decides.
 */
export const TASK_RUN_EVENTS = [
  "release",
  "skip",
  "upstream_fail",
  "claim",
  "succeed",
  "fail",
  "retry",
  "defer",
  "wake",
  "hand_back",
  "expand",
  "cancel",
  "clear",
  "clear_instances",
  "mark_success",
  "mark_failed",
  "mark_skipped",
] as const
export type TaskRunEvent = (typeof TASK_RUN_EVENTS)[number]

type Row = Record<TaskRunEvent, TaskRunState | null>

const NOTHING = {
  release: null,
  skip: null,
  upstream_fail: null,
  claim: null,
  succeed: null,
  fail: null,
  retry: null,
  defer: null,
  wake: null,
  hand_back: null,
  expand: null,
  cancel: null,
  clear: null,
  clear_instances: null,
  mark_success: null,
  mark_failed: null,
  mark_skipped: null,
} as const satisfies Row

const MARKABLE = { mark_success: "success", mark_failed: "failed", mark_skipped: "skipped" } as const
const REOPENABLE = { clear_instances: "mapped" } as const
const FINAL = { ...NOTHING, clear: "pending", ...MARKABLE } as const

export const TASK_RUN_TRANSITIONS = {
  pending: {
    ...NOTHING,
    release: "ready",
    skip: "skipped",
    upstream_fail: "upstream_failed",
    expand: "mapped",
    fail: "failed",
    cancel: "cancelled",
    ...MARKABLE,
  },
  ready: { ...NOTHING, claim: "running", cancel: "cancelled", ...MARKABLE },
  running: {
    ...NOTHING,
    succeed: "success",
    fail: "failed",
    retry: "up_for_retry",
    defer: "deferred",
    skip: "skipped",
    cancel: "cancelled",
    hand_back: "ready",
  },
  up_for_retry: { ...NOTHING, wake: "ready", cancel: "cancelled", ...MARKABLE },
  deferred: { ...NOTHING, wake: "ready", fail: "failed", skip: "skipped", cancel: "cancelled", ...MARKABLE },
  mapped: { ...NOTHING, succeed: "success", fail: "failed", skip: "skipped", cancel: "cancelled", ...MARKABLE },
  success: { ...FINAL, ...REOPENABLE },
  failed: { ...FINAL, ...REOPENABLE },
  skipped: { ...FINAL, ...REOPENABLE },
  upstream_failed: FINAL,
  cancelled: { ...FINAL, ...REOPENABLE },
} as const satisfies Record<TaskRunState, Row>

export function nextTaskRunState(state: TaskRunState, event: TaskRunEvent): TaskRunState | null {
  return TASK_RUN_TRANSITIONS[state][event]
}

/** States that `event` may leave; what a guarded update writes into its `where state = any(…)`. */
export function taskRunStatesBefore(event: TaskRunEvent): TaskRunState[] {
  return TASK_RUN_STATES.filter((state) => TASK_RUN_TRANSITIONS[state][event] !== null)
}

export const FINAL_TASK_RUN_STATES = ["success", "failed", "skipped", "upstream_failed", "cancelled"] as const
export type FinalTaskRunState = (typeof FINAL_TASK_RUN_STATES)[number]

export function isFinalTaskRunState(state: TaskRunState): state is FinalTaskRunState {
  return (FINAL_TASK_RUN_STATES as readonly TaskRunState[]).includes(state)
}
