import { createHash } from "node:crypto"
import { parseArgs } from "node:util"
import pg from "pg"
import { invert, reachable } from "#lib/domain/dag.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"
import { ESTATE, type EstatePipeline } from "./estate.ts"

/**
 * Fills an empty, migrated database with `runs` runs of the last `days` days of a made-up estate: all states, attempts
 * with failures, logs (one of 20,000 lines), datasets, checks, scores, a backfill. The same history each time but for
 * its end, which is now. Rows are made by Postgres, in one statement a table: 100,000 runs take about a minute.
 *
 * `node test/seed-history.ts <databaseUrl> [runs]`
 */
export async function seedHistory(databaseUrl: string, runs = 2_000, days = 14): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query("begin")
    await insertDefinitions(client)
    await planRuns(client, runs, days)
    await client.query(INSERT_HISTORY)
    await client.query("commit")
    await client.query("analyze")
  } finally {
    await client.end()
  }
}

async function insertDefinitions(client: pg.Client): Promise<void> {
  await client.query(TEMPORARY_TABLES)
  for (const pipeline of ESTATE) {
    const { manifest } = pipeline
    const files = { [manifest.file]: `export default pipeline({ id: "${manifest.id}" }, ({ task }) => {\n  // …\n})\n` }
    await client.query(
      `with pipeline as (
         insert into pipeline (id, description, owner, tags, file, current_version, next_run_at)
         values ($1, $2, $3, $4, $5, 2, case when $6 then date_trunc('hour', now()) + interval '1 hour' end)
       )
       insert into pipeline_version (pipeline_id, version, hash, manifest, files, created_at)
       values ($1, 1, $7, $9, $10, now() - interval '30 days'), ($1, 2, $8, $9, $10, now() - interval '5 days')`,
      [
        manifest.id,
        manifest.description,
        manifest.owner,
        manifest.tags,
        manifest.file,
        manifest.schedule !== null,
        hash(`${manifest.id} 1`),
        hash(`${manifest.id} 2`),
        JSON.stringify(manifest),
        JSON.stringify(files),
      ],
    )
    await insertPatterns(client, pipeline)
  }
}

/** What a run looks like: every task succeeds (-1), or the task at `at` fails, runs or was cancelled. */
interface Pattern {
  kind: "success" | "failed" | "running" | "cancelled"
  at: number
}

async function insertPatterns(client: pg.Client, pipeline: EstatePipeline): Promise<void> {
  const { tasks } = pipeline.manifest
  const positions = tasks.map((_, position) => position).filter((position) => tasks[position]!.operator !== "notify")
  const patterns: Pattern[] = [{ kind: "success", at: -1 }]
  for (const at of positions) {
    patterns.push({ kind: "failed", at }, { kind: "running", at }, { kind: "cancelled", at })
  }
  const rows = patterns.flatMap((pattern) => patternTasks(pipeline, pattern))
  await client.query(
    `insert into seed_pattern
     select $1, row.kind, row.at, row.position, row.task_id, row.operator, row.state, row.start_s, row.length_s,
            row.upstream, row.good, row.bad, row.skipped, row.rule, array(select jsonb_array_elements_text(row.down)::int),
            row.retries
     from jsonb_to_recordset($2::jsonb) as row (kind text, at int, position int, task_id text, operator text, state text,
       start_s float, length_s float, upstream int, good int, bad int, skipped int, rule text, down jsonb, retries int)`,
    [pipeline.manifest.id, JSON.stringify(rows)],
  )
  await client.query("insert into seed_pipeline values ($1, $2, $3, $4)", [
    pipeline.manifest.id,
    pipeline.share === "daily" ? null : pipeline.share,
    pipeline.failuresPerMille,
    positions.length,
  ])
}

