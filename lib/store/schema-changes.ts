import type { Affected } from "../contracts/api/schema-changes.ts"
import type { SchemaSection } from "../contracts/quality/schema-section.ts"
import type { ColumnChange, ColumnShape } from "../domain/schema/compare-columns.ts"
import type { Queryable, Transaction } from "./transaction.ts"

/** A change of a table's columns of which nothing is said yet. */
export interface NewSchemaChange {
  id: string
  datasetId: string
  pipelineId: string | null
  runId: string | null
  before: ColumnShape[]
  after: ColumnShape[]
  section: SchemaSection | null
}

/** The oldest changes that nothing is said of yet. Relies on schema_change_new. */
export async function readNewSchemaChanges(queryable: Queryable, limit: number): Promise<NewSchemaChange[]> {
  const { rows } = await queryable.query<NewSchemaChange>(
    `select s.id::text, s.dataset_id as "datasetId", d.pipeline_id as "pipelineId", s.run_id::text as "runId", s.before, s.after,
            p.policy -> 'schema' as section
     from schema_change s
     join dataset d on d.id = s.dataset_id
     left join dataset_policy p on p.dataset_id = s.dataset_id
     where s.state = 'new'
     order by s.id
     limit $1`,
    [limit],
  )
  return rows
}

/** Says what a change means; false where another worker has said it. */
export async function writeSchemaChange(
  transaction: Transaction,
  change: { id: string; isBreaking: boolean; severity: string; changes: ColumnChange[]; affected: Affected[] },
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `update schema_change set state = 'told', is_breaking = $2, severity = $3, changes = $4, downstream = $5
     where id = $1 and state = 'new'`,
    [change.id, change.isBreaking, change.severity, JSON.stringify(change.changes), JSON.stringify(change.affected)],
  )
  return rowCount === 1
}

/** Makes columns that were seen without a load a dataset's own; others than before are a change. */
export async function saveSeenColumns(
  transaction: Transaction,
  datasetId: string,
  columns: readonly ColumnShape[],
): Promise<void> {
  await transaction.query(
    `with old as materialized (
       select id, columns from dataset where id = $1 for no key update
     ), changed as (
       insert into schema_change (dataset_id, before, after)
       select id, columns, $2::jsonb from old where columns <> '[]' and columns <> $2::jsonb
     )
     update dataset d set columns = $2::jsonb from old where d.id = old.id and old.columns <> $2::jsonb`,
    [datasetId, JSON.stringify(columns)],
  )
}
