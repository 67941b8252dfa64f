import type { Queryable } from "../transaction.ts"

/** A retry of more is a backfill. */
export const MAX_RETRIED_RUNS = 500

/**
 * Of each of the incidents that exist, the runs at its root that are failed now, newest first and at most
 * {@link MAX_RETRIED_RUNS}. Relies on the index of occurrences by incident.
 */
export async function readFailedRuns(
  queryable: Queryable,
  incidentIds: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await queryable.query<{ id: string; runIds: string[] }>(
    `select i.id,
            array(
              select r.id::text from run r
              where r.state = 'failed'
                and r.id in (
                  select found.run_id
                  from (select run_id, is_root from incident_occurrence o
                        where o.incident_id = i.id and run_id is not null order by o.id desc limit 5000) found
                  where is_root)
              order by r.id desc
              limit ${MAX_RETRIED_RUNS}
            ) as "runIds"
     from incident i
     where i.id = any ($1::bigint[])`,
    [incidentIds],
  )
  return new Map(rows.map(({ id, runIds }) => [id, runIds]))
}
