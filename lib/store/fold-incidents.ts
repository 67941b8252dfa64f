import type { ErrorCode } from "../domain/errors.ts"
import { addIncidentEvents } from "./incidents.ts"
import type { Transaction } from "./transaction.ts"

/** A failure that may turn out to be the consequence of another. */
export interface FoldableIncident {
  id: string
  /** Its only root. */
  pipelineId: string
  taskId: string
  runId: string
  errorCode: ErrorCode
}

/** More at once are one storm, whose later failures find the cause by themselves. */
const MAX_FOLDED = 50

/**
 * Locks failures that were first opened since then, of one task, which nobody was told of or is being told of, and nobody has
 * touched. Relies on incident_unresolved.
 */
export async function findFoldable(
  transaction: Transaction,
  besides: string,
  since: Date,
): Promise<FoldableIncident[]> {
  const { rows } = await transaction.query<FoldableIncident>(
    `with fresh as materialized (
       select i.id, i.last_run_id, i.details ->> 'errorCode' as error_code
       from incident i
       where i.state = 'open' and i.kind = 'pipeline_failure' and i.id <> $1 and i.opened_at >= $2
         and i.reopened = 0 and i.assignee is null and i.snoozed_until is null and i.last_run_id is not null
         and not exists (select from incident_event e where e.incident_id = i.id and e.type not in ('opened', 'spread'))
       order by i.id
       limit ${MAX_FOLDED}
       for update of i skip locked
     ), silent as materialized (
       select d.id, d.incident_id from alert_delivery d
       where d.incident_id in (select id from fresh) and d.state in ('pending', 'dropped') and d.tries = 0
       for update skip locked
     )
     select f.id, m.pipeline_id as "pipelineId", m.task_id as "taskId", f.last_run_id as "runId",
            f.error_code as "errorCode"
     from fresh f
     join incident_member m on m.incident_id = f.id and m.is_root
     where (select count(*) from incident_member r where r.incident_id = f.id and r.is_root) = 1
       and f.error_code is not null
       -- What is being sent at this moment is locked, and so not among the silent ones.
       and not exists (select from alert_delivery d
                       where d.incident_id = f.id and d.id not in (select id from silent))
     order by f.id`,
    [besides, since],
  )
  return rows
}

/** Moves what was found of one locked incident into another, as what follows from it. */
export async function moveInto(
  transaction: Transaction,
  { from, into, name, at }: { from: string; into: string; name: string; at: Date },
): Promise<void> {
  await transaction.query("update incident_occurrence set incident_id = $2, is_root = false where incident_id = $1", [
    from,
    into,
  ])
  await transaction.query(
    `insert into incident_member (incident_id, pipeline_id, task_id, is_root, is_failing, last_run_id)
     select $2, pipeline_id, task_id, false, is_failing, last_run_id from incident_member where incident_id = $1
     on conflict (incident_id, pipeline_id, task_id) do update
       set is_failing = incident_member.is_failing or excluded.is_failing,
           last_run_id = greatest(incident_member.last_run_id, excluded.last_run_id)`,
    [from, into],
  )
  await transaction.query(
    `update incident i set followers = i.followers + f.occurrences + f.followers
     from incident f where i.id = $2 and f.id = $1`,
    [from, into],
  )
  await addIncidentEvents(transaction, [{ incidentId: into, type: "spread", actor: "headrace", at, body: name }])
}
