/** What a pool may be called. */
export const POOL_NAME = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/

/** How much of a limit a task takes. */
export interface LimitShare {
  /** `pool/name`, `pipeline/id` or `key/name`. */
  id: string
  slots: number
}

/** A limit as it stands. */
export interface LimitState {
  /** Null: none any more. */
  capacity: number | null
  used: number
}

export interface AdmissionCandidate {
  id: string
  /** Larger goes first; then the smaller id. */
  queuePriority: number
  limits: readonly LimitShare[]
}

export interface AdmissionDecision<Candidate> {
  /** With the slots that each takes: never more than the limit has. */
  admitted: { candidate: Candidate; slots: LimitShare[] }[]
  /** With the first limit, in the order of names, that has no room. */
  waiting: { candidate: Candidate; waitingFor: string }[]
}

/**
 * Decides who goes while limits have room. In the order of the queue, and strictly: where one does not fit, nobody behind
 * it passes it at that limit, or a task that needs many slots would wait for ever. A task that asks for more slots than
 * a limit has takes all of them. Limits that are not in `limits` are none.
 */
export function decideAdmission<Candidate extends AdmissionCandidate>(
  candidates: readonly Candidate[],
  limits: ReadonlyMap<string, LimitState>,
): AdmissionDecision<Candidate> {
  const decision: AdmissionDecision<Candidate> = { admitted: [], waiting: [] }
  const used = new Map([...limits].map(([id, state]) => [id, state.used]))
  const closed = new Set<string>()
  for (const candidate of candidates.toSorted(byQueue)) {
    const slots = candidate.limits.flatMap(({ id, slots }) => {
      const state = limits.get(id)
      return state ? [{ id, slots: Math.min(slots, Math.max(1, state.capacity ?? slots)) }] : []
    })
    const full = slots.find((share) => closed.has(share.id) || !fits(share, limits, used))
    if (full) {
      closed.add(full.id)
      decision.waiting.push({ candidate, waitingFor: full.id })
      continue
    }
    for (const { id, slots: taken } of slots) used.set(id, used.get(id)! + taken)
    decision.admitted.push({ candidate, slots })
  }
  return decision
}

function fits(share: LimitShare, limits: ReadonlyMap<string, LimitState>, used: ReadonlyMap<string, number>): boolean {
  const capacity = limits.get(share.id)?.capacity ?? null
  return capacity === null || used.get(share.id)! + share.slots <= capacity
}

/** Ids are decimal numbers of any length. */
function byQueue(a: AdmissionCandidate, b: AdmissionCandidate): number {
  return b.queuePriority - a.queuePriority || a.id.length - b.id.length || (a.id < b.id ? -1 : 1)
}
