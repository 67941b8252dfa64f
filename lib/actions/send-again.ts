import { AppError } from "../domain/errors.ts"
import type { Store } from "../store/client.ts"
import { CONTROL_CHANNEL } from "../store/notify.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"

/**
 * Puts a delivery on its way again, whatever became of it, under its first id: a receiver that had it knows it by that.
 * @throws AppError `webhook.not_found`.
 */
export async function redeliver(store: Store, request: { deliveryId: string }): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { rowCount } = await transaction.query(
      `update webhook_delivery
       set state = 'pending', tries = 0, next_try_at = now(), delivered_at = null, error = null
       where id = $1`,
      [request.deliveryId],
    )
    if (rowCount === 0) throw new AppError("webhook.not_found", `There is no delivery ${request.deliveryId}.`)
    await wakeDeliveries(transaction)
  })
}

/**
 * Sends an endpoint a `webhook.test`, past its filters. Gives the delivery's id.
 * @throws AppError `webhook.not_found`; `webhook.invalid` while it is switched off.
 */
export async function testWebhook(store: Store, request: { id: string; actor: string }): Promise<string> {
  return inTransaction(store.pool, async (transaction) => {
    const found = await transaction.query<{ isActive: boolean }>(
      `select is_active as "isActive" from webhook where id = $1 and kind = 'webhook'`,
      [request.id],
    )
    if (!found.rows[0]) throw new AppError("webhook.not_found", `There is no webhook ${request.id} to test.`)
    if (!found.rows[0].isActive) {
      throw new AppError("webhook.invalid", `Webhook ${request.id} is switched off; switch it on, then test it.`)
    }
    const { rows } = await transaction.query<{ id: string }>(
      "insert into webhook_delivery (webhook_id, type, actor) values ($1, 'webhook.test', $2) returning id",
      [request.id, request.actor],
    )
    await wakeDeliveries(transaction)
    return rows[0]!.id
  })
}

async function wakeDeliveries(transaction: Transaction): Promise<void> {
  await transaction.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, JSON.stringify({ type: "webhooks" })])
}
