/** States of an attempt: one try of a task run. Every state but `running` is final. */
export const ATTEMPT_STATES = [
  "running",
  "success",
  "skipped",
  "deferred",
  "failed",
  "timed_out",
  "lost",
  "killed",
  "cancelled",
] as const
export type AttemptState = (typeof ATTEMPT_STATES)[number]
export type FinalAttemptState = Exclude<AttemptState, "running">

/** `defer` its task waits for something; `lose` the heartbeat stopped; `kill` memory limit or a signal; `hand_back` is `cancel` by a draining worker. */
export const ATTEMPT_EVENTS = ["succeed", "skip", "defer", "fail", "time_out", "lose", "kill", "cancel"] as const
export type AttemptEvent = (typeof ATTEMPT_EVENTS)[number]

const OVER = {
  succeed: null,
  skip: null,
  defer: null,
  fail: null,
  time_out: null,
  lose: null,
  kill: null,
  cancel: null,
} as const

export const ATTEMPT_TRANSITIONS = {
  running: {
    succeed: "success",
    skip: "skipped",
    defer: "deferred",
    fail: "failed",
    time_out: "timed_out",
    lose: "lost",
    kill: "killed",
    cancel: "cancelled",
  },
  success: OVER,
  skipped: OVER,
  deferred: OVER,
  failed: OVER,
  timed_out: OVER,
  lost: OVER,
  killed: OVER,
  cancelled: OVER,
} as const satisfies Record<AttemptState, Record<AttemptEvent, AttemptState | null>>

export function nextAttemptState(state: AttemptState, event: AttemptEvent): AttemptState | null {
  return ATTEMPT_TRANSITIONS[state][event]
}
