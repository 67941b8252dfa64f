import type { Command } from "commander"
import {
  type AlertDeliveryView,
  alertChannelSchema,
  alertDeliverySchema,
  alertRouteSchema,
  alertRuleSchema,
  maintenanceSchema,
} from "#lib/contracts/api/alerts.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import { removedSchema } from "#lib/contracts/api/webhooks.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { instantOption } from "../instant-option.ts"
import { instantText, plain, table } from "../output.ts"

const collect = (value: string, values: string[]) => [...values, value]

/** alerts rules, enable, disable, channels, test, deliveries, routes, route, unroute, silence, silences, unsilence. */
export function addAlertCommands(program: Command, signal: AbortSignal): void {
  const alerts = program.command("alerts").description("what makes incidents, and who is told of them")

  alerts
    .command("rules", { isDefault: true })
    .description("list alert rules")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/alerts/rules", pageOf(alertRuleSchema))
      output.result(page, () =>
        table(
          ["RULE", "KIND", "SEVERITY", "FROM", "OPEN", "STATE", "NAME"],
          page.items.map((rule) => [
            rule.id,
            rule.kind,
            rule.severity,
            rule.origin === "workspace" ? `${rule.file}:${rule.line ?? 1}` : rule.origin,
            String(rule.open),
            rule.isActive ? "on" : "off",
            rule.name,
          ]),
          "No rules.",
        ),
      )
    })

  for (const [name, isActive] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    alerts
      .command(`${name} <rule>`)
      .description(isActive ? "switch a rule on" : "switch a rule off; what it opened stays")
      .action(async (id: string, _options: object, command: Command) => {
        const { client, output } = contextOf(command, signal)
        const rule = await client.patch(`/alerts/rules/${encodeURIComponent(id)}`, alertRuleSchema, { isActive })
        output.result(rule, () => `Rule ${rule.id} is ${rule.isActive ? "on" : "off"}.`)
      })
  }

  alerts
    .command("channels")
    .description("list alert channels")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/alerts/channels", pageOf(alertChannelSchema))
      output.result(page, () =>
        table(
          ["CHANNEL", "KIND", "VARIABLE", "ROUTES", "WAITING", "STATE"],
          page.items.map((channel) => [
            channel.id,
            channel.kind,
            `HEADRACE_NOTIFY_${channel.variable.toUpperCase()}`,
            channel.routes.join(", ") || "–",
            String(channel.waiting),
            channel.isActive ? (channel.failingSince ? `failing: ${channel.lastError ?? ""}` : "on") : "off",
          ]),
          "No channels; set HEADRACE_NOTIFY_<NAME> for the workers.",
        ),
      )
    })

  alerts
    .command("test <channel>")
    .description("send a channel a message that says that nothing is wrong")
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const delivery = await client.post(`/alerts/channels/${encodeURIComponent(id)}/test`, alertDeliverySchema)
      output.result(
        delivery,
        () => `A test is on its way to ${plain(delivery.channelId)}; see headrace alerts deliveries.`,
      )
    })

  alerts
    .command("deliveries [channel]")
    .description("what was and is told of incidents, newest first")
    .option("--state <states>", "pending, sent, failed, dropped; separated by commas")
    .option("--limit <number>", "at most so many", "50")
    .action(async (channelId: string | undefined, options: { state?: string; limit: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/alerts/deliveries", pageOf(alertDeliverySchema), { channelId, ...options })
      output.result(page, () =>
        table(
          ["ID", "CHANNEL", "TURN", "INCIDENT", "AT", "TRIES", "STATE"],
          page.items.map(deliveryRow),
          "Nobody was told anything yet.",
        ),
      )
    })

  alerts
    .command("routes")
    .description("list alert routes in the order in which they are asked")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/alerts/routes", pageOf(alertRouteSchema))
      output.result(page, () =>
        table(
          ["ID", "POSITION", "NAME", "OF", "CHANNELS", "ESCALATES", "STATE"],
          page.items.map((route) => [
            route.id,
            String(route.position),
            route.name,
            Object.values(route.match).flat().join(" ") || "all",
            route.channels.join(" "),
            route.escalation.map((step) => `${step.afterMinutes}m ${step.channels.join("+")}`).join(" ") || "–",
            route.isActive ? "on" : "off",
          ]),
          "No routes: nobody is told of incidents.",
        ),
      )
    })

  alerts
    .command("route <name> <channels...>")
    .description("add a route: whom to tell of which incidents")
    .option("--severity <severity>", "only of this severity; may be given again", collect, [])
    .option("--kind <kind>", "only of this kind", collect, [])
    .option("--pipeline <id>", "only of pipelines so named (* is allowed)", collect, [])
    .option("--dataset <id>", "only of datasets so named", collect, [])
    .option("--owner <owner>", "only of what belongs to this owner", collect, [])
    .option("--tag <tag>", "only of what has this tag", collect, [])
    .option("--position <number>", "smaller ones are asked first", "100")
    .option("--continue", "ask the routes after it too")
    .action(async (name: string, channels: string[], options: RouteOptions, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const route = await client.post("/alerts/routes", alertRouteSchema, {
        name,
        channels,
        position: Number(options.position),
        continues: options.continue === true,
        match: { ...matchOf(options), severities: options.severity, kinds: options.kind },
      })
      output.result(route, () => `Route ${route.id} tells ${route.channels.map(plain).join(", ")}.`)
    })

  alerts
    .command("unroute <route>")
    .description("remove a route")
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const removed = await client.delete(`/alerts/routes/${encodeURIComponent(id)}`, removedSchema)
      output.result(removed, () => `Route ${removed.id} is removed.`)
    })

  alerts
    .command("silence <time>")
    .description("maintenance for 2h, 30m … or until an instant: incidents are recorded, nobody is told")
    .requiredOption("--reason <text>", "why")
    .option("--from <instant>", "when it begins (default: now)")
    .option("--pipeline <id>", "of pipelines so named (* is allowed); may be given again", collect, [])
    .option("--dataset <id>", "of datasets so named", collect, [])
    .option("--owner <owner>", "of what belongs to this owner", collect, [])
    .option("--tag <tag>", "of what has this tag", collect, [])
    .action(async (time: string, options: SilenceOptions, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const startsAt = instantOption("--from", options.from) ?? new Date().toISOString()
      const window = await client.post("/alerts/maintenance", maintenanceSchema, {
        reason: options.reason,
        match: matchOf(options),
        startsAt,
        endsAt: endOf(time, startsAt),
      })
      output.result(window, () => `Silence ${window.id} lasts until ${instantText(window.endsAt)}.`)
    })

  alerts
    .command("silences")
    .description("list maintenance windows")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/alerts/maintenance", pageOf(maintenanceSchema))
      output.result(page, () =>
        table(
          ["ID", "FROM", "TO", "OF", "BY", "REASON"],
          page.items.map((window) => [
            window.id,
            instantText(window.startsAt),
            instantText(window.endsAt),
            Object.values(window.match).flat().join(" ") || "all",
            window.createdBy,
            window.reason,
          ]),
          "No maintenance.",
        ),
      )
    })

  alerts
    .command("unsilence <silence>")
    .description("end a maintenance window")
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const removed = await client.delete(`/alerts/maintenance/${encodeURIComponent(id)}`, removedSchema)
      output.result(removed, () => `Silence ${removed.id} is over.`)
    })

  for (const command of alerts.commands) command.exitOverride().configureHelp({ showGlobalOptions: true })
}

