import { recordMonitorChecks } from "#lib/actions/record-monitor-checks.ts"
import { withSession } from "#lib/engines/postgres/session.ts"
import { type CheckedTable, checkTable } from "#lib/quality/check-table.ts"
import type { Store } from "#lib/store/client.ts"
import { type Connections, WAREHOUSE } from "../connections.ts"
import { createTablePolicies } from "./table-policies.ts"

export interface CheckDatasetParts {
  store: Store
  connections: Connections
  signal?: AbortSignal
}

/**
 * Checks a table of the warehouse against its policy now, without a run, and stores results and scores with none. Nothing is
 * moved: what would be quarantined after a load only fails. Null: the policy expects nothing of it.
 */
export async function checkDataset(
  { store, connections, signal }: CheckDatasetParts,
  datasetId: string,
): Promise<CheckedTable | null> {
  const table = /^warehouse\.([^.]+\.[^.]+)$/.exec(datasetId)?.[1]
  const { section, masks } = await createTablePolicies(store.pool).of(datasetId)
  if (!table || !section || section.expect.length === 0) return null
  const session = {
    connection: WAREHOUSE,
    applicationName: `headrace:monitor ${table}`.slice(0, 63),
    ...(signal && { signal }),
  }
  const checked = await withSession(connections.pool(WAREHOUSE), session, (client) =>
    checkTable(client, table, section.expect, {
      isInTransaction: false,
      weights: section.weights,
      keys: section.keys,
      masks,
    }),
  )
  await recordMonitorChecks(store, checked.checks)
  return checked
}
