import pg from "pg"

const PIPELINES = 2_000
const RUNS = 100_000
const TASKS = 10

/**
 * Fills a migrated database with 1,000,000 task runs of 2,000 pipelines that ended over the last 60 days, each with its
 * attempt and each run with its events. Made by the server in a few statements; takes about a minute.
 */
export async function seedTaskRuns(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (const statement of STATEMENTS) await client.query(statement)
  } finally {
    await client.end()
  }
}

const STATEMENTS = [
  `insert into pipeline (id, file, current_version)
   select 'history_' || p, 'pipelines/history.ts', 1 from generate_series(1, ${PIPELINES}) p`,
  `insert into pipeline_version (pipeline_id, version, hash, manifest, files)
   select id, 1, md5(id),
          jsonb_build_object('id', id, 'description', '', 'owner', null, 'tags', '[]'::jsonb, 'docs', '', 'schedule', null,
            'startDate', null, 'catchup', 'latest', 'maxActiveRuns', 1, 'params', null, 'partition', null,
            'groups', '[]'::jsonb, 'tasks', '[]'::jsonb, 'file', file), '{}'
   from pipeline where id like 'history_%'`,
  `insert into run (pipeline_id, version_id, kind, state, logical_at, interval_start, interval_end, tasks_total,
                    created_at, started_at, finished_at)
   select v.pipeline_id, v.id, 'schedule', 'success', at, at, at, ${TASKS}, at, at, at + interval '1 minute'
   from generate_series(1, ${RUNS}) r
   cross join lateral (select now() - (${RUNS} - r) * interval '52 seconds' - interval '1 hour' as at) t
   join (select *, row_number() over (order by id) as number from pipeline_version) v on v.number = 1 + r % ${PIPELINES}
   order by r`,
  `insert into task_run (run_id, pipeline_id, task_id, position, state, trigger_rule, attempt_count, ready_at, started_at,
                         finished_at)
   select r.id, r.pipeline_id, 't' || p, p, 'success', 'all_success', 1, r.started_at, r.started_at, r.finished_at
   from run r
   cross join generate_series(0, ${TASKS - 1}) p
   order by r.id, p`,
  `insert into attempt (task_run_id, run_id, number, state, worker_id, started_at, heartbeat_at, finished_at)
   select id, run_id, 1, 'success', 'history', started_at, finished_at, finished_at from task_run order by id`,
  `insert into event (at, type, pipeline_id, run_id)
   select created_at, 'run.success', pipeline_id, id from run order by id`,
  "vacuum analyze",
]
