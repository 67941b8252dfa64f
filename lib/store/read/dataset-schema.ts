import type { DatasetSchema, SchemaChange } from "../../contracts/api/schema-changes.ts"
import type { SchemaSection } from "../../contracts/quality/schema-section.ts"
import { AppError } from "../../domain/errors.ts"
import type { ColumnShape } from "../../domain/schema/compare-columns.ts"
import { judgeContract } from "../../domain/schema/judge-contract.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant } from "./instant.ts"

const MOST = 100

/**
 * A dataset's columns against its contract, and how they changed.
 * @throws AppError `dataset.not_found`
 */
export async function readDatasetSchema(queryable: Queryable, datasetId: string): Promise<DatasetSchema> {
  const { rows } = await queryable.query<{
    columns: ColumnShape[]
    section: SchemaSection | null
    file: string
    line: number | null
  }>(
    `select d.columns, p.policy -> 'schema' as section, p.file, p.line
     from dataset d left join dataset_policy p on p.dataset_id = d.id
     where d.id = $1`,
    [datasetId],
  )
  if (!rows[0]) {
    throw new AppError("dataset.not_found", `There is no dataset ${datasetId}; names read warehouse.schema.table.`)
  }
  const { columns, section, file, line } = rows[0]
  return {
    datasetId,
    contract: section && {
      onChange: section.onChange,
      allowExtra: section.allowExtra,
      hasColumns: section.columns !== undefined,
      file,
      line,
    },
    lines: judgeContract(section?.columns ?? [], columns, section?.columns === undefined || section.allowExtra),
    changes: await readChanges(queryable, datasetId),
  }
}

async function readChanges(queryable: Queryable, datasetId: string): Promise<SchemaChange[]> {
  const { rows } = await queryable.query<Omit<SchemaChange, "at"> & { at: Date }>(
    `select id::text, at, run_id::text as "runId", is_breaking as "isBreaking", severity, changes, downstream as affected,
            before, after
     from schema_change
     where dataset_id = $1 and state = 'told'
     order by dataset_id, id desc
     limit ${MOST}`,
    [datasetId],
  )
  return rows.map((row) => ({ ...row, at: toInstant(row.at) }))
}
