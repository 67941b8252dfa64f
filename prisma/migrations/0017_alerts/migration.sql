-- Signals, alert rules, where incidents show, and what is told of them to whom. Not breaking: what is
-- dropped of `deadline` is carried over.

create table signal (
  id bigserial primary key,
  kind text not null,
  pipeline_id text,
  dataset_id text,
  run_id bigint,
  subject text not null default '',
  at timestamptz(3) not null default current_timestamp,
  refused text
);

alter table incident add column followers integer not null default 0;

create table incident_member (
  incident_id bigint not null references incident (id) on delete cascade on update cascade,
  pipeline_id text not null,
  task_id text not null default '',
  is_root boolean not null,
  is_failing boolean not null default true,
  last_run_id bigint not null,
  primary key (incident_id, pipeline_id, task_id)
);

create table alert_rule (
  id text primary key,
  name text not null,
  kind text not null,
  condition jsonb not null,
  for_seconds integer not null default 0,
  clear_seconds integer not null default 0,
  severity text not null default 'warning',
  match jsonb not null default '{}',
  runbook text,
  labels jsonb not null default '{}',
  is_active boolean not null default true,
  origin text not null,
  file text,
  line integer,
  updated_by text,
  updated_at timestamptz(3) not null default current_timestamp
);

create table alert_condition (
  key text primary key,
  kind text not null,
  subject jsonb not null,
  holds_since timestamptz(3) not null,
  cleared_since timestamptz(3),
  is_firing boolean not null default false,
  evidence text not null default '',
  next_at timestamptz(3),
  follows bigint references incident (id) on delete set null on update cascade
);

create table alert_channel (
  id text primary key,
  kind text not null,
  variable text not null,
  description text not null default '',
  settings jsonb not null default '{}',
  max_per_hour integer,
  is_active boolean not null default true,
  origin text not null default 'console',
  failing_since timestamptz(3),
  last_error text,
  last_delivered_at timestamptz(3),
  created_by text not null,
  created_at timestamptz(3) not null default current_timestamp
);

create table alert_route (
  id bigserial primary key,
  position integer not null,
  name text not null,
  match jsonb not null default '{}',
  hours jsonb,
  channels text[],
  group_wait_seconds integer not null default 30,
  group_interval_seconds integer not null default 300,
  escalation jsonb not null default '[]',
  continues boolean not null default false,
  is_active boolean not null default true,
  updated_by text,
  updated_at timestamptz(3) not null default current_timestamp
);

create table maintenance_window (
  id bigserial primary key,
  reason text not null,
  match jsonb not null default '{}',
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  created_by text not null,
  created_at timestamptz(3) not null default current_timestamp
);

create table alert_delivery (
  id bigserial primary key,
  channel_id text not null references alert_channel (id) on delete cascade on update cascade,
  incident_id bigint references incident (id) on delete cascade on update cascade,
  event_id bigint,
  turn text not null,
  route_id bigint,
  state text not null default 'pending',
  tries integer not null default 0,
  next_try_at timestamptz(3) default current_timestamp,
  note text,
  status integer,
  subject text,
  digest_id bigint,
  actor text not null default 'headrace',
  created_at timestamptz(3) not null default current_timestamp,
  last_try_at timestamptz(3),
  sent_at timestamptz(3),
  deadline_id bigint references deadline (id) on delete set null on update cascade
);

create index alert_delivery_channel_id_id_idx on alert_delivery (channel_id, id desc);
create index alert_delivery_incident_id_id_idx on alert_delivery (incident_id, id);
-- Retention.
create index alert_delivery_created_at_idx on alert_delivery (created_at);


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

alter table signal
  add constraint signal_kind check
    (kind in ('run', 'freshness', 'quality', 'checks', 'anomaly', 'deadline', 'worker', 'metric'));
create index signal_waiting on signal (id) where refused is null;

create index incident_member_failing on incident_member (pipeline_id) where is_failing;

