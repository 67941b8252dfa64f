import type { Queryable } from "../transaction.ts"

/** Section `expectations` of a dataset's policy as it was stored, which its schema reads again; null where there is none. */
export async function readExpectationsSection(queryable: Queryable, datasetId: string): Promise<unknown> {
  const { rows } = await queryable.query<{ section: unknown }>(
    "select policy -> 'expectations' as section from dataset_policy where dataset_id = $1",
    [datasetId],
  )
  return rows[0]?.section ?? null
}
