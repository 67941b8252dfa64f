import type { AlertChannelView, AlertDeliveryView, AlertRuleView, MaintenanceView } from "#lib/contracts/api/alerts.ts"
import type { AlertHours } from "#lib/domain/alert-plan.ts"
import type { AlertCondition, AlertKind } from "#lib/domain/alert-rule.ts"
import type { ChannelKind } from "#lib/domain/channel-kinds.ts"
import type { Severity } from "#lib/domain/incident-state.ts"
import type { StateGlyph } from "../ui/glyphs.ts"

export const KIND_WORDS: Record<AlertKind, string> = {
  pipeline_failure: "Pipeline failed",
  freshness_breach: "Dataset is late",
  quality_below: "Quality is low",
  check_failure: "Check failed",
  anomaly: "Unusual measurement",
  duration_anomaly: "Run took too long",
  deadline_missed: "Deadline missed",
  queue_backlog: "Queue stands",
  worker_lost: "Worker lost",
  metric: "Metric",
}

export const CHANNEL_WORDS: Record<ChannelKind, string> = {
  console: "Headrace alone",
  slack: "Slack",
  email: "E-mail",
  pagerduty: "PagerDuty",
  opsgenie: "Opsgenie",
  teams: "Teams",
  webhook: "Webhook",
}

export const SEVERITY_LOOK: Record<Severity, { glyph: StateGlyph; label: string }> = {
  critical: { glyph: "failed", label: "Critical" },
  warning: { glyph: "at_risk", label: "Warning" },
  info: { glyph: "scheduled", label: "Info" },
}

/** What a rule asks for, in a sentence without its end. */
export function conditionWords(condition: AlertCondition): string {
  switch (condition.kind) {
    case "pipeline_failure": {
      const kinds = condition.errorKinds.length > 0 ? ` by ${condition.errorKinds.join(", ")} errors` : ""
      return `a run fails${kinds}${condition.withBackfills ? "" : ", backfills aside"}`
    }
    case "freshness_breach":
      return `freshness reaches ${condition.level}`
    case "quality_below":
      return `the ${condition.dimension} score is below ${condition.below}`
    case "check_failure":
      return condition.level === "error" ? "a check of severity error fails" : "a check fails"
    case "anomaly":
      return `${condition.metrics.length > 0 ? condition.metrics.join(" or ") : "any measurement"} leaves its band`
    case "duration_anomaly":
      return condition.method === "mean"
        ? `a run takes more than ${condition.factor} times the mean of ${condition.days} days`
        : `a run takes ${condition.factor} deviations more than the median of ${condition.days} days`
    case "deadline_missed":
      return "a deadline is missed"
    case "queue_backlog":
      return `${condition.tasks} tasks wait for a worker, or one for ${lengthWords(condition.waitSeconds)}`
    case "worker_lost":
      return "a worker is not heard of any more"
    case "metric": {
      const column = condition.column ? ` of ${condition.column}` : ""
      return `${condition.metric}${column} ${condition.operator} ${condition.value}`
    }
  }
}

/** Whom something concerns. */
export function matchWords(
  match: Partial<Record<"pipelines" | "datasets" | "owners" | "tags" | "kinds" | "severities", readonly string[]>>,
): string {
  const words = [
    ...(match.severities ?? []),
    ...(match.kinds ?? []).map((kind) => KIND_WORDS[kind as AlertKind].toLowerCase()),
    ...(match.pipelines ?? []),
    ...(match.datasets ?? []),
    ...(match.owners ?? []).map((owner) => `of ${owner}`),
    ...(match.tags ?? []).map((tag) => `tag ${tag}`),
  ]
  return words.length > 0 ? words.join(", ") : "everything"
}

export function originWords(rule: Pick<AlertRuleView, "origin" | "file" | "line">): string {
  if (rule.origin === "builtin") return "built in"
  return rule.origin === "workspace" ? `${rule.file}${rule.line === null ? "" : `:${rule.line}`}` : "console"
}

export function channelLook(channel: AlertChannelView): { glyph: StateGlyph; label: string } {
  if (!channel.isActive) return { glyph: "cancelled", label: "Off" }
  return channel.failingSince ? { glyph: "at_risk", label: "Failing" } : { glyph: "success", label: "On" }
}

export function deliveryLook(delivery: AlertDeliveryView): { glyph: StateGlyph; label: string } {
  switch (delivery.state) {
    case "sent":
      return { glyph: "success", label: "Told" }
    case "failed":
      return { glyph: "failed", label: "Given up" }
    case "dropped":
      return { glyph: "skipped", label: "Not needed" }
    case "pending":
      if (delivery.tries > 0) return { glyph: "up_for_retry", label: "Trying again" }
      return delivery.note ? { glyph: "deferred", label: "Held" } : { glyph: "queued", label: "Waiting" }
  }
}

/** `escalated-1` is the first step of an escalation. */
export function turnWords(turn: string): string {
  const [, step] = /^escalated-(\d+)$/.exec(turn) ?? []
  if (step) return `Escalation ${step}`
  const words: Record<string, string> = {
    opened: "Opened",
    reopened: "Came back",
    acknowledged: "Acknowledged",
    resolved: "Back to normal",
    woken: "Still open",
    test: "Test",
  }
  return words[turn] ?? turn
}

export function maintenanceLook(window: MaintenanceView, now: Date): { glyph: StateGlyph; label: string } {
  if (new Date(window.endsAt) <= now) return { glyph: "success", label: "Over" }
  return new Date(window.startsAt) <= now
    ? { glyph: "deferred", label: "Silent now" }
    : { glyph: "scheduled", label: "To come" }
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

export function hoursWords(hours: AlertHours | null): string {
  if (hours === null) return "at all hours"
  const days = [...hours.days].sort((one, other) => one - other)
  const isRange = days.length > 2 && days.at(-1)! - days[0]! === days.length - 1
  const names = isRange
    ? `${DAYS[days[0]! - 1]}–${DAYS[days.at(-1)! - 1]}`
    : days.map((day) => DAYS[day - 1]).join(", ")
  return `${names} ${hours.from}–${hours.to} ${hours.timezone}`
}

/** `10 min`, `2 h`, `90 s`. */
export function lengthWords(seconds: number): string {
  if (seconds === 0) return "at once"
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

/** Names out of a text field, separated by commas; owners have spaces. */
export function namesOf(text: string): string[] {
  return [...new Set(text.split(",").flatMap((name) => name.trim() || []))]
}

/** An id for a name: `Finance is late` becomes `finance-is-late`. */
export function idOf(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80)
}
