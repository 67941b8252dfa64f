import type { Affected } from "../contracts/api/schema-changes.ts"
import { type ColumnChange, changeText, compareColumns } from "../domain/schema/compare-columns.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { type NewSchemaChange, readNewSchemaChanges, writeSchemaChange } from "../store/schema-changes.ts"
import { inTransaction } from "../store/transaction.ts"

const BATCH = 20
/** Names in an event; all are in the change itself. */
const MOST_NAMED = 50

/** Who is affected when these columns of a dataset break. */
export type FindAffected = (datasetId: string, changes: readonly ColumnChange[]) => Promise<Affected[]>

/**
 * Says of each change of columns what it is, whether it breaks, and whom; and tells of it, once, however many workers find it.
 * Returns how many were told.
 */
export async function tellSchemaChanges(store: Store, findAffected: FindAffected): Promise<number> {
  let told = 0
  for (;;) {
    const found = await readNewSchemaChanges(store.pool, BATCH)
    for (const change of found) if (await tellOne(store, change, findAffected)) told++
    if (found.length < BATCH) return told
  }
}

async function tellOne(store: Store, change: NewSchemaChange, findAffected: FindAffected): Promise<boolean> {
  const { id, datasetId, pipelineId, runId, section } = change
  const changes = compareColumns(change.before, change.after)
  const breaking = changes.filter(({ isBreaking }) => isBreaking)
  const isBreaking = breaking.length > 0
  const affected = isBreaking ? await findAffected(datasetId, breaking) : []
  const severity = isBreaking ? SEVERITY[section?.onChange ?? "evolve"] : "info"
  return inTransaction(store.pool, async (transaction) => {
    const isOurs = await writeSchemaChange(transaction, { id, isBreaking, severity, changes, affected })
    if (!isOurs) return false
    await recordEvent(transaction, {
      type: "dataset.schema_changed",
      pipelineId,
      runId,
      data: {
        datasetId,
        changeId: id,
        isBreaking,
        severity,
        message: changes.slice(0, 10).map(changeText).join(", "),
        changes: changes.slice(0, MOST_NAMED).map((each) => ({ ...each })),
        affected: affected.slice(0, MOST_NAMED).map(({ dataset }) => dataset),
      },
    })
    await announce(transaction, [{ type: "series" }])
    return true
  })
}

const SEVERITY = { evolve: "info", warn: "warn", fail: "error" } as const
