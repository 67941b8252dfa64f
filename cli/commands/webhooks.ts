import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import {
  createdWebhookSchema,
  removedSchema,
  type WebhookDeliveryView,
  webhookDeliverySchema,
  webhookSchema,
} from "#lib/contracts/api/webhooks.ts"
import { contextOf } from "../context.ts"
import { durationText, instantText, stateText, table } from "../output.ts"

/** webhooks list, add, remove, enable, disable, test, deliveries, redeliver. */
export function addWebhookCommands(program: Command, signal: AbortSignal): void {
  const webhooks = program.command("webhooks").description("send events of runs and tasks to other systems")

  webhooks
    .command("list", { isDefault: true })
    .description("list webhooks")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/webhooks", pageOf(webhookSchema))
      output.result(page, () => {
        const rows = page.items.map((webhook) => [
          webhook.id,
          webhook.url,
          webhook.events.join(" "),
          [...webhook.pipelines, ...webhook.tags.map((tag) => `tag:${tag}`)].join(" ") || "all",
          String(webhook.counts.pending),
          String(webhook.counts.dead),
          webhook.isActive
            ? webhook.failingSince
              ? `failing since ${instantText(webhook.failingSince)}`
              : "on"
            : "off",
        ])
        return table(["ID", "URL", "EVENTS", "PIPELINES", "WAITING", "GIVEN UP", "STATE"], rows, "No webhooks yet.")
      })
    })

  webhooks
    .command("add <url>")
    .description("add a webhook; prints the secret that its messages are signed with, this once")
    .option("-e, --event <pattern...>", "run.failed, run.*, task_run.failed, * …", ["run.*"])
    .option("--pipeline <id...>", "only events of these pipelines", [])
    .option("--tag <tag...>", "only events of pipelines with one of these tags", [])
    .option("--description <text>", "what it is for", "")
    .option("--secret <secret>", "whsec_… of your own (default: a new one)")
    .action(async (url: string, options: AddOptions, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const made = await client.post("/webhooks", createdWebhookSchema, {
        url,
        events: options.event,
        pipelines: options.pipeline,
        tags: options.tag,
        description: options.description,
        ...(options.secret === undefined ? {} : { secret: options.secret }),
      })
      output.result(
        made,
        () =>
          `Webhook ${made.id} is on. Its messages are signed with this secret, which is not shown again:\n${made.secret}`,
      )
    })

  webhooks
    .command("remove <webhook>")
    .description("remove a webhook and the list of its deliveries")
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const removed = await client.delete(`/webhooks/${encodeURIComponent(id)}`, removedSchema)
      output.result(removed, () => `Webhook ${removed.id} is removed.`)
    })

  for (const [name, isActive] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    webhooks
      .command(`${name} <webhook>`)
      .description(isActive ? "switch it on, and send what waits for it" : "switch it off; what is sent stays listed")
      .action(async (id: string, _options: object, command: Command) => {
        const { client, output } = contextOf(command, signal)
        const webhook = await client.patch(`/webhooks/${encodeURIComponent(id)}`, webhookSchema, { isActive })
        output.result(webhook, () => `Webhook ${webhook.id} is ${webhook.isActive ? "on" : "off"}.`)
      })
  }

  webhooks
    .command("test <webhook>")
    .description("send a webhook.test message")
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const delivery = await client.post(`/webhooks/${encodeURIComponent(id)}/test`, webhookDeliverySchema)
      output.result(delivery, () => `Delivery ${delivery.id} is on its way; see headrace webhooks deliveries ${id}.`)
    })

  webhooks
    .command("deliveries <webhook>")
    .description("what was and is sent to a webhook, newest first")
    .option("--state <states>", "pending, delivered, dead; separated by commas")
    .option("--limit <count>", "how many", "50")
    .action(async (id: string, options: { state?: string; limit: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const path = `/webhooks/${encodeURIComponent(id)}/deliveries`
      const page = await client.get(path, pageOf(webhookDeliverySchema), { state: options.state, limit: options.limit })
      output.result(page, () =>
        table(
          ["ID", "EVENT", "RUN", "AT", "TRIES", "ANSWER", "TOOK", "STATE"],
          page.items.map(rowOf),
          "Nothing was sent yet.",
        ),
      )
    })

  webhooks
    .command("redeliver <delivery>")
    .description("send a message once more, under its first id")
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const path = `/webhook-deliveries/${encodeURIComponent(id)}/redeliver`
      const delivery = await client.post(path, webhookDeliverySchema)
      output.result(delivery, () => `Delivery ${delivery.id} is on its way again.`)
    })

  for (const command of webhooks.commands) command.exitOverride().configureHelp({ showGlobalOptions: true })
}

interface AddOptions {
  event: string[]
  pipeline: string[]
  tag: string[]
  description: string
  secret?: string
}

function rowOf(delivery: WebhookDeliveryView): string[] {
  const next = delivery.state === "pending" ? `pending, next ${instantText(delivery.nextTryAt)}` : delivery.state
  return [
    delivery.id,
    delivery.type,
    delivery.runId ?? "–",
    instantText(delivery.at),
    String(delivery.tries),
    delivery.status === null ? (delivery.error ?? "–") : String(delivery.status),
    durationText(delivery.durationMs),
    stateText(next),
  ]
}
