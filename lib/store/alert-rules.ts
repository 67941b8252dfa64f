import type { AlertRule } from "../domain/alert-rule.ts"
import type { Queryable } from "./transaction.ts"

/** The rules that are switched on, in the order of their ids. There are few. */
export async function readActiveRules(queryable: Queryable): Promise<AlertRule[]> {
  const { rows } = await queryable.query<AlertRule>(
    `select id, name, condition, for_seconds as "forSeconds", clear_seconds as "clearSeconds", severity,
            '{"pipelines":[],"datasets":[],"owners":[],"tags":[]}'::jsonb || match as match, runbook, labels
     from alert_rule
     where is_active
     order by id
     limit 1000`,
  )
  return rows
}
