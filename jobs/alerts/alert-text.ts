import type { AlertMessage } from "#lib/connectors/notify/alert-message.ts"
import type { Channel } from "#lib/connectors/notify/channel.ts"
import type { Message } from "#lib/connectors/notify/deliver.ts"
import { renderMessage } from "#lib/connectors/notify/render-message.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { AlertTurn } from "#lib/domain/alert-send.ts"
import type { AlertIncident, WaitingDelivery } from "#lib/store/alert-deliveries.ts"

/** Texts of a channel in place of ours; mustache over the same names. */
export interface AlertTemplates {
  subject?: string
  text?: string
}

const SUBJECT = "{{prefix}}{{title}}"
const TEXT = `{{#message}}{{message}}
{{/message}}{{#where}}Where: {{where}}
{{/where}}{{#owner}}Owner: {{owner}}
{{/owner}}{{#assignee}}Assigned to: {{assignee}}
{{/assignee}}{{#affected}}Also affected: {{affected}}
{{/affected}}{{#lasted}}It lasted {{lasted}}.
{{/lasted}}{{#runbook}}Runbook: {{runbook}}
{{/runbook}}{{url}}`

/** Lines of a message that tells of several incidents. */
const MAX_LINES = 20

/**
 * The message that tells of one delivery or of several. Values are escaped for the channel, subjects are one line. A
 * delivery that is told of again has the same id and the same incident, so that receivers know it.
 */
export function alertMessage(
  deliveries: readonly WaitingDelivery[],
  channel: Channel["kind"],
  publicUrl: string,
  templates: AlertTemplates = {},
): Message {
  const [first] = deliveries
  if (deliveries.length > 1) return digest(deliveries, channel, publicUrl)
  if (!first?.incident) return testMessage(first)
  const { incident, turn, id, eventId } = first
  const view = viewOf(incident, turn, publicUrl)
  return {
    subject: oneLine(renderMessage(templates.subject ?? SUBJECT, view, channel)),
    text: renderMessage(templates.text ?? TEXT, view, channel).trim(),
    context: {
      event: `incident.${eventOf(turn)}`,
      pipelineId: incident.pipelineId,
      runId: incident.lastRunId,
      taskId: incident.taskId,
      datasetId: incident.datasetId,
      incident: view,
    },
    alert: objectOf(incident, turn, view),
    id: `alert_${eventId ?? "0"}_${id}`,
    thread: `incident_${incident.id}`,
  }
}

/** Where an incident has its page. */
export function incidentUrl(publicUrl: string, id: string): string {
  return `${publicUrl}/triage/${id}`
}

function viewOf(incident: AlertIncident, turn: AlertTurn, publicUrl: string): JsonObject {
  const { pipelineId, taskId, datasetId, lastRunId, details } = incident
  const place = [pipelineId, taskId].filter((part) => part !== null).join(" › ")
  const run = lastRunId !== null && pipelineId !== null ? ` (run ${lastRunId})` : ""
  return {
    id: incident.id,
    turn: eventOf(turn),
    prefix: prefixOf(turn, incident),
    kind: incident.kind,
    title: incident.title,
    message: turn === "resolved" || incident.message === incident.title ? "" : incident.message,
    severity: incident.severity,
    state: incident.state,
    where: place ? `${place}${run}` : (datasetId ?? ""),
    pipelineId,
    taskId,
    datasetId,
    runId: lastRunId,
    owner: incident.owner,
    assignee: incident.assignee,
    occurrences: incident.occurrences,
    affected: incident.followers || null,
    lasted: turn === "resolved" ? lengthOf(incident) : null,
    resolvedBy: incident.resolvedBy,
    runbook: typeof details.runbook === "string" ? details.runbook : null,
    openedAt: incident.openedAt.toISOString(),
    labels: details.labels ?? {},
    url: incidentUrl(publicUrl, incident.id),
  }
}

function objectOf(incident: AlertIncident, turn: AlertTurn, view: JsonObject): AlertMessage {
  const runbook = String(view.runbook ?? "")
  const action = turn === "resolved" ? "resolve" : turn === "acknowledged" ? "acknowledge" : "trigger"
  const facts = { Severity: incident.severity, Where: view.where, Owner: incident.owner, Runbook: view.runbook }
  return {
    dedupKey: `headrace-incident-${incident.id}`,
    action,
    severity: incident.severity,
    source: incident.pipelineId ?? incident.datasetId ?? "headrace",
    url: String(view.url),
    runbookUrl: /^https?:\/\//.test(runbook) ? runbook : null,
    tags: incident.tags,
    details: Object.fromEntries(Object.entries(facts).flatMap(([key, value]) => (value ? [[key, String(value)]] : []))),
    incident: view,
  }
}

function eventOf(turn: AlertTurn): string {
  return turn.startsWith("escalated") ? "escalated" : turn
}

function prefixOf(turn: AlertTurn, incident: AlertIncident): string {
  if (turn.startsWith("escalated")) return `Nobody has acknowledged (${incident.severity}): `
  switch (turn) {
    case "resolved":
      return "Back to normal: "
    case "reopened":
      return `It is back (${incident.severity}): `
    case "acknowledged":
      return `Acknowledged by ${incident.acknowledgedBy ?? "somebody"}: `
    case "woken":
      return `Still open (${incident.severity}): `
    default:
      return `${incident.severity[0]!.toUpperCase()}${incident.severity.slice(1)}: `
  }
}

function lengthOf({ openedAt, resolvedAt }: AlertIncident): string | null {
  if (!resolvedAt) return null
  const minutes = Math.max(1, Math.round((resolvedAt.getTime() - openedAt.getTime()) / 60_000))
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 6) / 10} h`
}

function digest(deliveries: readonly WaitingDelivery[], channel: Channel["kind"], publicUrl: string): Message {
  const views = deliveries.flatMap(({ incident, turn }) => (incident ? [viewOf(incident, turn, publicUrl)] : []))
  const over = views.filter(({ turn }) => turn === "resolved").length
  const others = views.length - over
  const subject = [
    ...(others > 0 ? [`${others} ${others === 1 ? "incident" : "incidents"}`] : []),
    ...(over > 0 ? [`${over} back to normal`] : []),
  ].join(", ")
  const lines = views
    .slice(0, MAX_LINES)
    .map((view) => renderMessage("• {{prefix}}{{title}}{{#where}} ({{where}}){{/where}}\n  {{url}}", view, channel))
  if (views.length > MAX_LINES) lines.push(`and ${views.length - MAX_LINES} more: ${publicUrl}/triage`)
  return {
    subject,
    text: lines.join("\n"),
    context: { event: "incident.digest", incidents: views },
    id: `alert_${deliveries[0]!.eventId ?? "0"}_${deliveries[0]!.id}`,
  }
}

function testMessage(delivery: WaitingDelivery | undefined): Message {
  return {
    subject: "Headrace can reach this channel",
    text: `${delivery?.actor ?? "Somebody"} pressed "Send test". Nothing is wrong.`,
    context: { event: "incident.test" },
    id: `alert_test_${delivery?.id ?? "0"}`,
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 250)
}
