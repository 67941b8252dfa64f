import type { ConditionState } from "../domain/alert-condition.ts"
import type { AlertKind } from "../domain/alert-rule.ts"
import type { Transaction } from "./transaction.ts"

/** What a condition is about, enough to look again. */
export interface ConditionSubject {
  pipelineId?: string | null
  datasetId?: string | null
  runId?: string | null
  /** A deadline's key, a worker, a metric. */
  name?: string
}

export interface StoredCondition extends ConditionState {
  key: string
  kind: AlertKind
  subject: ConditionSubject
  /** The incident that it follows from. */
  follows: string | null
}

const COLUMNS = `key, kind, subject, holds_since as "holdsSince", cleared_since as "clearedSince",
  is_firing as "isFiring", evidence, follows`

export async function readCondition(transaction: Transaction, key: string): Promise<StoredCondition | null> {
  const { rows } = await transaction.query<StoredCondition>(
    `select ${COLUMNS} from alert_condition where key = $1 for update`,
    [key],
  )
  return rows[0] ?? null
}

/** Conditions that are to be looked at again by now. Relies on alert_condition_due. */
export async function readDueConditions(
  transaction: Transaction,
  now: Date,
  limit: number,
): Promise<StoredCondition[]> {
  const { rows } = await transaction.query<StoredCondition>(
    `select ${COLUMNS} from alert_condition where next_at <= $1 order by next_at limit $2`,
    [now, limit],
  )
  return rows
}

/** Those of a kind; there are as many as subjects in trouble. */
export async function readConditionsOf(transaction: Transaction, kind: AlertKind): Promise<StoredCondition[]> {
  const { rows } = await transaction.query<StoredCondition>(
    `select ${COLUMNS} from alert_condition where kind = $1 order by key limit 1000`,
    [kind],
  )
  return rows
}

export async function writeCondition(
  transaction: Transaction,
  condition: StoredCondition & { nextAt: Date | null },
): Promise<void> {
  await transaction.query(
    `insert into alert_condition
       (key, kind, subject, holds_since, cleared_since, is_firing, evidence, follows, next_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (key) do update
       set subject = excluded.subject, holds_since = excluded.holds_since, cleared_since = excluded.cleared_since,
           is_firing = excluded.is_firing, evidence = excluded.evidence, follows = excluded.follows,
           next_at = excluded.next_at`,
    [
      condition.key,
      condition.kind,
      JSON.stringify(condition.subject),
      condition.holdsSince,
      condition.clearedSince,
      condition.isFiring,
      condition.evidence,
      condition.follows,
      condition.nextAt,
    ],
  )
}

export async function deleteCondition(transaction: Transaction, key: string): Promise<void> {
  await transaction.query("delete from alert_condition where key = $1", [key])
}

/**
 * What followed from incidents that are over stands for itself again: it is looked at anew, and opens an incident of its own
 * if it still holds.
 */
export async function releaseFollowers(
  transaction: Transaction,
  incidentIds: readonly string[],
  now: Date,
): Promise<void> {
  await transaction.query(
    `update alert_condition set is_firing = false, evidence = '', follows = null, next_at = $2
     where follows = any ($1::bigint[])`,
    [incidentIds, now],
  )
}

/** When the next condition is to be looked at; null where none is. */
export async function nextConditionAt(queryable: Pick<Transaction, "query">): Promise<Date | null> {
  const { rows } = await queryable.query<{ at: Date | null }>(
    "select min(next_at) as at from alert_condition where next_at is not null",
  )
  return rows[0]?.at ?? null
}
