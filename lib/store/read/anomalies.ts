import type { z } from "zod"
import type { Page } from "../../contracts/api/common.ts"
import type { Anomaly, anomalyQuerySchema } from "../../contracts/api/series.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings } from "./bindings.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

const COLUMNS = `a.id::text, a.dataset_id as "datasetId", a.metric, a.column_name as "column", a.partition_key as "partitionKey",
  a.run_id::text as "runId", a.at, a.value, a.expected, a.lower, a.upper, a.rule, a.severity, a.state, a.lesson, a.note,
  a.closed_by as "closedBy", a.closed_at as "closedAt"`

type AnomalyRow = Omit<Anomaly, "at" | "closedAt"> & { at: Date; closedAt: Date | null }

/** Anomalies, newest first. Relies on anomaly_pkey, anomaly_dataset_id_id_idx and anomaly_open. */
export async function listAnomalies(
  queryable: Queryable,
  query: z.output<typeof anomalyQuerySchema>,
): Promise<Page<Anomaly>> {
  const bindings = new Bindings()
  const { bind } = bindings
  const conditions = ["true"]
  if (query.cursor) conditions.push(`a.id < ${bind(decodeCursor(query.cursor, ID_KEY))}`)
  if (query.dataset) conditions.push(`a.dataset_id = ${bind(query.dataset)}`)
  // A literal, so that the partial index of open ones is found.
  if (query.state) conditions.push(`a.state = '${query.state}'`)
  const { rows } = await queryable.query<AnomalyRow>(
    `select ${COLUMNS} from anomaly a where ${conditions.join(" and ")} order by a.id desc limit ${bind(query.limit + 1)}`,
    bindings.values,
  )
  return toPage(rows, query.limit, toAnomaly, ({ id }) => id)
}

/** @throws AppError `anomaly.not_found` */
export async function readAnomaly(queryable: Queryable, id: string): Promise<Anomaly> {
  const { rows } = await queryable.query<AnomalyRow>(`select ${COLUMNS} from anomaly a where a.id = $1`, [id])
  if (!rows[0]) throw new AppError("anomaly.not_found", `There is no anomaly ${id}.`)
  return toAnomaly(rows[0])
}

function toAnomaly(row: AnomalyRow): Anomaly {
  return { ...row, at: toInstant(row.at), closedAt: toInstantOrNull(row.closedAt) }
}
