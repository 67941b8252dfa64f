import type { AlertMessage } from "./alert-message.ts"

/** A request of a channel, ready to be sent. */
export interface ChannelRequest {
  url: string
  headers: Record<string, string>
  body: object
}

interface Said {
  subject: string
  text: string
  alert: AlertMessage | null
}

const PAGERDUTY_SEVERITY = { info: "info", warning: "warning", critical: "critical" } as const
/** P1 is the most urgent. */
const OPSGENIE_PRIORITY = { info: "P5", warning: "P3", critical: "P1" } as const

/**
 * Events API v2 (https://developer.pagerduty.com/docs/send-alert-event): the same `dedup_key` is the same alert, so a
 * message that comes twice is one there. A message without an incident is an alert of its own.
 */
export function pagerdutyRequest(
  channel: { url: string; key: string },
  { subject, text, alert }: Said,
): ChannelRequest {
  const action = alert?.action ?? "trigger"
  const event = { routing_key: channel.key, event_action: action, ...(alert && { dedup_key: alert.dedupKey }) }
  if (action !== "trigger") return { url: channel.url, headers: {}, body: event }
  const links = [
    ...(alert ? [{ href: alert.url, text: "Open in Headrace" }] : []),
    ...(alert?.runbookUrl ? [{ href: alert.runbookUrl, text: "Runbook" }] : []),
  ]
  const payload = {
    summary: subject.slice(0, 1_024),
    source: alert?.source ?? "headrace",
    severity: PAGERDUTY_SEVERITY[alert?.severity ?? "info"],
    custom_details: { message: text, ...alert?.details },
  }
  return {
    url: channel.url,
    headers: {},
    body: { ...event, payload, links, client: "Headrace", ...(alert && { client_url: alert.url }) },
  }
}

/** Alert API (https://docs.opsgenie.com/docs/alert-api): the alias is one open alert, so a repetition is counted there. */
export function opsgenieRequest(channel: { url: string; key: string }, { subject, text, alert }: Said): ChannelRequest {
  const headers = { authorization: `GenieKey ${channel.key}` }
  const alerts = `${channel.url}/v2/alerts`
  if (alert && alert.action !== "trigger") {
    const verb = alert.action === "resolve" ? "close" : "acknowledge"
    const url = `${alerts}/${encodeURIComponent(alert.dedupKey)}/${verb}?identifierType=alias`
    return { url, headers, body: { source: "Headrace", note: subject.slice(0, 1_000) } }
  }
  return {
    url: alerts,
    headers,
    body: {
      message: subject.slice(0, 130),
      description: text.slice(0, 15_000),
      source: "Headrace",
      priority: OPSGENIE_PRIORITY[alert?.severity ?? "info"],
      ...(alert && {
        alias: alert.dedupKey,
        entity: alert.source,
        tags: alert.tags.slice(0, 20),
        details: { ...alert.details, url: alert.url, ...(alert.runbookUrl && { runbook: alert.runbookUrl }) },
      }),
    },
  }
}

const TEAMS_COLOR = { info: "Accent", warning: "Warning", critical: "Attention" } as const

/**
 * An Adaptive Card for a workflow "When a Teams webhook request is received"
 * (https://learn.microsoft.com/power-automate/teams/create-flows-using-webhooks; cards: https://adaptivecards.io/explorer).
 * Values go into TextRuns, which show Markdown as it is written.
 */
export function teamsRequest(channel: { url: string }, { subject, text, alert }: Said): ChannelRequest {
  const run = (value: string, style: object = {}) => ({
    type: "RichTextBlock",
    inlines: [{ type: "TextRun", text: value, ...style }],
  })
  const color = alert?.action === "resolve" ? "Good" : TEAMS_COLOR[alert?.severity ?? "info"]
  const facts = Object.entries(alert?.details ?? {}).map(([title, value]) => ({ title, value: plain(value) }))
  const card = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    body: [
      run(subject, { weight: "Bolder", size: "Medium", color }),
      ...(text ? [run(text)] : []),
      ...(facts.length > 0 ? [{ type: "FactSet", facts }] : []),
    ],
    actions: [
      ...(alert ? [{ type: "Action.OpenUrl", title: "Open in Headrace", url: alert.url }] : []),
      ...(alert?.runbookUrl ? [{ type: "Action.OpenUrl", title: "Runbook", url: alert.runbookUrl }] : []),
    ],
  }
  const attachment = { contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content: card }
  return { url: channel.url, headers: {}, body: { type: "message", attachments: [attachment] } }
}

/** A FactSet reads Markdown. */
function plain(value: string): string {
  return value.replace(/[\\`*_[\]()<>#]/g, "\\$&")
}
