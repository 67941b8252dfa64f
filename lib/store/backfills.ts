import type { Transaction } from "./transaction.ts"

/** Locks backfills' rows in the order of their ids; after the runs', before the pipelines'. */
export async function lockBackfills(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await transaction.query("select 1 from backfill where id = any ($1::bigint[]) order by id for update", [ids])
}
