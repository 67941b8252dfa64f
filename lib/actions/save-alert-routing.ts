import type { z } from "zod"
import type { ChangedAlertRoute, NewAlertRoute } from "../contracts/alerts/alert-route.ts"
import type { changedAlertChannelSchema, newAlertChannelSchema, newMaintenanceSchema } from "../contracts/api/alerts.ts"
import { AppError } from "../domain/errors.ts"
import { wakeAlerts } from "../store/alert-deliveries.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"

/**
 * Makes a channel that speaks what its variable of the environment says.
 * @throws AppError `alert.invalid` where the id is taken or no worker knows the variable.
 */
export async function createAlertChannel(
  store: Store,
  channel: z.output<typeof newAlertChannelSchema>,
  actor: string,
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const known = await transaction.query<{ kind: string }>(
      "select kind from alert_channel where origin = 'environment' and variable = $1",
      [channel.variable],
    )
    if (!known.rows[0]) {
      const name = `HEADRACE_NOTIFY_${channel.variable.toUpperCase()}`
      throw new AppError("alert.invalid", `No worker has ${name}; set it in their environment, then start them anew.`)
    }
    const { rowCount } = await transaction.query(
      `insert into alert_channel (id, kind, variable, description, settings, max_per_hour, created_by)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (id) do nothing`,
      [
        channel.id,
        known.rows[0].kind,
        channel.variable,
        channel.description,
        JSON.stringify(channel.settings),
        channel.maxPerHour,
        actor,
      ],
    )
    if (rowCount === 0) throw new AppError("alert.invalid", `There is a channel ${channel.id} already.`)
    await recordEvent(transaction, { type: "alert_channel.created", actor, data: { channelId: channel.id } })
  })
}

/** Changes a channel, or switches it off and on: what waits for it is sent then. @throws AppError `alert.not_found`. */
export async function updateAlertChannel(
  store: Store,
  id: string,
  changes: z.output<typeof changedAlertChannelSchema>,
  actor: string,
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { rowCount } = await transaction.query(
      `update alert_channel
       set description = coalesce($2, description), settings = coalesce($3, settings),
           max_per_hour = case when $4 then $5 else max_per_hour end, is_active = coalesce($6, is_active),
           failing_since = case when $6 then null else failing_since end
       where id = $1`,
      [
        id,
        changes.description ?? null,
        changes.settings ? JSON.stringify(changes.settings) : null,
        changes.maxPerHour !== undefined,
        changes.maxPerHour ?? null,
        changes.isActive ?? null,
      ],
    )
    if (rowCount === 0) throw missing("channel", id)
    if (changes.isActive) await wakeAlerts(transaction)
    await recordEvent(transaction, {
      type: "alert_channel.changed",
      actor,
      data: { channelId: id, changed: Object.keys(changes) },
    })
  })
}

/** Removes a channel with the list of what it was told. @throws AppError `alert.not_found`, `alert.invalid`. */
export async function removeAlertChannel(store: Store, id: string, actor: string): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { rows } = await transaction.query<{ origin: string; variable: string }>(
      "select origin, variable from alert_channel where id = $1 for update",
      [id],
    )
    if (!rows[0]) throw missing("channel", id)
    if (rows[0].origin === "environment") {
      throw new AppError("alert.invalid", `Channel ${id} comes from the environment; switch it off instead.`)
    }
    await transaction.query("delete from alert_channel where id = $1", [id])
    await recordEvent(transaction, { type: "alert_channel.removed", actor, data: { channelId: id } })
  })
}

/**
 * Sends a channel a message that says that nothing is wrong. Gives the delivery's id.
 * @throws AppError `alert.not_found`; `alert.invalid` while it is switched off.
 */
export async function testAlertChannel(store: Store, id: string, actor: string): Promise<string> {
  return inTransaction(store.pool, async (transaction) => {
    const { rows } = await transaction.query<{ isActive: boolean }>(
      `select is_active as "isActive" from alert_channel where id = $1`,
      [id],
    )
    if (!rows[0]) throw missing("channel", id)
    if (!rows[0].isActive) {
      throw new AppError("alert.invalid", `Channel ${id} is switched off; switch it on, then test it.`)
    }
    const made = await transaction.query<{ id: string }>(
      "insert into alert_delivery (channel_id, turn, actor) values ($1, 'test', $2) returning id",
      [id, actor],
    )
    await wakeAlerts(transaction)
    return made.rows[0]!.id
  })
}