-- A cause that comes back long after it was resolved is a new incident under the same key.
drop index incident_key;
create unique index incident_key on incident (key) where state <> 'resolved';
create index incident_history on incident (key, id desc);

alter table alert_rule
  add constraint alert_rule_severity check (severity in ('info', 'warning', 'critical')),
  add constraint alert_rule_origin check (origin in ('builtin', 'workspace', 'console')),
  add constraint alert_rule_seconds check (for_seconds >= 0 and clear_seconds >= 0);

create index alert_condition_follows on alert_condition (follows) where follows is not null;
create index alert_condition_due on alert_condition (next_at) where next_at is not null;

alter table alert_channel
  add constraint alert_channel_kind check
    (kind in ('console', 'slack', 'email', 'pagerduty', 'opsgenie', 'teams', 'webhook')),
  add constraint alert_channel_origin check (origin in ('environment', 'console'));

alter table maintenance_window
  add constraint maintenance_window_order check (starts_at < ends_at);
create index maintenance_window_ends on maintenance_window (ends_at);

alter table alert_delivery
  add constraint alert_delivery_state check (state in ('pending', 'sent', 'failed', 'dropped')),
  add constraint alert_delivery_next check ((next_try_at is not null) = (state = 'pending')),
  add constraint alert_delivery_sent check ((sent_at is not null) = (state = 'sent'));
create index alert_delivery_due on alert_delivery (channel_id, next_try_at) where state = 'pending';
-- What a channel was sent lately: rate limits and group intervals.
create index alert_delivery_tried on alert_delivery (channel_id, last_try_at) where digest_id is not null;
create unique index alert_delivery_deadline on alert_delivery (deadline_id, channel_id) where deadline_id is not null;
-- One message for one turn of an incident to one channel.
create unique index alert_delivery_once on alert_delivery (event_id, channel_id, turn) where event_id is not null;

-- What deadlines told by themselves is now told as an incident; who waits to be told is.
insert into signal (kind, pipeline_id, run_id, subject)
select 'deadline', pipeline_id, run_id, key from deadline where delivery = 'waiting';
alter table deadline
  drop column delivery,
  drop column tries,
  drop column next_try_at,
  drop column delivery_error,
  drop column delivered_at;

-- Signals are written by the database itself, in whatever transaction writes the cause (adr/0004): no writer of ends of
-- runs, measurements or states can forget them, and none of them is there without its cause.
create function announce_signals() returns void language sql as $$
  select pg_notify('headrace_control', '{"type":"signal"}')
$$;

create function run_signal() returns trigger language plpgsql as $$
begin
  insert into signal (kind, pipeline_id, run_id) values ('run', new.pipeline_id, new.id);
  perform announce_signals();
  return null;
end
$$;
create trigger run_signal after update of state on run
  for each row when (new.state is distinct from old.state and new.state in ('success', 'failed'))
  execute function run_signal();

create function freshness_signal() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or new.state is distinct from old.state then
    insert into signal (kind, dataset_id) values ('freshness', new.dataset_id);
    perform announce_signals();
  end if;
  return null;
end
$$;
create trigger freshness_signal after insert or update of state on freshness_status
  for each row execute function freshness_signal();

create function quality_signal() returns trigger language plpgsql as $$
begin
  insert into signal (kind, dataset_id) select distinct 'quality', dataset_id from new_rows;
  perform announce_signals();
  return null;
end
$$;
create trigger quality_signal after insert on quality_score
  referencing new table as new_rows for each statement execute function quality_signal();

create function checks_signal() returns trigger language plpgsql as $$
begin
  insert into signal (kind, dataset_id) select distinct 'checks', dataset_id from new_rows where run_id is null;
  perform announce_signals();
  return null;
end
$$;
create trigger checks_signal after insert on check_result
  referencing new table as new_rows for each statement execute function checks_signal();

create function anomaly_signal() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or new.state is distinct from old.state then
    insert into signal (kind, dataset_id, run_id, subject) values ('anomaly', new.dataset_id, new.run_id, new.metric);
    perform announce_signals();
  end if;
  return null;
