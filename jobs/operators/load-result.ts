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
        sharesRows: false,
        rowsTotal: await countIfSmall(client, load.table),
        bytes,
        durationSeconds,
        columns: shape,
        schemaHash: schemaHash(shape),
      },
    ],
  }
}

/** The record of a load for each of its partitions, where its counts cannot be told apart. */
export function sharedByPartitions<Record extends MaterializationInput>(
  record: Record,
  partitionKeys: readonly string[],
): Record[] {
  if (partitionKeys.length < 2) return [record]
  const none = { rowsInserted: 0, rowsUpdated: 0, rowsDeleted: 0, rowsRejected: 0 }
  return partitionKeys.map((partitionKey, place) => ({
    ...record,
    ...(place > 0 && none),
    partitionKey,
    sharesRows: true,
  }))
}

type MaterializationInput = NonNullable<TaskResultInput["materializations"]>[number]
