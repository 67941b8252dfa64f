import type { Failure } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"

/** What triage needs of an incident beside the incident itself. */
export interface IncidentFacts {
  /** The newest run in which its cause failed, and the attempt that shows it; null where no run did. */
  runId: string | null
  attemptId: string | null
  failure: Failure | null
  attempts: number
  /** What the tasks at its root write. */
  writes: string[]
  /** Runs at its root that are failed now. */
  failedRuns: string[]
}

/** A retry of more is a backfill. */
const MAX_RUNS = 500

/** Relies on the index of occurrences by incident. */
export async function readIncidentFacts(queryable: Queryable, incidentId: string): Promise<IncidentFacts> {
  const { rows } = await queryable.query<IncidentFacts>(
    `with found as materialized (
       select id, run_id, task_run_id, attempt_id, is_root from incident_occurrence
       where incident_id = $1 and run_id is not null
       order by id desc
       limit 5000
     ), newest as (
       select * from found where is_root order by id desc limit 1
     )
     select newest.run_id as "runId", newest.attempt_id as "attemptId", a.failure,
            coalesce(t.attempt_count, 0) as attempts,
            array(
              select distinct jsonb_array_elements_text(task -> 'writes')
              from incident_member m
              join run r on r.id = m.last_run_id
              join pipeline_version v on v.id = r.version_id
              cross join jsonb_array_elements(v.manifest -> 'tasks') task
              where m.incident_id = $1 and m.is_root and task ->> 'id' = m.task_id
              order by 1
            ) as writes,
            array(
              select r.id::text from run r
              where r.state = 'failed' and r.id in (select run_id from found where is_root)
              order by r.id desc
              limit ${MAX_RUNS}
            ) as "failedRuns"
     from (select 1) one
     left join newest on true
     left join attempt a on a.id = newest.attempt_id
     left join task_run t on t.id = newest.task_run_id`,
    [incidentId],
  )
  return rows[0]!
}
