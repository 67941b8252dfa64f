import type { Severity } from "./incident-state.ts"

/** Whom something concerns: an empty list means whatever it is. Names may hold `*`. */
export interface AlertMatch {
  pipelines: string[]
  datasets: string[]
  owners: string[]
  tags: string[]
}

/** What is matched. */
export interface AlertSubject {
  pipelineId: string | null
  datasetId: string | null
  owner: string | null
  tags: readonly string[]
}

/** A match that also looks at what kind of trouble it is. */
export interface IncidentMatch extends AlertMatch {
  kinds: string[]
  severities: Severity[]
}

export const MATCH_ALL: AlertMatch = { pipelines: [], datasets: [], owners: [], tags: [] }

/** Whether all of the lists that are not empty have something of the subject. */
export function matchesSubject(match: AlertMatch, subject: AlertSubject): boolean {
  return (
    hasName(match.pipelines, subject.pipelineId) &&
    hasName(match.datasets, subject.datasetId) &&
    hasName(match.owners, subject.owner) &&
    (match.tags.length === 0 || subject.tags.some((tag) => hasName(match.tags, tag)))
  )
}

export function matchesIncident(
  match: IncidentMatch,
  incident: AlertSubject & { kind: string; severity: Severity },
): boolean {
  return (
    matchesSubject(match, incident) &&
    (match.kinds.length === 0 || match.kinds.includes(incident.kind)) &&
    (match.severities.length === 0 || match.severities.includes(incident.severity))
  )
}

function hasName(patterns: readonly string[], name: string | null): boolean {
  return patterns.length === 0 || (name !== null && patterns.some((pattern) => fits(pattern, name)))
}

/** `*` stands for any characters; everything else for itself. Linear in the name, whatever the pattern. */
function fits(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*")
  if (rest.length === 0) return pattern === name
  const last = rest.pop()!
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false
  let from = first.length
  for (const part of rest) {
    const at = name.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return from <= name.length - last.length
}
