import type { LoadedPolicy } from "../contracts/quality/dataset-policy.ts"
import type { Transaction } from "./transaction.ts"

/**
 * Makes the policies the current ones: those that are gone go, but for those of broken files, which stay as they were.
 * Returns the datasets whose policy changed.
 */
export async function savePolicies(
  transaction: Transaction,
  policies: readonly LoadedPolicy[],
  brokenFiles: readonly string[],
): Promise<string[]> {
  const wanted = JSON.stringify(policies)
  await transaction.query(
    `insert into dataset (id)
     select w."datasetId" from jsonb_to_recordset($1::jsonb) as w ("datasetId" text)
     order by 1
     on conflict (id) do nothing`,
    [wanted],
  )
  const { rows } = await transaction.query<{ id: string }>(
    `with wanted as materialized (
       select * from jsonb_to_recordset($1::jsonb)
         as w ("datasetId" text, file text, line int, hash text, policy jsonb)
     ), removed as (
       delete from dataset_policy p
       where p.file <> all ($2::text[]) and not exists (select 1 from wanted w where w."datasetId" = p.dataset_id)
       returning p.dataset_id
     ), saved as (
       insert into dataset_policy as p (dataset_id, file, line, hash, policy)
       select w."datasetId", w.file, w.line, w.hash, w.policy from wanted w order by 1
       on conflict (dataset_id) do update
         set file = excluded.file, line = excluded.line, hash = excluded.hash, policy = excluded.policy, updated_at = now()
         where (p.file, p.hash) <> (excluded.file, excluded.hash) or p.line is distinct from excluded.line
       returning p.dataset_id
     )
     select dataset_id as id from removed union all select dataset_id from saved`,
    [wanted, brokenFiles],
  )
  return rows.map((row) => row.id)
}
