import type { Matcher } from "./match-methods.ts"
import { type EarlierState, STATE_ASPECTS, type StateAspect, type StateFingerprint } from "./selectable.ts"
import { SelectionError } from "./selection-error.ts"
import type { Criterion } from "./selection-spec.ts"

/**
 * `state:`: a node is new when the earlier manifest has none of its id; modified when it is new or any part of it differs. Of
 * new nodes a part counts as modified when their kind has it, but macros never do, as in dbt.
 */
export function stateMatcher({ raw, value }: Criterion, { fingerprints }: EarlierState): Matcher {
  const aspects = STATE_ASPECTS.filter((aspect) => value === "modified" || value === `modified.${aspect}`)
  if (
    !["new", "old", "modified", "unmodified"].includes(value) &&
    (aspects.length === 0 || value === "modified.other")
  ) {
    const parts = STATE_ASPECTS.filter((aspect) => aspect !== "other").map((aspect) => `modified.${aspect}`)
    const allowed = ["new", "old", "modified", "unmodified", ...parts].join(", ")
    throw new SelectionError(`"${raw}": state is one of ${allowed}, not "${value}".`)
  }
  if (!fingerprints) throw new SelectionError(`"${raw}" needs the manifest of an earlier run: give --state.`)
  return ({ id, fingerprint }) => {
    const before = fingerprints.get(id)
    if (value === "new" || value === "old") return (before === undefined) === (value === "new")
    if (value === "unmodified") return before !== undefined && !differ(before, fingerprint ?? {}, STATE_ASPECTS)
    if (before === undefined) return value === "modified" || isNewPart(fingerprint, aspects)
    return differ(before, fingerprint ?? {}, aspects)
  }
}

function isNewPart(now: StateFingerprint | null, aspects: readonly StateAspect[]): boolean {
  return aspects.some((aspect) => aspect !== "macros" && now?.[aspect] !== undefined)
}

function differ(before: StateFingerprint, now: StateFingerprint, aspects: readonly StateAspect[]): boolean {
  return aspects.some((aspect) => before[aspect] !== now[aspect])
}
