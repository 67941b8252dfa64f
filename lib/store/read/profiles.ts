import type { DatasetProfile, TableProfile } from "../../contracts/api/profiles.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

type Row = Omit<TableProfile, "queuedAt" | "startedAt" | "finishedAt" | "columns" | "rowsRead" | "rowsTotal"> & {
  queuedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  columns: TableProfile["columns"] | null
  rowsRead: string | null
  rowsTotal: string | null
}

const SHOWN = 30

/** The profiles of a dataset as they were stored: the newest two that are done with their columns, the others without. */
export async function readProfiles(queryable: Queryable, datasetId: string): Promise<DatasetProfile> {
  const { rows } = await queryable.query<Row>(
    `select id, dataset_id as "datasetId", state, cause, actor, sample, queued_at as "queuedAt", started_at as "startedAt",
            finished_at as "finishedAt", method, rows_read as "rowsRead", rows_total as "rowsTotal",
            is_total_exact as "isTotalExact", columns_total as "columnsTotal", message,
            case when state = 'done' and row_number() over (partition by state order by id desc) <= 2 then columns end as columns
     from table_profile
     where dataset_id = $1
     order by id desc
     limit ${SHOWN}`,
    [datasetId],
  )
  const profiles = rows.map(toProfile)
  const done = profiles.filter(({ state }) => state === "done")
  const newest = profiles[0]
  return {
    datasetId,
    pending: newest && newest.state !== "done" ? newest : null,
    latest: done[0] ?? null,
    before: done[1] ?? null,
    history: done.map(({ columns: _, ...profile }) => profile),
  }
}

function toProfile(row: Row): TableProfile {
  return {
    ...row,
    queuedAt: toInstant(row.queuedAt),
    startedAt: toInstantOrNull(row.startedAt),
    finishedAt: toInstantOrNull(row.finishedAt),
    rowsRead: row.rowsRead === null ? null : Number(row.rowsRead),
    rowsTotal: row.rowsTotal === null ? null : Number(row.rowsTotal),
    columns: row.columns ?? [],
  }
}