interface MatchOptions {
  pipeline: string[]
  dataset: string[]
  owner: string[]
  tag: string[]
}
interface RouteOptions extends MatchOptions {
  severity: string[]
  kind: string[]
  position: string
  continue?: boolean
}
interface SilenceOptions extends MatchOptions {
  reason: string
  from?: string
}

function matchOf({ pipeline, dataset, owner, tag }: MatchOptions) {
  return { pipelines: pipeline, datasets: dataset, owners: owner, tags: tag }
}

/** @throws CliError `usage` for what is neither a length of time nor an instant. */
function endOf(text: string, startsAt: string): string {
  const length = parseDuration(text)
  if (length !== null) return new Date(new Date(startsAt).getTime() + length).toISOString()
  const end = instantOption("the time", text)
  if (end === undefined) throw new CliError("Say for how long.", EXIT.usage)
  return end
}

function deliveryRow(delivery: AlertDeliveryView): string[] {
  const next = delivery.nextTryAt ? `, next ${instantText(delivery.nextTryAt)}` : ""
  return [
    delivery.id,
    delivery.channelId,
    delivery.turn,
    delivery.incidentId ?? "–",
    instantText(delivery.createdAt),
    String(delivery.tries),
    `${delivery.state}${next}${delivery.note ? ` (${delivery.note})` : ""}`,
  ]
}
