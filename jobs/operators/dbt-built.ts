import type pg from "pg"
import type { MaterializationRecord, TaskResultInput } from "#lib/contracts/task-result.ts"
import { countIfSmall, readColumns, schemaHash } from "#lib/engines/postgres/catalog.ts"
import { datasetOf } from "#lib/models/command/dataset-of.ts"
import type { Hook, ParsedNode } from "#lib/models/project/node.ts"
import type { NodeOutcome } from "#lib/models/run/protocol.ts"
import { traceLineage } from "./trace-lineage.ts"

/** Whether what a node writes can be committed with the ledger. */
export function sharesTransaction({ config }: ParsedNode): boolean {
  const hooks = [...(config["pre-hook"] ?? []), ...(config["post-hook"] ?? [])] as Hook[]
  return hooks.every(({ transaction }) => transaction) && OWN_MATERIALIZATIONS.has(config.materialized)
}

const OWN_MATERIALIZATIONS = new Set(["view", "table", "incremental", "materialized_view", "snapshot", "seed"])

/** What a task says of the relation that it built. */
export async function describeBuilt(
  client: pg.ClientBase,
  node: ParsedNode,
  partitionKey: string | null,
  { adapterResponse, message, compiledCode }: NodeOutcome,
  durationSeconds: number,
): Promise<TaskResultInput> {
  const table = `${node.schema}.${node.alias}`
  const columns = (await readColumns(client, table)) ?? []
  const shape = columns.map(({ name, type }) => ({ name, type }))
  const rows = Number(adapterResponse.rows_affected ?? 0)
  const isUpdate = adapterResponse.code === "MERGE" || adapterResponse.code === "UPDATE"
  const isView = node.config.materialized === "view" || node.config.materialized === "materialized_view"
  const record: MaterializationRecord = {
    dataset: datasetOf(node),
    partitionKey,
    rowsInserted: isUpdate || isView ? 0 : rows,
    rowsUpdated: isUpdate ? rows : 0,
    rowsDeleted: 0,
    rowsRejected: 0,
    sharesRows: false,
    rowsTotal: isView ? null : await countIfSmall(client, table),
    bytes: null,
    durationSeconds,
    schemaHash: schemaHash(shape),
    columns: shape,
    watermark: null,
  }
  // A view holds no rows of its own.
  const numbers: Record<string, number> = isView
    ? {}
    : { rowsInserted: record.rowsInserted, rowsUpdated: record.rowsUpdated }
  return {
    outputs: { ...numbers, relation: table, message, compiledSql: (compiledCode ?? "").slice(0, MAX_SQL) },
    metrics: { ...numbers, durationSeconds },
    materializations: [record],
    lineage: compiledCode ? [await traceLineage(client, record.dataset, compiledCode)] : [],
  }
}

/** Outputs are bounded; a longer query is in the version and can be compiled again. */
const MAX_SQL = 100_000
