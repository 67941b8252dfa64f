import type { z } from "zod"
import type { Page } from "../../contracts/api/common.ts"
import type { deliveryListQuerySchema, WebhookDeliveryView, WebhookView } from "../../contracts/api/webhooks.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings } from "./bindings.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

type WebhookRow = Omit<WebhookView, "failingSince" | "lastDeliveredAt" | "createdAt"> & {
  failingSince: Date | null
  lastDeliveredAt: Date | null
  createdAt: Date
}

/** Endpoints, the newest last. There are few; their secrets stay behind. */
export async function listWebhooks(queryable: Queryable): Promise<Page<WebhookView>> {
  return { items: await readWebhooks(queryable, null), nextCursor: null }
}

/** @throws AppError `webhook.not_found`. */
export async function readWebhook(queryable: Queryable, id: string): Promise<WebhookView> {
  const [webhook] = await readWebhooks(queryable, id)
  if (!webhook) throw new AppError("webhook.not_found", `There is no webhook ${id}.`)
  return webhook
}

async function readWebhooks(queryable: Queryable, id: string | null): Promise<WebhookView[]> {
  // The OpenLineage row of an environment that names none any more is of no interest.
  const { rows } = await queryable.query<WebhookRow>(
    `select w.id, w.kind, w.url, w.description, w.events, w.pipelines, w.tags, w.is_active as "isActive",
            w.disabled_reason as "disabledReason", w.failing_since as "failingSince",
            w.last_delivered_at as "lastDeliveredAt", w.created_by as "createdBy", w.created_at as "createdAt",
            jsonb_build_object(
              'pending', (select count(*) from webhook_delivery d where d.webhook_id = w.id and d.state = 'pending'),
              'dead', (select count(*) from webhook_delivery d where d.webhook_id = w.id and d.state = 'dead')
            ) as counts
     from webhook w
     where (w.kind = 'webhook' or w.is_active or w.disabled_reason is not null) and ($1::bigint is null or w.id = $1)
     order by w.id
     limit 1000`,
    [id],
  )
  return rows.map((row) => ({
    ...row,
    failingSince: toInstantOrNull(row.failingSince),
    lastDeliveredAt: toInstantOrNull(row.lastDeliveredAt),
    createdAt: toInstant(row.createdAt),
  }))
}

type DeliveryRow = Omit<WebhookDeliveryView, "at" | "nextTryAt" | "lastTryAt" | "deliveredAt"> & {
  at: Date
  nextTryAt: Date | null
  lastTryAt: Date | null
  deliveredAt: Date | null
}

/** What was and is sent to an endpoint, newest first. @throws AppError `webhook.not_found`. */
export async function listDeliveries(
  queryable: Queryable,
  query: z.output<typeof deliveryListQuerySchema> & { webhookId: string },
): Promise<Page<WebhookDeliveryView>> {
  await readWebhook(queryable, query.webhookId)
  const { bind, values } = new Bindings()
  const conditions = [`webhook_id = ${bind(query.webhookId)}`]
  if (query.cursor) conditions.push(`id < ${bind(decodeCursor(query.cursor, ID_KEY))}`)
  const states = (query.state ?? "").split(",").flatMap((state) => state.trim() || [])
  if (states.length > 0) conditions.push(`state = any (${bind(states)})`)
  const rows = await readDeliveries(
    queryable,
    `${conditions.join(" and ")} order by id desc limit ${bind(query.limit + 1)}`,
    values,
  )
  return toPage(rows, query.limit, toDelivery, (row) => row.id)
}

/** @throws AppError `webhook.not_found`. */
export async function readDelivery(queryable: Queryable, id: string): Promise<WebhookDeliveryView> {
  const [row] = await readDeliveries(queryable, "id = $1", [id])
  if (!row) throw new AppError("webhook.not_found", `There is no delivery ${id}.`)
  return toDelivery(row)
}

async function readDeliveries(queryable: Queryable, rest: string, values: unknown[]): Promise<DeliveryRow[]> {
  const { rows } = await queryable.query<DeliveryRow>(
    `select id, webhook_id as "webhookId", 'msg_' || replace(message_id::text, '-', '') as "messageId", type, at,
            pipeline_id as "pipelineId", run_id as "runId", state, tries, next_try_at as "nextTryAt", status, error,
            duration_ms as "durationMs", last_try_at as "lastTryAt", delivered_at as "deliveredAt"
     from webhook_delivery
     where ${rest}`,
    values,
  )
  return rows
}

function toDelivery(row: DeliveryRow): WebhookDeliveryView {
  return {
    ...row,
    at: toInstant(row.at),
    nextTryAt: toInstantOrNull(row.nextTryAt),
    lastTryAt: toInstantOrNull(row.lastTryAt),
    deliveredAt: toInstantOrNull(row.deliveredAt),
  }
}
