-- Gates between runs, time limits of runs, and deadlines. Not breaking.

-- A run's time limit, counted from its last start; and why it is being stopped, where that makes it end as failed.
alter table run
  add column time_limit_at timestamptz(3),
  add column stop_reason text;

create index run_time_limit on run (time_limit_at) where time_limit_at is not null and state = 'running';
-- The run before another in its series, by data interval: newest first, and of one interval the newest run.
create index run_series on run (pipeline_id, interval_start desc, id desc) where kind in ('schedule', 'backfill');

-- A pending task run whose trigger rule is met and whose past is not, with the run that it waits for. Found again by the
-- pipeline whose task runs end.
create table past_wait (
  task_run_id bigint primary key references task_run (id) on delete cascade,
  run_id bigint not null references run (id) on delete cascade,
  pipeline_id text not null,
  blocking_run_id bigint not null,
  blocking_task_id text not null,
  blocking_state text not null,
  since timestamptz(3) not null default now()
);
create index past_wait_pipeline_id_run_id_idx on past_wait (pipeline_id, run_id);
create index past_wait_run_id_idx on past_wait (run_id);

-- How far the deadlines of a schedule's intervals are planned.
create table deadline_clock (
  pipeline_id text not null references pipeline (id) on delete cascade,
  schedule_key text not null,
  planned_until timestamptz(3) not null,
  next_tick_at timestamptz(3),
  primary key (pipeline_id, schedule_key)
);
create index deadline_clock_due on deadline_clock (next_tick_at) where next_tick_at is not null;

-- One deadline of one run, or of one tick of a schedule, whether or not that ever gets a run.
create table deadline (
  id bigserial primary key,
  pipeline_id text not null references pipeline (id) on delete cascade,
  key text not null,
  task_id text,
  rule jsonb not null,
  channel text,
  run_id bigint references run (id) on delete cascade,
  schedule_key text,
  logical_at timestamptz(3),
  interval_end timestamptz(3),
  due_at timestamptz(3) not null,
  state text not null default 'pending',
  message text,
  missed_at timestamptz(3),
  completed_at timestamptz(3),
  delivery text not null default 'none',
  tries integer not null default 0,
  next_try_at timestamptz(3),
  delivery_error text,
  delivered_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  constraint deadline_state check (state in ('pending', 'met', 'missed', 'late', 'dropped')),
  constraint deadline_missed check ((missed_at is not null) = (state in ('missed', 'late'))),
  constraint deadline_completed check ((completed_at is not null) = (state = 'late')),
  constraint deadline_delivery check (delivery in ('none', 'waiting', 'sent', 'failed')),
  constraint deadline_told check (delivery = 'none' or missed_at is not null),
  constraint deadline_next_try check ((next_try_at is not null) = (delivery = 'waiting')),
  constraint deadline_subject check
    ((schedule_key is null) = (logical_at is null) and (interval_end is null) = (logical_at is null)
     and (run_id is not null or logical_at is not null))
);
-- Exactly once: a run's, and a tick's.
create unique index deadline_of_run on deadline (run_id, key) where logical_at is null;
create unique index deadline_of_tick on deadline (pipeline_id, schedule_key, logical_at, key) where logical_at is not null;
create index deadline_run on deadline (run_id) where run_id is not null;
create index deadline_due on deadline (due_at) where state = 'pending';
create index deadline_open on deadline (missed_at, id) where state = 'missed';
create index deadline_untold on deadline (next_try_at) where delivery = 'waiting';
create index deadline_listed on deadline (pipeline_id, id desc) where state in ('missed', 'late');
create index deadline_old on deadline (due_at) where state <> 'pending';
