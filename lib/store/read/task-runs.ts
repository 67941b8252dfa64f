import type { z } from "zod"
import type { Page } from "../../contracts/api/common.ts"
import type { Attempt, AttemptDetail, TaskRun, taskRunListQuerySchema } from "../../contracts/api/runs.ts"
import type { JsonObject } from "../../contracts/json.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings } from "./bindings.ts"
import { decodeCursor, toPage } from "./cursor.ts"
import { durationBetween, toInstant, toInstantOrNull } from "./instant.ts"
import { toWait, WAIT_JSON } from "./waits.ts"

/** A task run with its attempts, newest last. @throws AppError `task_run.not_found`. */
export async function readTaskRun(queryable: Queryable, id: string): Promise<TaskRun> {
  const [taskRun] = await readChosen(queryable, "select * from task_run where id = $1", [id])
  if (!taskRun) throw new AppError("task_run.not_found", `There is no task run ${id}.`)
  return taskRun
}

/** An attempt with where it belongs. @throws AppError `attempt.not_found`. */
export async function readAttempt(queryable: Queryable, id: string): Promise<AttemptDetail> {
  const { rows } = await queryable.query<AttemptRow & Omit<AttemptDetail, keyof Attempt>>(
    `select ${ATTEMPT_COLUMNS}, a.task_run_id as "taskRunId", a.run_id as "runId", t.pipeline_id as "pipelineId",
            t.task_id as "taskId"
     from attempt a
     join task_run t on t.id = a.task_run_id
     where a.id = $1`,
    [id],
  )
  const row = rows[0]
  if (!row) throw new AppError("attempt.not_found", `There is no attempt ${id}.`)
  const { taskRunId, runId, pipelineId, taskId } = row
  return { ...toAttempt(row), taskRunId, runId, pipelineId, taskId }
}

/** Task runs of a run in the manifest's order, mapped tasks without their instances. */
export function readTaskRuns(queryable: Queryable, runId: string): Promise<TaskRun[]> {
  return readChosen(queryable, "select * from task_run where run_id = $1 and map_index = -1", [runId])
}

/**
 * Task runs of a run with the instances of its mapped tasks, in the order of tasks and of items. A page costs what it
 * shows where `taskId` narrows it or no state does: it walks the unique (run_id, position, map_index).
 */
export async function listTaskRuns(
  queryable: Queryable,
  runId: string,
  query: z.output<typeof taskRunListQuerySchema>,
): Promise<Page<TaskRun>> {
  const { rows } = await queryable.query("select 1 from run where id = $1", [runId])
  if (rows.length === 0) throw new AppError("run.not_found", `There is no run ${runId}.`)
  const bindings = new Bindings()
  const { bind } = bindings
  const conditions = [`t.run_id = ${bind(runId)}`]
  if (query.taskId !== undefined) {
    // By position, which the index leads with; a task has one in a run.
    conditions.push(
      `t.position = (select min(p.position) from task_run p
                     where p.run_id = ${bind(runId)} and p.task_id = ${bind(query.taskId)} and p.map_index = -1)`,
    )
    // Who asks for a task wants its instances, unless it names one.
    conditions.push(query.mapIndex === undefined ? "t.map_index >= 0" : `t.map_index = ${bind(query.mapIndex)}`)
  } else if (query.mapIndex !== undefined) conditions.push(`t.map_index = ${bind(query.mapIndex)}`)
  // Instances of an earlier life are history until their task is expanded again.
  conditions.push(
    `(t.map_index = -1 or exists (
       select from task_run p join mapped_task m on m.task_run_id = p.id
       where p.run_id = t.run_id and p.position = t.position and p.map_index = -1))`,
  )
  const states = (query.state ?? "")
    .split(",")
    .map((state) => state.trim())
    .filter((state) => state !== "")
  if (states.length > 0) conditions.push(`t.state = any (${bind(states)}::text[])`)
  if (query.cursor !== undefined) {
    const [position, mapIndex] = decodeCursor(query.cursor, PLACE_KEY).split("/")
    conditions.push(`(t.position, t.map_index) > (${bind(position)}::int, ${bind(mapIndex)}::int)`)
  }
  const chosen = `select * from task_run t where ${conditions.join(" and ")}
    order by t.position, t.map_index limit ${bind(query.limit + 1)}`
  const found = await readChosen(queryable, chosen, bindings.values, (row) => row)
  return toPage(
    found,
    query.limit,
    ({ position: _, ...taskRun }) => taskRun,
    (row) => `${row.position}/${row.mapIndex}`,
  )
}

const PLACE_KEY = /^\d{1,7}\/-?\d{1,7}$/

/**
 * The task runs that a query of `task_run` chooses, in the order of tasks and items. Attempts and outputs are gathered
 * set-wise. Group, operator and retries come from the version the run pins.
 */
