/** States of an incident, as docs/state-machines.md draws them. Snoozing is beside them: it hides and silences until a time. */
export const INCIDENT_STATES = ["open", "acknowledged", "resolved"] as const
export type IncidentState = (typeof INCIDENT_STATES)[number]

export const SEVERITIES = ["info", "warning", "critical"] as const
export type Severity = (typeof SEVERITIES)[number]

/**
 * `acknowledge` somebody sees to it; `unacknowledge` takes that back; `resolve` a person says it is over, or what failed works
 * again; `reopen` it came back, or a person takes back that it is over (what was acknowledged then is so again).
 */
export const INCIDENT_MOVES = ["acknowledge", "unacknowledge", "resolve", "reopen"] as const
export type IncidentMove = (typeof INCIDENT_MOVES)[number]

export const INCIDENT_TRANSITIONS = {
  open: { acknowledge: "acknowledged", unacknowledge: null, resolve: "resolved", reopen: null },
  acknowledged: { acknowledge: null, unacknowledge: "open", resolve: "resolved", reopen: null },
  resolved: { acknowledge: null, unacknowledge: null, resolve: null, reopen: "open" },
} as const satisfies Record<IncidentState, Record<IncidentMove, IncidentState | null>>

/** Null: the incident cannot be moved so, because it is there already or because it is over. */
export function nextIncidentState(state: IncidentState, move: IncidentMove): IncidentState | null {
  return INCIDENT_TRANSITIONS[state][move]
}

/** What is resolved for longer than this is a new incident when it comes back. */
export const REOPEN_WINDOW_MS = 7 * 24 * 3_600_000

export type OccurrencePlan = "open" | "add" | "reopen"

/** What one more occurrence of a cause does, given the newest incident of that cause. */
export function planOccurrence(
  known: { state: IncidentState; resolvedAt: Date | null } | null,
  at: Date,
  windowMs = REOPEN_WINDOW_MS,
): OccurrencePlan {
  if (known === null) return "open"
  if (known.state !== "resolved") return "add"
  const resolvedAt = known.resolvedAt?.getTime() ?? 0
  return at.getTime() - resolvedAt <= windowMs ? "reopen" : "open"
}

/** The worse of two. */
export function worseSeverity(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other
}
