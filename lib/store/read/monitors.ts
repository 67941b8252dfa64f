import type { Page } from "../../contracts/api/common.ts"
import type { Monitor } from "../../contracts/api/freshness.ts"
import type { Queryable } from "../transaction.ts"
import { decodeCursor, NAME_KEY, toPage } from "./cursor.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

interface MonitorRow extends Pick<Monitor, "datasetId" | "everyMs" | "outcome" | "message" | "parts"> {
  nextAt: Date
  leaseUntil: Date | null
  startedAt: Date | null
  finishedAt: Date | null
}

const COLUMNS = `
  dataset_id as "datasetId", every_ms as "everyMs", next_at as "nextAt", lease_until as "leaseUntil",
  started_at as "startedAt", finished_at as "finishedAt", outcome, message, parts`

/** Monitors by the names of their datasets. */
export async function listMonitors(
  queryable: Queryable,
  query: { cursor?: string | undefined; limit: number },
  now: Date,
): Promise<Page<Monitor>> {
  const after = query.cursor ? decodeCursor(query.cursor, NAME_KEY) : ""
  const { rows } = await queryable.query<MonitorRow>(
    `select ${COLUMNS} from dataset_monitor where dataset_id > $1 order by dataset_id limit $2`,
    [after, query.limit + 1],
  )
  return toPage(
    rows,
    query.limit,
    (row) => toMonitor(row, now),
    (row) => row.datasetId,
  )
}

/** A dataset's monitor; null where it has none. */
export async function readMonitor(queryable: Queryable, datasetId: string, now: Date): Promise<Monitor | null> {
  const { rows } = await queryable.query<MonitorRow>(`select ${COLUMNS} from dataset_monitor where dataset_id = $1`, [
    datasetId,
  ])
  return rows[0] ? toMonitor(rows[0], now) : null
}

function toMonitor({ nextAt, leaseUntil, startedAt, finishedAt, ...row }: MonitorRow, now: Date): Monitor {
  return {
    ...row,
    nextAt: toInstant(nextAt),
    isRunning: leaseUntil !== null && leaseUntil > now,
    startedAt: toInstantOrNull(startedAt),
    finishedAt: toInstantOrNull(finishedAt),
  }
}
