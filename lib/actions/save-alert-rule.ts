import type { ChangedAlertRule, NewAlertRule } from "../contracts/alerts/alert-rule.ts"
import { AppError } from "../domain/errors.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"

/** Makes a rule; it looks at what happens from now on. @throws AppError `alert.invalid` where the id is taken. */
export async function createAlertRule(store: Store, rule: NewAlertRule, actor: string): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { rowCount } = await transaction.query(
      `insert into alert_rule (id, name, kind, condition, for_seconds, clear_seconds, severity, match, runbook, labels,
                               is_active, origin, updated_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'console', $12)
       on conflict (id) do nothing`,
      [
        rule.id,
        rule.name,
        rule.condition.kind,
        JSON.stringify(rule.condition),
        rule.forSeconds,
        rule.clearSeconds,
        rule.severity,
        JSON.stringify(rule.match),
        rule.runbook,
        JSON.stringify(rule.labels),
        rule.isActive,
        actor,
      ],
    )
    if (rowCount === 0) throw new AppError("alert.invalid", `There is a rule ${rule.id} already; take another id.`)
    await recordEvent(transaction, { type: "alert_rule.created", actor, data: { ruleId: rule.id } })
  })
}

/**
 * Changes a rule, or switches it off and on. What it opened stays until it is over or somebody resolves it.
 *
 * @throws AppError `alert.not_found`; `alert.invalid` for a rule of the workspace, or for another kind of condition.
 */
export async function updateAlertRule(
  store: Store,
  id: string,
  changes: ChangedAlertRule,
  actor: string,
): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { kind } = await requireOwnRule(transaction, id)
    if (changes.condition && changes.condition.kind !== kind) {
      throw new AppError("alert.invalid", `Rule ${id} is of the kind ${kind}; make another one for another kind.`)
    }
    await transaction.query(
      `update alert_rule
       set name = coalesce($2, name), condition = coalesce($3, condition), for_seconds = coalesce($4, for_seconds),
           clear_seconds = coalesce($5, clear_seconds), severity = coalesce($6, severity), match = coalesce($7, match),
           runbook = case when $8 then $9 else runbook end, labels = coalesce($10, labels),
           is_active = coalesce($11, is_active), updated_by = $12, updated_at = now()
       where id = $1`,
      [
        id,
        changes.name ?? null,
        changes.condition ? JSON.stringify(changes.condition) : null,
        changes.forSeconds ?? null,
        changes.clearSeconds ?? null,
        changes.severity ?? null,
        changes.match ? JSON.stringify(changes.match) : null,
        changes.runbook !== undefined,
        changes.runbook ?? null,
        changes.labels ? JSON.stringify(changes.labels) : null,
        changes.isActive ?? null,
        actor,
      ],
    )
    await recordEvent(transaction, {
      type: "alert_rule.changed",
      actor,
      data: { ruleId: id, changed: Object.keys(changes) },
    })
  })
}

/** Removes a rule that was made in the console. @throws AppError `alert.not_found`, `alert.invalid`. */
export async function removeAlertRule(store: Store, id: string, actor: string): Promise<void> {
  await inTransaction(store.pool, async (transaction) => {
    const { origin } = await requireOwnRule(transaction, id)
    if (origin === "builtin") {
      throw new AppError("alert.invalid", `Rule ${id} is built in; switch it off instead.`)
    }
    await transaction.query("delete from alert_rule where id = $1", [id])
    await recordEvent(transaction, { type: "alert_rule.removed", actor, data: { ruleId: id } })
  })
}

async function requireOwnRule(transaction: Transaction, id: string): Promise<{ kind: string; origin: string }> {
  const { rows } = await transaction.query<{ kind: string; origin: string; file: string | null }>(
    "select kind, origin, file from alert_rule where id = $1 for update",
    [id],
  )
  const [rule] = rows
  if (!rule) throw new AppError("alert.not_found", `There is no alert rule ${id}.`)
  if (rule.origin === "workspace") {
    throw new AppError("alert.invalid", `Rule ${id} stands in ${rule.file} of the workspace; change it there.`)
  }
  return rule
}