/** Makes a route; incidents that turn from now on are told by it. Gives its id. @throws AppError `alert.invalid`. */
export async function createAlertRoute(store: Store, route: NewAlertRoute, actor: string): Promise<string> {
  return inTransaction(store.pool, async (transaction) => {
    await requireChannels(transaction, route)
    const { rows } = await transaction.query<{ id: string }>(
      `insert into alert_route (position, name, match, hours, channels, group_wait_seconds, group_interval_seconds,
                                escalation, continues, is_active, updated_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       returning id`,
      [
        route.position,
        route.name,
        JSON.stringify(route.match),
        route.hours && JSON.stringify(route.hours),
        route.channels,
        route.groupWaitSeconds,
        route.groupIntervalSeconds,
        JSON.stringify(route.escalation),
        route.continues,
        route.isActive,
        actor,
      ],
    )
    await recordEvent(transaction, { type: "alert_route.created", actor, data: { routeId: rows[0]!.id } })
    return rows[0]!.id
  })
}

/** Changes a route, or switches it off and on. @throws AppError `alert.not_found`, `alert.invalid`. */
export async function updateAlertRoute(
  store: Store,
  id: string,
  changes: ChangedAlertRoute,
  actor: string,
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    await requireChannels(transaction, changes)
    const { rowCount } = await transaction.query(
      `update alert_route
       set position = coalesce($2, position), name = coalesce($3, name), match = coalesce($4, match),
           hours = case when $5 then $6::jsonb else hours end, channels = coalesce($7, channels),
           group_wait_seconds = coalesce($8, group_wait_seconds),
           group_interval_seconds = coalesce($9, group_interval_seconds), escalation = coalesce($10, escalation),
           continues = coalesce($11, continues), is_active = coalesce($12, is_active), updated_by = $13, updated_at = now()
       where id = $1`,
      [
        id,
        changes.position ?? null,
        changes.name ?? null,
        changes.match ? JSON.stringify(changes.match) : null,
        changes.hours !== undefined,
        changes.hours ? JSON.stringify(changes.hours) : null,
        changes.channels ?? null,
        changes.groupWaitSeconds ?? null,
        changes.groupIntervalSeconds ?? null,
        changes.escalation ? JSON.stringify(changes.escalation) : null,
        changes.continues ?? null,
        changes.isActive ?? null,
        actor,
      ],
    )
    if (rowCount === 0) throw missing("route", id)
    await recordEvent(transaction, {
      type: "alert_route.changed",
      actor,
      data: { routeId: id, changed: Object.keys(changes) },
    })
  })
}

/** @throws AppError `alert.not_found`. */
export async function removeAlertRoute(store: Store, id: string, actor: string): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { rowCount } = await transaction.query("delete from alert_route where id = $1", [id])
    if (rowCount === 0) throw missing("route", id)
    await recordEvent(transaction, { type: "alert_route.removed", actor, data: { routeId: id } })
  })
}

/** Makes a maintenance window. Gives its id. */
export async function createMaintenance(
  store: Store,
  window: z.output<typeof newMaintenanceSchema>,
  actor: string,
): Promise<string> {
  return inTransaction(store.pool, async (transaction) => {
    const { rows } = await transaction.query<{ id: string }>(
      `insert into maintenance_window (reason, match, starts_at, ends_at, created_by)
       values ($1, $2, $3, $4, $5)
       returning id`,
      [window.reason, JSON.stringify(window.match), window.startsAt, window.endsAt, actor],
    )
    await recordEvent(transaction, { type: "maintenance.created", actor, data: { windowId: rows[0]!.id } })
    return rows[0]!.id
  })
}

/** Removes a window: what it held back and still matters is told now. @throws AppError `alert.not_found`. */
export async function removeMaintenance(store: Store, id: string, actor: string): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { rowCount } = await transaction.query("delete from maintenance_window where id = $1", [id])
    if (rowCount === 0) throw missing("maintenance window", id)
    // What another window holds is held again when it is taken.
    await transaction.query(
      "update alert_delivery set next_try_at = now() where state = 'pending' and note = 'held: maintenance'",
    )
    await wakeAlerts(transaction)
    await recordEvent(transaction, { type: "maintenance.removed", actor, data: { windowId: id } })
  })
}

async function requireChannels(
  transaction: Transaction,
  route: Pick<ChangedAlertRoute, "channels" | "escalation">,
): Promise<void> {
  const named = [...(route.channels ?? []), ...(route.escalation ?? []).flatMap(({ channels }) => channels)]
  const { rows } = await transaction.query<{ id: string }>(
    "select id from unnest($1::text[]) id where id not in (select c.id from alert_channel c) limit 1",
    [named],
  )
  if (rows[0]) throw new AppError("alert.invalid", `There is no channel ${rows[0].id}; add it first.`)
}

function missing(what: string, id: string): AppError {
  return new AppError("alert.not_found", `There is no ${what} ${id}.`)
}
