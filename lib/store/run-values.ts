import type { JsonObject } from "../contracts/json.ts"
import type { ReferenceValues } from "../contracts/references.ts"
import type { RunId } from "../domain/ids.ts"
import type { Transaction } from "./transaction.ts"

/** What references to params and to the run stand for in a run. */
export async function readRunValues(
  transaction: Transaction,
  runId: RunId,
): Promise<Pick<ReferenceValues, "params" | "run">> {
  const { rows } = await transaction.query<{
    params: JsonObject
    logicalAt: Date
    intervalStart: Date
    intervalEnd: Date
    partitionKey: string | null
    partitionKeys: string[]
  }>(
    `select params, logical_at as "logicalAt", interval_start as "intervalStart", interval_end as "intervalEnd",
            partition_key as "partitionKey",
            coalesce(
              (select array_agg(p.partition_key order by p.position) from run_part p where p.run_id = run.id),
              array_remove(array[partition_key], null)
            ) as "partitionKeys"
     from run
     where id = $1`,
    [runId],
  )
  const { params, logicalAt, intervalStart, intervalEnd, partitionKey, partitionKeys } = rows[0]!
  return {
    params,
    run: {
      runId,
      logicalAt: logicalAt.toISOString(),
      intervalStart: intervalStart.toISOString(),
      intervalEnd: intervalEnd.toISOString(),
      partitionKey,
      partitionKeys,
    },
  }
}
