import type pg from "pg"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { countIfSmall, schemaHash } from "#lib/engines/postgres/catalog.ts"
import type { LoadCounts } from "#lib/engines/postgres/load-versions.ts"
import { secondsSince } from "./task-session.ts"

/** A load of one table of the warehouse, as far as it got inside its transaction. */
export interface FinishedLoad {
  /** `schema.name` in the warehouse. */
  table: string
  columns: readonly { name: string; type: string }[]
  partitionKey: string | null
  counts: LoadCounts
  /** Rows that came from the source, and those of them that were set aside. */
  rowsProcessed: number
  rowsRejected: number
  bytes: number | null
  /** A `performance.now()`. */
  startedMs: number
}

/** What a load leaves behind: the same numbers as outputs, as metrics and in the materialization. */
export async function loadResult(client: pg.ClientBase, load: FinishedLoad): Promise<TaskResultInput> {
  const { counts, rowsRejected, partitionKey, bytes } = load
  const durationSeconds = secondsSince(load.startedMs)
  const numbers = {
    rowsProcessed: load.rowsProcessed,
    rowsInserted: counts.inserted,
    rowsUpdated: counts.updated,
    rowsDeleted: counts.deleted,
    rowsFailed: rowsRejected,
  }
  const shape = load.columns.map(({ name, type }) => ({ name, type }))
  return {
    outputs: { ...numbers, ...(partitionKey !== null && { partitionKey }) },
    metrics: { ...numbers, ...(bytes !== null && { bytes }), durationSeconds },
    materializations: [
      {
        dataset: `warehouse.${load.table}`,
        partitionKey,
        rowsInserted: counts.inserted,
        rowsUpdated: counts.updated,
        rowsDeleted: counts.deleted,
        rowsRejected,
        rowsTotal: await countIfSmall(client, load.table),
        bytes,
        durationSeconds,
        columns: shape,
        schemaHash: schemaHash(shape),
      },
    ],
  }
}
