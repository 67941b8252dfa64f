import type { UpdateWebhook } from "../contracts/api/webhooks.ts"
import { AppError } from "../domain/errors.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { inTransaction, type Queryable } from "../store/transaction.ts"

export interface NewWebhook {
  url: string
  events: string[]
  pipelines: string[]
  tags: string[]
  description: string
  secret: string
  actor: string
}

/** Makes an endpoint; events from now on are sent to it. Gives its id. */
export async function createWebhook(store: Store, webhook: NewWebhook): Promise<string> {
  return inTransaction(store.pool, async (transaction) => {
    const { rows } = await transaction.query<{ id: string }>(
      `insert into webhook (url, events, pipelines, tags, description, secret, created_by)
       values ($1, $2, $3, $4, $5, $6, $7)
       returning id`,
      [
        webhook.url,
        webhook.events,
        webhook.pipelines,
        webhook.tags,
        webhook.description,
        webhook.secret,
        webhook.actor,
      ],
    )
    const { id } = rows[0]!
    await recordEvent(transaction, { type: "webhook.created", actor: webhook.actor, data: { webhookId: id } })
    return id
  })
}

/**
 * Changes an endpoint. Switching it on again forgets how long it had failed and sends at once what waits for it.
 * @throws AppError `webhook.not_found`; `webhook.invalid` for the one that the environment names.
 */
export async function updateWebhook(
  store: Store,
  request: { id: string; changes: UpdateWebhook; actor: string },
): Promise<void> {
  const { id, changes, actor } = request
  await inTransaction(store.pool, async (transaction) => {
    await requireOwnWebhook(transaction, id)
    await transaction.query(
      `update webhook
       set url = coalesce($2, url), events = coalesce($3, events), pipelines = coalesce($4, pipelines),
           tags = coalesce($5, tags), description = coalesce($6, description), is_active = coalesce($7, is_active),
           disabled_reason = case when coalesce($7, is_active) then null else disabled_reason end,
           failing_since = case when $7 then null else failing_since end
       where id = $1`,
      [
        id,
        changes.url ?? null,
        changes.events ?? null,
        changes.pipelines ?? null,
        changes.tags ?? null,
        changes.description ?? null,
        changes.isActive ?? null,
      ],
    )
    if (changes.isActive) {
      await transaction.query(
        "update webhook_delivery set next_try_at = now() where webhook_id = $1 and state = 'pending'",
        [id],
      )
    }
    await recordEvent(transaction, {
      type: "webhook.changed",
      actor,
      data: { webhookId: id, changed: Object.keys(changes) },
    })
  })
}

/** Removes an endpoint with its deliveries. @throws AppError as {@link updateWebhook}. */
export async function removeWebhook(store: Store, request: { id: string; actor: string }): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    await requireOwnWebhook(transaction, request.id)
    await transaction.query("delete from webhook where id = $1", [request.id])
    await recordEvent(transaction, {
      type: "webhook.removed",
      actor: request.actor,
      data: { webhookId: request.id },
    })
  })
}

async function requireOwnWebhook(queryable: Queryable, id: string): Promise<void> {
  const { rows } = await queryable.query<{ kind: string }>("select kind from webhook where id = $1 for update", [id])
  if (!rows[0]) throw new AppError("webhook.not_found", `There is no webhook ${id}.`)
  if (rows[0].kind !== "webhook") {
    throw new AppError(
      "webhook.invalid",
      "The OpenLineage backend is set by HEADRACE_OPENLINEAGE_URL; change it there and start the workers anew.",
    )
  }
}

/**
 * Keeps the endpoint of the environment's OpenLineage backend: there with a `url`, switched off without. All workers are
 * given the same environment; where they differ, the one that started last decides.
 */
export async function keepLineageEndpoint(
  store: Store,
  backend: { url: string; events: readonly string[] } | null,
): Promise<void> {
  if (!backend) {
    await store.pool.query("update webhook set is_active = false where kind = 'openlineage' and is_active")
    return
  }
  const shown = new URL(backend.url)
  await store.pool.query(
    `insert into webhook (kind, url, events, description, created_by)
     values ('openlineage', $1, $2, 'OpenLineage backend of the environment', 'environment')
     on conflict (kind) where kind = 'openlineage' do update
       set url = excluded.url, events = excluded.events, is_active = true, disabled_reason = null, failing_since = null`,
    [shown.origin + shown.pathname, backend.events],
  )
}
