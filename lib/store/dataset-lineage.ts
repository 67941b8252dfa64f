import type { TracedDataset } from "../contracts/dataset-lineage.ts"
import type { RunId } from "../domain/ids.ts"
import type { Transaction } from "./transaction.ts"

/** What a run showed of a dataset's lineage. */
export interface TracedByRun extends TracedDataset {
  runId: RunId
}

/**
 * Stores the lineage of datasets that were written, for the version that their run pins and as what holds now. The
 * datasets are there and locked (`recordMaterializations`). Of two rows for one dataset the later counts.
 */
export async function recordLineage(transaction: Transaction, traced: readonly TracedByRun[]): Promise<void> {
  const last = [...new Map(traced.map((row) => [row.dataset, row])).values()]
  const known = last.filter((row) => row.lineage !== null)
  if (known.length > 0) {
    await transaction.query(
      `insert into dataset_lineage (dataset_id, hash, lineage, reads)
       select w.dataset, w.hash, w.lineage, array(select jsonb_array_elements_text(w.lineage -> 'relations'))
       from jsonb_to_recordset($1::jsonb) as w (dataset text, hash text, lineage jsonb)
       where not exists (select 1 from dataset_lineage l where l.dataset_id = w.dataset and l.hash = w.hash)
       order by w.dataset
       on conflict (dataset_id, hash) do nothing`,
      [JSON.stringify(known)],
    )
  }
  await transaction.query(
    `with traced as materialized (
       select w.dataset, w.compiled_sql, w.problem, w.run_id, r.version_id, l.id as lineage_id
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
         as w (dataset, hash, compiled_sql, problem, run_id)
       join run r on r.id = w.run_id
       left join dataset_lineage l on l.dataset_id = w.dataset and l.hash = w.hash
     ), current as (
       update dataset d set lineage_id = t.lineage_id
       from traced t
       where d.id = t.dataset and d.lineage_id is distinct from t.lineage_id
     )
     insert into dataset_version (version_id, dataset_id, lineage_id, compiled_sql, problem, run_id, compiled_at)
     select version_id, dataset, lineage_id, compiled_sql, problem, run_id, now() from traced
     on conflict (version_id, dataset_id) do update
       set lineage_id = excluded.lineage_id, compiled_sql = excluded.compiled_sql, problem = excluded.problem,
           run_id = excluded.run_id, compiled_at = excluded.compiled_at`,
    [
      last.map((row) => row.dataset),
      last.map((row) => row.hash),
      last.map((row) => row.compiledSql),
      last.map((row) => row.problem),
      last.map((row) => row.runId),
    ],
  )
}
