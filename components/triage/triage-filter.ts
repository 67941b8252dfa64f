import { parseAsArrayOf, parseAsString, parseAsStringLiteral } from "nuqs"
import { ALERT_KINDS } from "#lib/domain/alert-rule.ts"
import { SEVERITIES } from "#lib/domain/incident-state.ts"
import type { IncidentFilter } from "../queries/incidents.ts"

/** The four boxes of the inbox: snoozed ones lie in their own, whatever their state. */
export const BOXES = ["open", "acknowledged", "snoozed", "resolved"] as const
export type Box = (typeof BOXES)[number]

/** What the address of the inbox holds. `incident` empty: the person closed it. */
export const triageParsers = {
  state: parseAsStringLiteral(BOXES).withDefault("open"),
  severity: parseAsStringLiteral(SEVERITIES),
  kind: parseAsStringLiteral(ALERT_KINDS),
  owner: parseAsString,
  q: parseAsString.withDefault(""),
  incident: parseAsString,
  chosen: parseAsArrayOf(parseAsString).withDefault([]),
}

/** What narrows the inbox. */
export interface TriageFilter {
  state: Box
  severity: (typeof SEVERITIES)[number] | null
  kind: (typeof ALERT_KINDS)[number] | null
  owner: string | null
  q: string
}

/** The API's filter for what the address says. */
export function toIncidentFilter(filter: TriageFilter): IncidentFilter {
  const isSnoozed = filter.state === "snoozed"
  const q = filter.q.trim()
  return {
    state: isSnoozed ? "open,acknowledged" : filter.state,
    snoozed: isSnoozed ? "only" : filter.state === "resolved" ? "show" : "hide",
    ...(filter.severity && { severity: filter.severity }),
    ...(filter.kind && { kind: filter.kind }),
    ...(filter.owner && { owner: filter.owner }),
    ...(q && { q }),
  }
}

/** True where anything but the box narrows the list. */
export function isNarrowed({ severity, kind, owner, q }: TriageFilter): boolean {
  return severity !== null || kind !== null || owner !== null || q.trim() !== ""
}
