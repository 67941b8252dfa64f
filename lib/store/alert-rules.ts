import type { LoadedAlertRule } from "../contracts/alerts/alert-rule.ts"
import type { AlertRule } from "../domain/alert-rule.ts"
import type { Queryable, Transaction } from "./transaction.ts"

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

/**
 * Makes the workspace's rules the current ones: those that are gone go, but for those of broken files, which stay as they
 * were. A rule of the console with the same id becomes the workspace's.
 */
export async function saveAlertRules(
  transaction: Transaction,
  rules: readonly LoadedAlertRule[],
  brokenFiles: readonly string[],
): Promise<void> {
  await transaction.query(
    `with wanted as materialized (
       select * from jsonb_to_recordset($1::jsonb)
         as w (id text, name text, condition jsonb, "forSeconds" int, "clearSeconds" int, severity text, match jsonb,
               runbook text, labels jsonb, "isActive" boolean, file text, line int)
     ), removed as (
       delete from alert_rule r
       where r.origin = 'workspace' and r.file <> all ($2::text[])
         and not exists (select from wanted w where w.id = r.id)
     )
     insert into alert_rule as r (id, name, kind, condition, for_seconds, clear_seconds, severity, match, runbook, labels,
                                  is_active, origin, file, line)
     select w.id, w.name, w.condition ->> 'kind', w.condition, w."forSeconds", w."clearSeconds", w.severity, w.match,
            w.runbook, w.labels, w."isActive", 'workspace', w.file, w.line
     from wanted w
     on conflict (id) do update
       set name = excluded.name, kind = excluded.kind, condition = excluded.condition,
           for_seconds = excluded.for_seconds, clear_seconds = excluded.clear_seconds, severity = excluded.severity,
           match = excluded.match, runbook = excluded.runbook, labels = excluded.labels,
           is_active = excluded.is_active, origin = 'workspace', file = excluded.file, line = excluded.line,
           updated_by = null, updated_at = now()
       where r.origin <> 'builtin'
         and (r.origin, r.name, r.condition, r.for_seconds, r.clear_seconds, r.severity, r.match, r.labels, r.is_active,
              coalesce(r.runbook, ''), coalesce(r.line, 0))
           is distinct from
             ('workspace', excluded.name, excluded.condition, excluded.for_seconds, excluded.clear_seconds,
              excluded.severity, excluded.match, excluded.labels, excluded.is_active, coalesce(excluded.runbook, ''),
              coalesce(excluded.line, 0))`,
    [JSON.stringify(rules), brokenFiles],
  )
}