function patternTasks({ manifest, seconds }: EstatePipeline, { kind, at }: Pattern) {
  const upstream = new Map(manifest.tasks.map((task) => [task.id, task.upstream]))
  const downstream = invert(upstream)
  const target = manifest.tasks[at]?.id
  const blocked = target === undefined ? new Set<string>() : reachable(downstream, [target])
  const states = new Map<string, TaskRunState>()
  const ends = new Map<string, number>()
  return manifest.tasks.map((task, position) => {
    const before = task.upstream.map((id) => states.get(id)!)
    const good = before.filter((state) => state === "success").length
    const skipped = before.filter((state) => state === "skipped").length
    const bad = before.filter(
      (state) => state === "failed" || state === "upstream_failed" || state === "cancelled",
    ).length
    const state = taskState()
    const start = Math.max(0, ...task.upstream.map((id) => ends.get(id)!))
    const length = state === "upstream_failed" || state === "skipped" ? 0 : (seconds[task.id] ?? 5)
    states.set(task.id, state)
    ends.set(task.id, start + length)
    return {
      kind,
      at,
      position,
      task_id: task.id,
      operator: task.operator,
      state,
      start_s: start,
      length_s: length,
      upstream: task.upstream.length,
      good,
      bad,
      skipped,
      rule: task.triggerRule,
      down: downstream.get(task.id)!.map((id) => manifest.tasks.findIndex((other) => other.id === id)),
      retries: task.retry.retries,
    }

    function taskState(): TaskRunState {
      if (!blocked.has(task.id)) return task.triggerRule === "one_failed" ? "skipped" : "success"
      if (kind === "cancelled") return "cancelled"
      if (task.id === target) return kind === "failed" ? "failed" : "running"
      if (kind === "running") return "pending"
      return task.triggerRule === "one_failed" ? "success" : "upstream_failed"
    }
  })
}

