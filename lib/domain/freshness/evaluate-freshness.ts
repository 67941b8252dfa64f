import { durationText } from "../schedule-text.ts"
import { wallText } from "../zone.ts"
import type { FreshnessPolicy, FreshnessState, Limits } from "./freshness-policy.ts"
import { type DuePartition, duePartitions, firstDeadline, firstUnkeptDeadline } from "./late-rules.ts"

/** What the warehouse said when it was asked for the newest value. */
export type DataObservation =
  | { kind: "unmeasured" }
  /** It could not be asked; `message` is safe to show. */
  | { kind: "failed"; message: string }
  /** `newest` is null for an empty table or a column of nulls; `future` is the newest value where that lies ahead. */
  | { kind: "measured"; newest: Date | null; future: Date | null }

/** What is known of a dataset's arrivals. */
export interface FreshnessObservations {
  /** Since when the policy is known: nothing is late that was due before. */
  watchedSince: Date
  /** The newest load, or of a partitioned dataset that of its newest partition; null: there was none. */
  loadedAt: Date | null
  data: DataObservation
  /** Of those that {@link duePartitions} names. */
  presentKeys: ReadonlySet<string>
}

export interface FreshnessVerdict {
  state: FreshnessState
  /** From when on it is late, for `warn` and `error`; else null. */
  since: Date | null
  /** When it is late unless something arrives, or since when it is; null where nothing follows. */
  dueAt: Date | null
  /** When the verdict may be another one although nothing arrives; null: never. */
  nextChangeAt: Date | null
  /** One sentence. It names instants, no ages, so that it stays true. */
  message: string
}

/** Late from `warnAt` and `errorAt` on, strictly: what arrives at the instant is in time. */
interface Requirement {
  warnAt: Date | null
  errorAt: Date | null
  /** What is wrong once it is late. */
  lateText: string
}

/**
 * Judges a dataset at `now`. The worst of its rules counts; of a policy that looks at loads and data, both have to hold. What
 * is not known is `unknown`, but for what is late by what is known.
 */
export function evaluateFreshness(
  policy: FreshnessPolicy,
  observations: FreshnessObservations,
  now: Date,
): FreshnessVerdict {
  const doubt = doubtOf(policy, observations)
  const requirements = requirementsOf(policy, observations, now)
  const errorSince = firstPassed(requirements, "errorAt", now)
  const warnSince = firstPassed(requirements, "warnAt", now)
  const late = errorSince ?? warnSince
  const nextChangeAt = earliestOf(
    requirements.flatMap(({ warnAt, errorAt }) => [warnAt, errorAt]).filter((at) => at !== null && at >= now),
  )
  const common = {
    dueAt: earliestOf(requirements.map(firstLimit)),
    nextChangeAt: nextChangeAt && new Date(nextChangeAt.getTime() + 1),
  }
  if (late) {
    const state = errorSince ? "error" : "warn"
    return { ...common, state, since: late.at, message: late.requirement.lateText }
  }
  if (doubt !== null) return { ...common, state: "unknown", since: null, message: doubt }
  return { ...common, state: "fresh", since: null, message: freshText(policy, observations) }
}

/** Why nothing can be said for sure; null: it can. */
function doubtOf(policy: FreshnessPolicy, { loadedAt, data, presentKeys }: FreshnessObservations): string | null {
  if (policy.measure !== "loads") {
    if (data.kind === "failed") return `Not measured: ${data.message}`
    if (data.kind === "unmeasured") return "Not measured yet."
  }
  if (policy.measure !== "data" && loadedAt === null && presentKeys.size === 0) return "Nothing has been loaded yet."
  const isEmpty = data.kind === "measured" && data.newest === null && data.future === null
  return policy.measure !== "loads" && isEmpty && presentKeys.size === 0 ? "There is no data yet." : null
}

function requirementsOf(policy: FreshnessPolicy, observations: FreshnessObservations, now: Date): Requirement[] {
  const found: Requirement[] = []
  const { watchedSince, data } = observations
  if (policy.measure !== "data") found.push(...arrivalRequirements(policy, observations.loadedAt, "load", watchedSince))
  if (policy.measure !== "loads" && data.kind === "measured") {
    // A value from the future says nothing but that something is wrong with it: it counts as one of now.
    const newest = data.newest ?? (data.future && now)
    found.push(...arrivalRequirements(policy, newest, "data", watchedSince))
    if (newest === null && policy.maxAge) found.push(emptyRequirement(policy.maxAge, watchedSince))
  }
  const isPartitionKnown = policy.measure === "loads" || data.kind === "measured"
  if (policy.partitions && isPartitionKnown) {
    const missing = duePartitions(policy.partitions, watchedSince, now).filter(
      ({ key }) => !observations.presentKeys.has(key),
    )
    if (missing.length > 0) found.push(partitionRequirement(policy.partitions, missing, now))
  }
  return found
}

