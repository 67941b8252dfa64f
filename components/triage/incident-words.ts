import type { Incident, IncidentEvent } from "#lib/contracts/api/incidents.ts"
import type { RunChanges } from "#lib/contracts/api/triage.ts"
import type { AlertKind } from "#lib/domain/alert-rule.ts"
import type { Severity } from "#lib/domain/incident-state.ts"
import { formatExact } from "../format/count.ts"
import { formatDuration } from "../format/duration.ts"
import { formatUpcoming } from "../format/instant.ts"
import type { StateGlyph } from "../ui/glyphs.ts"

interface Look {
  glyph: StateGlyph
  label: string
}

export const SEVERITY_LOOK = {
  critical: { glyph: "failed", label: "Critical" },
  warning: { glyph: "at_risk", label: "Warning" },
  info: { glyph: "scheduled", label: "Info" },
} as const satisfies Record<Severity, Look>

export const KIND_WORDS = {
  pipeline_failure: "Failed run",
  freshness_breach: "Late data",
  quality_below: "Low quality",
  check_failure: "Failed check",
  anomaly: "Unusual data",
  duration_anomaly: "Slow run",
  deadline_missed: "Missed deadline",
  queue_backlog: "Full queue",
  worker_lost: "Lost worker",
  metric: "Metric",
} as const satisfies Record<AlertKind, string>

/** How an incident stands: snoozing hides what state it is in. */
export function standingOf(incident: Pick<Incident, "state" | "snoozedUntil" | "severity">): Look {
  if (incident.state === "resolved") return { glyph: "success", label: "Resolved" }
  if (incident.snoozedUntil) return { glyph: "deferred", label: "Snoozed" }
  if (incident.state === "acknowledged") return { glyph: "running", label: "Acknowledged" }
  return { glyph: SEVERITY_LOOK[incident.severity].glyph, label: "Open" }
}

/** What the message says beyond the title, which often is its beginning: then it goes on where that was cut. */
export function restOfMessage({ title, message }: Pick<Incident, "title" | "message">): string {
  const isCut = title.endsWith("…")
  const start = isCut ? title.slice(0, -1).trimEnd() : title
  if (!message.startsWith(start)) return message
  if (!isCut) return message.slice(start.length).replace(/^[\s.,:;–]+/, "")
  // A word that the cut went through is said as a whole.
  const from = /\s/.test(message[start.length] ?? " ") ? start.length : start.lastIndexOf(" ") + 1
  const rest = message.slice(from).trim()
  return rest === "" ? "" : `…${rest}`
}

/** Where it shows: `daily_etl › stg_orders`, or the dataset; null where it is about neither. */
export function placeWords(incident: Pick<Incident, "pipelineId" | "taskId" | "datasetId">): string | null {
  const { pipelineId, taskId, datasetId } = incident
  if (pipelineId !== null) return taskId === null ? pipelineId : `${pipelineId} › ${taskId}`
  return datasetId
}

/** How often it showed, and what followed: `3 times, 8 followed`. */
export function countWords({ occurrences, followers }: Pick<Incident, "occurrences" | "followers">): string {
  const times = occurrences === 1 ? "once" : `${formatExact(occurrences)} times`
  return followers === 0 ? times : `${times}, ${formatExact(followers)} followed`
}

/** What somebody or something did, as it follows the name of who did it. */
export function eventWords(
  { type, body }: Pick<IncidentEvent, "type" | "body">,
  context: { zone: string; now: number },
): string {
  switch (type) {
    case "opened":
      return "opened this"
    case "reopened":
      return "opened this again"
    case "acknowledged":
      return "acknowledged it"
    case "unacknowledged":
      return "took the acknowledgement back"
    case "assigned":
      return body === "" ? "took the assignment away" : `assigned it to ${body}`
    case "snoozed":
      return `snoozed it until ${formatUpcoming(body, context.zone, context.now)}`
    case "woken":
      return "ended the snooze"
    case "commented":
      return body
    case "resolved":
      return body === "" ? "resolved it" : `resolved it: ${body}`
    case "spread":
      return `found it in ${body} too`
    case "told":
      return `told ${body}`
    default:
      return body === "" ? type : `${type}: ${body}`
  }
}

type Change = RunChanges["changes"][number]

export const CHANGE_WORDS = {
  code: "Code",
  params: "Parameter",
  input_schema: "Columns",
  input_rows: "Rows in",
  upstream: "Upstream",
  age: "Age of input",
  duration: "Duration",
  retries: "Tries",
  worker: "Worker",
  kind: "Trigger",
} as const satisfies Record<Change["kind"], string>

/** One side of a change for people; "–" where it has none. */
export function changeValue(kind: Change["kind"], value: string | null): string {
  if (value === null) return "–"
  if (kind === "input_rows") return formatExact(Number(value))
  if (kind === "age" || kind === "duration") return formatDuration(Number(value))
  return value
}
