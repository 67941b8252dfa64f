import { createWebhook, removeWebhook, updateWebhook } from "#lib/actions/save-webhook.ts"
import { redeliver, testWebhook } from "#lib/actions/send-again.ts"
import { makeSecret } from "#lib/connectors/webhook/sign-message.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import {
  createWebhookSchema,
  deliveryListQuerySchema,
  removedSchema,
  updateWebhookSchema,
} from "#lib/contracts/api/webhooks.ts"
import { listDeliveries, listWebhooks, readDelivery, readWebhook } from "#lib/store/read/webhooks.ts"
import type { Api } from "../api.ts"
import { CreatedWebhook, idParams, Webhook, WebhookDelivery } from "../schemas.ts"

const tag = "Webhooks"

/** Endpoints that are told of events, and what was sent to them. */
export function webhookRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/webhooks",
      permission: "webhooks.read",
      tag,
      summary: "Webhooks, oldest first",
      answer: pageOf(Webhook),
    },
    ({ store }) => listWebhooks(store.pool),
  )

  api.json(
    {
      method: "post",
      path: "/webhooks",
      permission: "webhooks.manage",
      tag,
      summary: "Add a webhook",
      description: "The answer is the only one that carries the secret with which messages are signed.",
      body: createWebhookSchema,
      answer: CreatedWebhook,
      creates: () => true,
    },
    async ({ store, body, actor }) => {
      const secret = body.secret ?? makeSecret()
      const id = await createWebhook(store, { ...body, secret, actor: actor.name })
      return { ...(await readWebhook(store.pool, id)), secret }
    },
  )

  api.json(
    {
      method: "get",
      path: "/webhooks/{id}",
      permission: "webhooks.read",
      tag,
      summary: "One webhook",
      params: idParams,
      answer: Webhook,
    },
    ({ store, params }) => readWebhook(store.pool, params.id),
  )

  api.json(
    {
      method: "patch",
      path: "/webhooks/{id}",
      permission: "webhooks.manage",
      tag,
      summary: "Change a webhook, or switch it off and on",
      description: "Switching it on sends at once what waits for it.",
      params: idParams,
      body: updateWebhookSchema,
      answer: Webhook,
    },
    async ({ store, params, body, actor }) => {
      await updateWebhook(store, { id: params.id, changes: body, actor: actor.name })
      return readWebhook(store.pool, params.id)
    },
  )

  api.json(
    {
      method: "delete",
      path: "/webhooks/{id}",
      permission: "webhooks.manage",
      tag,
      summary: "Remove a webhook and the list of its deliveries",
      params: idParams,
      answer: removedSchema,
    },
    async ({ store, params, actor }) => {
      await removeWebhook(store, { id: params.id, actor: actor.name })
      return { id: params.id }
    },
  )

  api.json(
    {
      method: "post",
      path: "/webhooks/{id}/test",
      permission: "webhooks.manage",
      tag,
      summary: "Send a webhook.test message",
      params: idParams,
      answer: WebhookDelivery,
    },
    async ({ store, params, actor }) => {
      const id = await testWebhook(store, { id: params.id, actor: actor.name })
      return readDelivery(store.pool, id)
    },
  )

  api.json(
    {
      method: "get",
      path: "/webhooks/{id}/deliveries",
      permission: "webhooks.read",
      tag,
      summary: "What was and is sent to a webhook, newest first",
      params: idParams,
      query: deliveryListQuerySchema,
      answer: pageOf(WebhookDelivery),
    },
    ({ store, params, query }) => listDeliveries(store.pool, { webhookId: params.id, ...query }),
  )

  api.json(
    {
      method: "post",
      path: "/webhook-deliveries/{id}/redeliver",
      permission: "webhooks.manage",
      tag,
      summary: "Send a message once more, under its first id",
      params: idParams,
      answer: WebhookDelivery,
    },
    async ({ store, params }) => {
      await redeliver(store, { deliveryId: params.id })
      return readDelivery(store.pool, params.id)
    },
  )
}