/** What maximum age and deadline ask for after the newest arrival, or before the first one. */
function arrivalRequirements(
  { maxAge, deadline }: FreshnessPolicy,
  arrivedAt: Date | null,
  kind: "load" | "data",
  watchedSince: Date,
): Requirement[] {
  const found: Requirement[] = []
  const noun = kind === "load" ? "load" : "newer data"
  if (maxAge && (kind === "load" || arrivedAt)) {
    const since = arrivedAt ? `No ${noun} since ${wallText("UTC", arrivedAt)}` : "Nothing has ever been loaded"
    const most = durationText((maxAge.warnAfterMs ?? maxAge.errorAfterMs)!)
    found.push({ ...limitsAt(maxAge, arrivedAt ?? watchedSince), lateText: `${since}; it may be ${most} old.` })
  }
  if (deadline) {
    const dueAt = arrivedAt ? firstUnkeptDeadline(deadline, arrivedAt) : firstDeadline(deadline, watchedSince)
    if (dueAt) {
      const due = wallText(deadline.ticks.timezone, dueAt)
      const last = arrivedAt ? `the last was at ${wallText(deadline.ticks.timezone, arrivedAt)}` : "there never was one"
      found.push({
        ...limitsAt(deadline.limits, dueAt),
        lateText:
          kind === "load"
            ? `No load came by ${due}; ${last}.`
            : `The data is not newer by ${due}${arrivedAt ? `; it ends at ${wallText(deadline.ticks.timezone, arrivedAt)}` : ""}.`,
      })
    }
  }
  return found
}

/** An empty table is older than anything, as in dbt. */
function emptyRequirement(maxAge: Limits, watchedSince: Date): Requirement {
  return {
    warnAt: maxAge.warnAfterMs === null ? null : watchedSince,
    errorAt: maxAge.errorAfterMs === null ? null : watchedSince,
    lateText: "The table is empty, or has no value where its age is read.",
  }
}

function partitionRequirement(
  policy: NonNullable<FreshnessPolicy["partitions"]>,
  missing: readonly DuePartition[],
  now: Date,
): Requirement {
  const [first] = missing
  const others = missing.filter(({ dueAt }) => dueAt < now).length - 1
  const more = others > 0 ? `, and ${others} ${others === 1 ? "other is" : "others are"} missing too` : ""
  return {
    ...limitsAt(policy.limits, first!.dueAt),
    lateText: `Partition ${first!.key} was due at ${wallText(policy.timezone, first!.dueAt)} and is missing${more}.`,
  }
}

function limitsAt({ warnAfterMs, errorAfterMs }: Limits, base: Date): Pick<Requirement, "warnAt" | "errorAt"> {
  const after = (ms: number | null) => (ms === null ? null : new Date(base.getTime() + ms))
  return { warnAt: after(warnAfterMs), errorAt: after(errorAfterMs) }
}

function firstPassed(requirements: readonly Requirement[], limit: "warnAt" | "errorAt", now: Date) {
  let first: { at: Date; requirement: Requirement } | null = null
  for (const requirement of requirements) {
    const at = requirement[limit]
    if (at !== null && at < now && (first === null || at < first.at)) first = { at, requirement }
  }
  return first
}

function firstLimit({ warnAt, errorAt }: Requirement): Date | null {
  return earliestOf([warnAt, errorAt])
}

function earliestOf(dates: readonly (Date | null)[]): Date | null {
  let first: Date | null = null
  for (const date of dates) if (date !== null && (first === null || date < first)) first = date
  return first
}

function freshText({ measure, deadline, partitions }: FreshnessPolicy, observations: FreshnessObservations): string {
  const { loadedAt, data } = observations
  const timezone = deadline?.ticks.timezone ?? partitions?.timezone ?? "UTC"
  const parts: string[] = []
  if (measure !== "data" && loadedAt) parts.push(`loaded at ${wallText(timezone, loadedAt)}`)
  if (measure !== "loads" && data.kind === "measured") {
    if (data.newest) parts.push(`data up to ${wallText(timezone, data.newest)}`)
    if (data.future) parts.push(`values up to ${wallText(timezone, data.future)}, in the future, do not count`)
  }
  if (parts.length === 0) return "All that was due is there."
  const text = parts.join("; ")
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