end
$$;
create trigger anomaly_signal after insert or update of state on anomaly
  for each row execute function anomaly_signal();

create function deadline_signal() returns trigger language plpgsql as $$
begin
  insert into signal (kind, pipeline_id, run_id, subject) values ('deadline', new.pipeline_id, new.run_id, new.key);
  perform announce_signals();
  return null;
end
$$;
create trigger deadline_signal after update of state on deadline
  for each row when (new.state is distinct from old.state and new.state in ('met', 'missed', 'late'))
  execute function deadline_signal();

create function worker_signal() returns trigger language plpgsql as $$
begin
  insert into signal (kind, subject) values ('worker', case when tg_op = 'UPDATE' then new.id else '' end);
  perform announce_signals();
  return null;
end
$$;
create trigger worker_start_signal after insert on worker
  for each row execute function worker_signal();
-- Who stops in order says so with a last heartbeat; who is given up has not been heard of.
create trigger worker_lost_signal after update of state on worker
  for each row when (new.state = 'gone' and old.state <> 'gone' and new.heartbeat_at = old.heartbeat_at)
  execute function worker_signal();

-- Measurements are many: only those that a rule watches.
create function metric_signal() returns trigger language plpgsql as $$
begin
  insert into signal (kind, dataset_id, subject)
  select distinct 'metric', m.dataset_id, m.metric
  from new_rows m
  where exists (
    select from alert_rule r where r.kind = 'metric' and r.is_active and r.condition ->> 'metric' = m.metric
  );
  if found then perform announce_signals(); end if;
  return null;
end
$$;
create trigger metric_signal after insert on metric_point
  referencing new table as new_rows for each statement execute function metric_signal();

-- What was said of an incident before (claimDeliveries).
create index webhook_delivery_incident on webhook_delivery (webhook_id, (data ->> 'incidentId'), id)
  where state = 'pending' and type like 'incident.%';

-- Rules that every installation begins with; people change them and switch them off.
insert into alert_rule (id, name, kind, condition, for_seconds, clear_seconds, severity, origin, is_active) values
  ('pipeline-failure', 'A pipeline failed', 'pipeline_failure',
   '{"kind":"pipeline_failure","withBackfills":true,"errorKinds":[]}', 0, 0, 'critical', 'builtin', true),
  ('freshness-breach', 'A dataset is late', 'freshness_breach',
   '{"kind":"freshness_breach","level":"error"}', 0, 0, 'critical', 'builtin', true),
  ('quality-below-90', 'Quality is below 90', 'quality_below',
   '{"kind":"quality_below","dimension":"overall","below":90}', 600, 0, 'warning', 'builtin', true),
  ('check-failure', 'A check failed', 'check_failure',
   '{"kind":"check_failure","level":"error"}', 0, 0, 'warning', 'builtin', true),
  ('row-count-anomaly', 'The number of rows is unusual', 'anomaly',
   '{"kind":"anomaly","metrics":["row_count","rows"],"level":"warn"}', 0, 0, 'warning', 'builtin', true),
  ('duration-anomaly', 'A run took unusually long', 'duration_anomaly',
   '{"kind":"duration_anomaly","method":"mean","factor":2,"days":7,"minRuns":5,"minSeconds":60}', 0, 0, 'warning', 'builtin', true),
  ('deadline-missed', 'A deadline was missed', 'deadline_missed',
   '{"kind":"deadline_missed"}', 0, 0, 'critical', 'builtin', true),
  ('queue-backlog', 'Tasks wait for a worker', 'queue_backlog',
   '{"kind":"queue_backlog","tasks":1000,"waitSeconds":900}', 120, 120, 'warning', 'builtin', true),
  ('worker-lost', 'A worker was lost', 'worker_lost',
   '{"kind":"worker_lost"}', 0, 0, 'warning', 'builtin', true);
