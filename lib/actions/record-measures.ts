import type { CheckOutcome } from "../contracts/task-result.ts"
import type { ColumnShape } from "../domain/schema/compare-columns.ts"
import { contractText, judgeContract } from "../domain/schema/judge-contract.ts"
import type { Store } from "../store/client.ts"
import { addPoints, type ClaimedMeasure, finishMeasure, type MeasuredValue } from "../store/measures.ts"
import { announce } from "../store/notify.ts"
import { saveSeenColumns } from "../store/schema-changes.ts"
import { recordFoundChecks } from "../store/task-results.ts"
import { inTransaction } from "../store/transaction.ts"

/** What was found of a table. */
export interface Measures {
  columns: ColumnShape[]
  rowCount: number | null
  values: readonly MeasuredValue[]
}

/**
 * Stores what was measured of a dataset, with the verdict on its contract where the policy warns of or fails on changes. The
 * columns of what a pipeline builds are told by its loads; of other tables they are those that were seen.
 */
export async function recordMeasures(store: Store, claimed: ClaimedMeasure, measures: Measures): Promise<void> {
  const { datasetId, knowsRows, isBuilt } = claimed
  const { columns, rowCount, values } = measures
  const counted = rowCount === null || knowsRows ? [] : [{ column: "", metric: "row_count", value: rowCount }]
  const check = contractCheck(claimed, columns)
  await inTransaction(store.pool, async (transaction) => {
    await addPoints(transaction, claimed, [...counted, ...values])
    if (!isBuilt) {
      await saveSeenColumns(transaction, datasetId, columns)
    }
    if (rowCount !== null && !knowsRows) {
      await transaction.query("update dataset set row_count = $2 where id = $1", [datasetId, rowCount])
    }
    if (check) await recordFoundChecks(transaction, [check])
    await finishMeasure(transaction, claimed, { error: null, againMs: 0 })
    await announce(transaction, [{ type: "series" }])
  })
}

function contractCheck({ datasetId, schema }: ClaimedMeasure, columns: readonly ColumnShape[]): CheckOutcome | null {
  if (!schema?.columns || schema.onChange === "evolve") return null
  const lines = judgeContract(schema.columns, columns, schema.allowExtra)
  const broken = contractText(lines)
  return {
    dataset: datasetId,
    name: "columns are as promised",
    kind: "schema_contract",
    column: null,
    dimension: "validity",
    severity: schema.onChange === "fail" ? "error" : "warn",
    passed: broken === null,
    rowsChecked: lines.length,
    rowsFailed: lines.filter(({ isBroken }) => isBroken).length,
    observed: null,
    message: broken ?? "All columns are as promised.",
  }
}
