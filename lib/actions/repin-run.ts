import type { LockedRun } from "../store/runs.ts"
import type { Transaction } from "../store/transaction.ts"
import type { PipelineVersion } from "../store/versions.ts"
import { planOf } from "./plan-of.ts"

/** More than any position: rows are moved out of each other's way before they take their new places. */
const ASIDE = 1_000_000

/**
 * Makes an ended run follow another version of its pipeline: edges and trigger rules become that version's, tasks it adds
 * are pending, and what is done stays done. A run of named tasks stays one of these. The version must have every task of the run. The caller counts upstream
 * outcomes anew and releases what is ready.
 */
export async function repinRun(transaction: Transaction, run: LockedRun, version: PipelineVersion): Promise<void> {
  const plan = JSON.stringify(planOf(version, await readTasks(transaction, run)))
  await transaction.query("update task_run set position = position + $2 where run_id = $1", [run.id, ASIDE])
  await transaction.query(
    `update task_run t
     set position = p.position, trigger_rule = p."triggerRule",
         downstream = case when t.map_index = -1 then p.downstream else '{}' end,
         upstream_total = case when t.map_index = -1 then p."upstreamTotal" else 0 end,
         upstream_success = 0, upstream_failed = 0, upstream_skipped = 0,
         priority = p.priority + r.priority, limits = nullif(p.limits, 'null')
     from jsonb_to_recordset($2::jsonb)
       as p ("taskId" text, position int, "triggerRule" text, downstream int[], "upstreamTotal" int, priority int,
             limits jsonb)
     join run r on r.id = $1
     where t.run_id = $1 and t.task_id = p."taskId"`,
    [run.id, plan],
  )
  const { rowCount } = await transaction.query(
    `insert into task_run (run_id, pipeline_id, task_id, position, trigger_rule, downstream, upstream_total, priority,
                           limits)
     select $1, $2, p."taskId", p.position, p."triggerRule", p.downstream, p."upstreamTotal", p.priority + r.priority,
            nullif(p.limits, 'null')
     from jsonb_to_recordset($3::jsonb)
       as p ("taskId" text, position int, "triggerRule" text, downstream int[], "upstreamTotal" int, priority int,
             limits jsonb)
     join run r on r.id = $1
     where not exists (select from task_run t where t.run_id = $1 and t.task_id = p."taskId")`,
    [run.id, run.pipelineId, plan],
  )
  // What is mapped no longer runs once from now on; its instances stay as history.
  await transaction.query(
    `delete from mapped_task m using task_run t
     where m.task_run_id = t.id and t.run_id = $1 and t.task_id <> all ($2::text[])`,
    [run.id, [...version.shape.mapped.keys()]],
  )
  await transaction.query(
    `update run set version_id = $2, tasks_total = tasks_total + $3, unfinished = unfinished + $3 where id = $1`,
    [run.id, version.id, rowCount ?? 0],
  )
  run.versionId = version.id
}

/** The tasks that a run was made of; none where it has all. */
async function readTasks(transaction: Transaction, run: LockedRun): Promise<string[]> {
  const { rows } = await transaction.query<{ tasks: string[] | null }>(
    "select trigger -> 'tasks' as tasks from run where id = $1",
    [run.id],
  )
  return rows[0]?.tasks ?? []
}