async function readChosen<Row = TaskRun>(
  queryable: Queryable,
  chosen: string,
  values: unknown[],
  present: (taskRun: TaskRun & { position: number }) => Row = ({ position: _, ...taskRun }) => taskRun as Row,
): Promise<Row[]> {
  const { rows } = await queryable.query<TaskRunRow>(
    `with chosen as materialized (
       ${chosen}
     ), definition as materialized (
       select task.entry->>'group' as "group", task.entry->>'operator' as operator,
              greatest((task.entry#>>'{retry,retries}')::int, (
                select max((rule.value->>'retries')::int)
                from jsonb_each(coalesce(task.entry->'retryRules', '{}')) rule)) as retries, task.nth - 1 as position
       from run r
       join pipeline_version v on v.id = r.version_id
       cross join lateral jsonb_array_elements(v.manifest->'tasks') with ordinality as task (entry, nth)
       where r.id = (select run_id from chosen limit 1)
     ), tried as materialized (
       select a.task_run_id, jsonb_agg(jsonb_build_object(
                'id', a.id::text, 'number', a.number, 'state', a.state, 'workerId', a.worker_id,
                'readyAt', a.ready_at, 'admittedAt', a.admitted_at, 'startedAt', a.started_at, 'finishedAt', a.finished_at, 'failure', a.failure, 'exitCode', a.exit_code,
                'metrics', a.metrics, 'logLines', a.log_lines) order by a.number) as attempts
       from chosen
       join attempt a on a.task_run_id = chosen.id
       group by a.task_run_id
     ), output as materialized (
       select o.task_run_id, jsonb_object_agg(o.key, o.value) as outputs
       from chosen
       join task_output o on o.task_run_id = chosen.id
       group by o.task_run_id
     ), waiting as materialized (
       select d.task_run_id, ${WAIT_JSON} as wait
       from chosen
       join deferral d on d.task_run_id = chosen.id and d.state <> 'registered'
       left join run c on c.id = d.child_run_id
       where chosen.finished_at is null
     )
     select t.id, t.run_id as "runId", t.task_id as "taskId", t.position, t.map_index as "mapIndex", i.label,
            case when m.task_run_id is not null then jsonb_build_object(
              'total', m.total, 'success', m.success, 'failed', m.failed, 'skipped', m.skipped) end as instances,
            d."group", coalesce(d.operator, '') as operator, t.state,
            t.reason,
            case when w.task_run_id is not null and t.state = 'pending' then jsonb_build_object(
              'runId', w.blocking_run_id::text, 'taskId', w.blocking_task_id, 'state', w.blocking_state)
            end as "blockedBy",
            t.trigger_rule as "triggerRule", t.attempt_count as "attemptCount",
            t.attempts_before + 1 + coalesce(d.retries, 0) as "maxAttempts", t.ready_at as "readyAt", t.waiting_for as "waitingFor",
            t.next_attempt_at as "nextAttemptAt", t.started_at as "startedAt", t.finished_at as "finishedAt",
            coalesce(tried.attempts, '[]') as attempts, coalesce(output.outputs, '{}') as outputs, waiting.wait
     from chosen t
     left join definition d on d.position = t.position
     left join past_wait w on w.task_run_id = t.id
     left join tried on tried.task_run_id = t.id
     left join output on output.task_run_id = t.id
     left join waiting on waiting.task_run_id = t.id
     left join mapped_task m on m.task_run_id = t.id
     left join mapped_item i on i.task_run_id = t.id
     order by t.position, t.map_index`,
    values,
  )
  return rows.map((row) => present(toTaskRun(row)))
}

type TaskRunRow = Omit<
  TaskRun,
  "attempts" | "durationMs" | "readyAt" | "nextAttemptAt" | "startedAt" | "finishedAt" | "outputs"
> & {
  position: number
  readyAt: Date | null
  nextAttemptAt: Date | null
  startedAt: Date | null
  finishedAt: Date | null
  attempts: AttemptRow[]
  outputs: JsonObject
}

type AttemptRow = Omit<Attempt, "durationMs" | "readyAt" | "admittedAt" | "startedAt" | "finishedAt" | "metrics"> & {
  readyAt: Date | string | null
  admittedAt: Date | string | null
  startedAt: Date | string
  finishedAt: Date | string | null
  metrics: Record<string, number> | null
}

const ATTEMPT_COLUMNS = `
  a.id, a.number, a.state, a.worker_id as "workerId", a.ready_at as "readyAt", a.admitted_at as "admittedAt", a.started_at as "startedAt", a.finished_at as "finishedAt",
  a.failure, a.exit_code as "exitCode", a.metrics, a.log_lines as "logLines"`

function toTaskRun(row: TaskRunRow): TaskRun & { position: number } {
  return {
    ...row,
    readyAt: toInstantOrNull(row.readyAt),
    nextAttemptAt: toInstantOrNull(row.nextAttemptAt),
    startedAt: toInstantOrNull(row.startedAt),
    finishedAt: toInstantOrNull(row.finishedAt),
    durationMs: durationBetween(row.startedAt, row.finishedAt),
    attempts: row.attempts.map(toAttempt),
    wait: row.wait && toWait(row.wait),
  }
}

function toAttempt(row: AttemptRow): Attempt {
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    workerId: row.workerId,
    readyAt: toInstantOrNull(row.readyAt),
    admittedAt: toInstantOrNull(row.admittedAt),
    startedAt: toInstant(row.startedAt),
    finishedAt: toInstantOrNull(row.finishedAt),
    durationMs: durationBetween(row.startedAt, row.finishedAt),
    failure: row.failure,
    exitCode: row.exitCode,
    metrics: row.metrics ?? {},
    logLines: row.logLines,
  }
}