/** Which runs there are, when, and which pattern each follows; `draw` is the history's only source of chance. */
async function planRuns(client: pg.Client, runs: number, days: number): Promise<void> {
  await client.query(
    `insert into seed_run
     select nextval('run_id_seq'), p.pipeline_id, timing.logical_at, timing.length,
            pg_temp.draw(p.pipeline_id || n, 1000), 1 + pg_temp.draw(p.pipeline_id || n || 'task', p.failing),
            0.75 + pg_temp.draw(p.pipeline_id || n || 'speed', 700) / 1000.0, n - 1
     from seed_pipeline p
     cross join lateral (
       select case when p.share is null then $2::int else greatest(1, round(($1::int - 4 * $2::int) * p.share))::int end as total
     ) size
     cross join lateral generate_series(1, size.total) as n
     cross join lateral (
       select $2 * interval '1 day' / size.total as length
     ) unit
     cross join lateral (
       select date_trunc('second', now() - n * unit.length) as logical_at, unit.length
     ) timing
     order by timing.logical_at`,
    [runs, days],
  )
  await client.query("analyze seed_run")
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex")

const TEMPORARY_TABLES = `
create temporary table seed_pattern (pipeline_id text, kind text, at int, position int, task_id text, operator text,
  state text, start_s float, length_s float, upstream int, good int, bad int, skipped int, rule text, down int[],
  retries int) on commit drop;
create temporary table seed_pipeline (pipeline_id text, share float, failures int, failing int) on commit drop;
create temporary table seed_run (id bigint, pipeline_id text, logical_at timestamptz, length interval, luck int, at int,
  speed float, age int) on commit drop;
create function pg_temp.draw(seed text, below int) returns int language sql immutable
  return ((hashtextextended(seed, 42) & 2147483647) % greatest(1, below))::int;
`

/** Newest runs (age 0) of the frequent pipelines are under way; the others ended by luck. */
const INSERT_HISTORY = `
alter table seed_run add pattern text, add position int, add started_at timestamptz, add seconds float;
update seed_run s
set pattern = case
      when s.age = 0 and s.pipeline_id in ('crm_sync', 'daily_etl') then 'running'
      when s.luck < p.failures then 'failed'
      when s.luck > 990 then 'cancelled'
      else 'success'
    end,
    started_at = s.logical_at + s.length + (20 + s.luck % 100) * interval '10 milliseconds'
from seed_pipeline p
where p.pipeline_id = s.pipeline_id;
update seed_run s
set position = case when pattern = 'success' then -1 else t.position end
from (select pipeline_id, position, row_number() over (partition by pipeline_id order by position) as nth
      from seed_pattern where kind = 'failed' and at = position) t
where t.pipeline_id = s.pipeline_id and (t.nth = s.at or pattern = 'success');
update seed_run s
set seconds = speed * (select max(start_s + length_s) from seed_pattern t
                       where t.pipeline_id = s.pipeline_id and t.kind = s.pattern and t.at = s.position);
-- What is running now started a moment ago.
update seed_run set started_at = now() - interval '40 seconds', speed = 1 where pattern = 'running';

insert into backfill (pipeline_id, state, range_start, range_end, selection, concurrency, created_by, created_at)
select 'data_backfill', 'running', date_trunc('day', now()) - interval '14 days', date_trunc('day', now()),
       'missing_failed', 2, 'local owner', now() - interval '2 hours';

insert into run (id, pipeline_id, version_id, kind, state, logical_at, interval_start, interval_end, partition_key,
                 trigger, backfill_id, unfinished, tasks_total, failed_task_id, error_message, created_at, started_at,
                 finished_at)
select s.id, s.pipeline_id, v.id,
       case when s.pipeline_id = 'data_backfill' then 'backfill' when s.luck % 50 = 0 then 'manual' else 'schedule' end,
       s.pattern, s.logical_at, s.logical_at, s.logical_at + s.length, to_char(s.logical_at, 'YYYY-MM-DD'),
       case
         when s.pipeline_id = 'data_backfill' then '{"by": "local owner", "reason": "backfill"}'
         when s.luck % 50 = 0 then '{"by": "local owner", "reason": "run now"}'
         else '{"by": "schedule"}'
       end::jsonb,
       case when s.pipeline_id = 'data_backfill' then (select max(id) from backfill) end,
       count(*) filter (where t.state in ('pending', 'ready', 'running')), count(*),
       case when s.pattern = 'failed' then min(t.task_id) filter (where t.position = s.position) end,
       case when s.pattern = 'failed' then
         (array['relation "raw.' || s.pipeline_id || '" has no column "discount": add it or take it out of the query.',
                'The source did not answer within 30 s: check that it is up.',
                '3 of 100 rows have no customer: see the check''s rows.'])[1 + s.luck % 3]
       end,
       s.started_at - interval '150 milliseconds', s.started_at,
       case when s.pattern <> 'running' then s.started_at + s.seconds * interval '1 second' end
from seed_run s
join pipeline_version v on v.pipeline_id = s.pipeline_id
  and v.version = case when s.started_at > now() - interval '5 days' then 2 else 1 end
join seed_pattern t on t.pipeline_id = s.pipeline_id and t.kind = s.pattern and t.at = s.position
group by s.id, s.pipeline_id, v.id, s.pattern, s.luck, s.logical_at, s.length, s.position, s.started_at, s.seconds
order by s.id;

insert into backfill_slot (backfill_id, position, partition_key, logical_at, interval_end, action, reason, run_id,
                           slot_group)
select b.id, row_number() over (order by s.id) - 1, to_char(s.logical_at, 'YYYY-MM-DD'), s.logical_at,
       s.logical_at + s.length, 'create', 'missing', s.id, row_number() over (order by s.id) - 1
from seed_run s, backfill b
where s.pipeline_id = 'data_backfill';
insert into backfill_slot (backfill_id, position, partition_key, logical_at, interval_end, action, reason,
                           slot_group)
select b.id, 100 + n, 'later-' || n, now() + n * interval '1 day', now() + (n + 1) * interval '1 day',
       case when n % 3 = 0 then 'skip' else 'create' end, case when n % 3 = 0 then 'fresh already' else 'missing' end, 100 + n
from backfill b, generate_series(1, 9) n;

create temporary table seed_task on commit drop as
select nextval('task_run_id_seq') as id, s.id as run_id, t.*, s.luck, s.age,
       s.started_at + t.start_s * s.speed * interval '1 second' as began,
       s.started_at + (t.start_s + t.length_s) * s.speed * interval '1 second' as ended,
       case
         when t.state in ('pending', 'upstream_failed', 'skipped', 'cancelled') then 0
         when t.state = 'failed' then 1 + t.retries
         when t.state = 'success' and t.retries > 0 and pg_temp.draw('again' || s.id || t.position, 40) = 0 then 2
         else 1
       end as attempts
from (select id, pipeline_id, pattern, position as at_position, luck, age, started_at, speed from seed_run) s
join seed_pattern t on t.pipeline_id = s.pipeline_id and t.kind = s.pattern and t.at = s.at_position
order by s.id, t.position;
analyze seed_task;

create temporary table seed_attempt on commit drop as
select nextval('attempt_id_seq') as id, t.id as task_run_id, t.run_id, n as number, t.luck, t.age, t.operator, t.task_id,
       case when n < t.attempts or t.state = 'failed' then 'failed' else t.state end as state,
       t.began + (t.ended - t.began) * (n - 1) / t.attempts as began,
       t.began + (t.ended - t.began) * n / t.attempts as ended,
       case when t.age < 40 then 6 + pg_temp.draw('log' || t.id || n, 30) else 0 end as log_lines
from seed_task t
cross join lateral generate_series(1, t.attempts) n
order by t.run_id, t.position, n;
create index on seed_attempt (task_run_id);
analyze seed_attempt;
-- The long log: the newest failed attempt of daily_etl, or else the newest attempt at all.
update seed_attempt set log_lines = 20000
where id = (select id from seed_attempt order by (state = 'failed' and operator = 'sql') desc, (state <> 'running') desc, id desc
            limit 1);

insert into task_run (id, run_id, pipeline_id, task_id, position, state, reason, trigger_rule, downstream, upstream_total,
                      upstream_success, upstream_failed, upstream_skipped, attempt_count, fence, ready_at, started_at,
                      finished_at)
select t.id, t.run_id, t.pipeline_id, t.task_id, t.position, t.state,
       case t.state when 'upstream_failed' then 'A task it waits for failed.' when 'skipped' then 'Nothing failed.' end,
       t.rule, t.down, t.upstream, t.good, t.bad, t.skipped, t.attempts,
       case when t.state = 'running' then (select a.id from seed_attempt a where a.task_run_id = t.id) end,
       case when t.state <> 'pending' then t.began - interval '30 milliseconds' end,
       case when t.attempts > 0 then t.began end,
       case when t.state not in ('pending', 'running') then t.ended end
from seed_task t
order by t.id;

insert into worker (id, host, pid, version, slots) values ('worker-1', 'localhost', 4242, '0.1.0', 8);
insert into attempt (id, task_run_id, run_id, number, state, worker_id, started_at, heartbeat_at, finished_at, failure,
                     exit_code, metrics, log_lines, log_bytes)
select a.id, a.task_run_id, a.run_id, a.number, a.state, 'worker-1', a.began,
       case when a.state = 'running' then now() else a.ended end,
       case when a.state <> 'running' then a.ended end,
       case when a.state = 'failed' then jsonb_build_object(
         'code', 'sql.failed', 'kind', 'code', 'retry', 'later', 'stack', null,
         'message', 'relation "raw.orders" has no column "discount": add it or take it out of the query.',
         'fingerprint', 'sql.failed: relation "raw.orders" has no column "discount"',
         'where', 'sql/marts/' || a.task_id || '.sql:14') end,
       case when a.operator = 'shell' and a.state = 'failed' then 2 end,
       case when a.operator in ('extract', 'sql', 'partitionLoad') and a.state = 'success' then
         jsonb_build_object('rowsRead', 500 + a.luck * 7, 'rowsInserted', 400 + a.luck * 7, 'rowsUpdated', a.luck % 90) end,
       a.log_lines, a.log_lines * 60
from seed_attempt a
order by a.id;

insert into log_line (attempt_id, line, at, level, message)
select a.id, n, a.began + (a.ended - a.began) * n / (a.log_lines + 1),
       case when a.state = 'failed' and n >= a.log_lines - 1 then 'error' when n % 17 = 0 then 'warn'
            when n % 5 = 0 then 'debug' else 'info' end,
       case
         when a.state = 'failed' and n = a.log_lines - 1
           then 'relation "raw.orders" has no column "discount"' || E'\\n  at sql/marts/' || a.task_id || '.sql:14'
         when n = 1 then a.task_id || ' starts (attempt ' || a.number || ')'
         when n % 17 = 0 then 'batch ' || n || ' took ' || (n % 90 + 10) || ' ms, longer than the others'
         else 'batch ' || n || ': ' || (n * 37 % 1000) || ' rows read, ' || (n % 7) || ' % changed'
       end
from seed_attempt a
cross join lateral generate_series(1, a.log_lines) n;

insert into task_output (task_run_id, key, value)
select t.id, 'rowsInserted', to_jsonb(400 + t.luck * 7)
from seed_task t
where t.operator in ('extract', 'sql') and t.state = 'success' and t.age < 200;

insert into event (at, type, pipeline_id, run_id, actor)
select r.created_at, 'run.created', r.pipeline_id, r.id, coalesce(r.trigger->>'by', 'headrace') from run r
union all
select r.finished_at, 'run.' || r.state, r.pipeline_id, r.id, 'headrace' from run r where r.finished_at is not null
order by 1;

insert into dataset (id, description, owner, tags, partition_scheme, columns, row_count, pipeline_id, task_id, updated_at)
select distinct on (written.id) written.id, '', p.owner, p.tags, v.manifest->>'partition',
       '[{"name": "id", "type": "bigint"}, {"name": "updated_at", "type": "timestamptz"}, {"name": "amount", "type": "numeric"}]'::jsonb,
       10000 + pg_temp.draw(written.id, 4000000), p.id, task->>'id', now() - pg_temp.draw(written.id, 86400) * interval '1 second'
from pipeline p
join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
cross join lateral jsonb_array_elements(v.manifest->'tasks') task
cross join lateral jsonb_array_elements_text(task->'writes') as written (id)
order by written.id;

insert into materialization (dataset_id, run_id, attempt_id, partition_key, rows_inserted, rows_updated, rows_rejected,
                             rows_total, bytes, duration_seconds, watermark_before, watermark_after, at)
select d.id, a.run_id, a.id, r.partition_key, 400 + a.luck * 7, a.luck % 90, a.luck % 3, d.row_count - s.age * 50,
       200000 + a.luck * 900, extract(epoch from a.ended - a.began),
       case when a.operator = 'extract' then to_char(r.interval_start, 'YYYY-MM-DD HH24:MI:SS') end,
       case when a.operator = 'extract' then to_char(r.interval_end, 'YYYY-MM-DD HH24:MI:SS') end, a.ended
from seed_attempt a
join seed_run s on s.id = a.run_id
join run r on r.id = a.run_id
join dataset d on d.pipeline_id = s.pipeline_id and d.task_id = a.task_id
where a.state = 'success'
order by a.id;

insert into metric_point (dataset_id, run_id, metric, at, value, state, expected, lower, upper)
select dataset_id, run_id, 'row_count', at, rows_total, 'expected', rows_total, rows_total * 0.97, rows_total * 1.03
from materialization order by id;

update metric_point p set state = 'unusual', lower = value * 1.4, expected = value * 1.5, upper = value * 1.6
from (select distinct on (dataset_id) dataset_id, id from metric_point order by dataset_id, id desc) last
where p.id = last.id;
insert into anomaly (dataset_id, metric, run_id, at, value, expected, lower, upper, rule, point_id)
select dataset_id, metric, run_id, at, value, expected, lower, upper, 'seasonal: 3.5 deviations over 90 points', id
from metric_point where state = 'unusual' order by id;

insert into schema_change (dataset_id, before, after, state, is_breaking, severity, changes, downstream)
select id, columns || '[{"name": "discount", "type": "numeric"}]', columns, 'told', true, 'warn',
       '[{"kind": "removed", "column": "discount", "from": "numeric", "to": null, "isBreaking": true}]',
       '[{"dataset": "warehouse.marts.fct_orders", "owner": null, "columns": ["discount"], "effect": "fails"}]'
from dataset;

insert into watermark (dataset_id, source, "column", value)
select d.id, 'shop.public.' || split_part(d.id, '.', 3), 'updated_at', to_char(now(), 'YYYY-MM-DD HH24:MI:SS+00')
from dataset d
where d.id like 'warehouse.raw.%';

insert into partition_state (dataset_id, partition_key, state, rows, run_id, updated_at)
select distinct on (d.id, r.partition_key) d.id, r.partition_key,
       case r.state when 'success' then 'fresh' when 'running' then 'running' else 'failed' end, 5000 + r.id % 900, r.id,
       r.created_at
from run r
join dataset d on d.pipeline_id = r.pipeline_id
where d.partition_scheme = 'day'
order by d.id, r.partition_key, r.id desc;

create temporary table seed_check on commit drop as
select replace(a.task_id, 'check_', '') as table_name, a.id as attempt_id, a.run_id, a.ended, a.luck, a.state,
       c.name, c.kind, c.column_name, c.dimension, c.nth,
       case when a.state = 'failed' then c.nth > 1 else a.luck % 40 <> c.nth end as passed
from seed_attempt a
cross join (values ('id is not null', 'not_null', 'id', 'completeness', 1), ('id is unique', 'unique', 'id', 'uniqueness', 2),
  ('amount is at least 0', 'between', 'amount', 'validity', 3), ('at least 1,000 rows', 'row_count', null, 'volume', 4),
  ('updated within 26 h', 'freshness', 'updated_at', 'timeliness', 5)) as c (name, kind, column_name, dimension, nth)
where a.operator = 'checks' and a.state in ('success', 'failed');

insert into check_result (dataset_id, run_id, attempt_id, name, kind, column_name, dimension, severity, passed,
                          rows_checked, rows_failed, observed, message, at)
select d.id, c.run_id, c.attempt_id, c.name, c.kind, c.column_name, c.dimension, case when c.nth > 3 then 'warn' else 'error' end,
       c.passed, d.row_count, case when c.passed then 0 else 1 + c.luck % 40 end,
       case when c.kind = 'row_count' then to_jsonb(d.row_count) end,
       case when c.passed then 'All rows pass.' else (1 + c.luck % 40) || ' rows fail.' end, c.ended
from seed_check c
join dataset d on split_part(d.id, '.', 3) = c.table_name
order by c.attempt_id, c.nth;

insert into quality_score (dataset_id, run_id, dimension, score, checks, at)
select r.dataset_id, r.run_id, coalesce(r.dimension, 'overall'), round(100.0 * count(*) filter (where r.passed) / count(*), 1),
       count(*), max(r.at)
from check_result r
group by grouping sets ((r.dataset_id, r.run_id, r.attempt_id, r.dimension), (r.dataset_id, r.run_id, r.attempt_id))
order by max(r.at);

insert into notification (run_id, channel, target, subject, state, tries, created_at, delivered_at)
select r.id, 'slack', 'hooks.slack.com', r.pipeline_id || ' failed', 'sent', 1, r.finished_at, r.finished_at
from run r
where r.state = 'failed' and r.pipeline_id = 'daily_etl';

insert into workspace_problem (file, line, "column", pipeline_id, rule, message)
values ('pipelines/returns.ts', 18, 5, null, 'cycle',
        'The tasks wait for each other: stg_returns → refunds → stg_returns. Take one of these dependencies out.');
`

if (process.argv[1] === import.meta.filename) {
  const { positionals } = parseArgs({ allowPositionals: true })
  const [url, runs] = positionals
  if (url === undefined) {
    console.error("usage: node test/seed-history.ts <databaseUrl> [runs]")
    process.exit(2)
  }
  const started = performance.now()
  await seedHistory(url, runs === undefined ? undefined : Number(runs))
  console.log(`seeded in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
