-- Freshness that is watched without runs: what each dataset's policy asks, when it is judged next, and its states over time;
-- and monitors of tables. Not breaking.

alter table freshness_status
  -- FreshnessPolicy as lib/domain/freshness reads it; null: nobody asks.
  add column policy jsonb,
  -- What declares it: a file of the workspace, or a dbt project.
  add column origin text,
  add column policy_hash text,
  add column watched_since timestamptz(3) not null default current_timestamp,
  -- The warehouse has to be asked.
  add column reads_data boolean not null default false,
  -- When it is judged next; null: when something arrives.
  add column check_at timestamptz(3),
  -- While a worker asks the warehouse; then it is taken for dead.
  add column lease_until timestamptz(3),
  -- Time of the newest partition that was loaded, as the beginning of its key.
  add column newest_key text,
  add column measured_at timestamptz(3),
  -- DataObservation of the last measurement.
  add column measurement jsonb,
  add column present_keys text[] not null default '{}',
  add column failures integer not null default 0,
  -- The last state that an event told of: what is told once is not told again after a doubt.
  add column announced text,
  -- The newest 20 arrivals, oldest first, and how long after the start of their runs each came.
  add column arrivals timestamptz(3)[] not null default '{}',
  add column lags_ms double precision[] not null default '{}',
  -- Medians of the two, and how far from them most lie.
  add column interval_ms double precision,
  add column interval_spread_ms double precision,
  add column lag_ms double precision,
  add column lag_spread_ms double precision,
  add constraint freshness_status_origin check (origin in ('policy', 'dbt')),
  add constraint freshness_status_policy check ((policy is null) = (origin is null)),
  add constraint freshness_status_announced check (announced in ('warn', 'error'));
-- What is to be judged now, or measured.
create index freshness_status_due on freshness_status (reads_data, check_at) where check_at is not null;

-- The states of a dataset, end to end.
create table freshness_interval (
  id bigserial not null,
  dataset_id text not null,
  state text not null,
  from_at timestamptz(3) not null,
  to_at timestamptz(3),
  message text not null default '',
  constraint freshness_interval_pkey primary key (id),
  constraint freshness_interval_dataset_id_fkey foreign key (dataset_id) references dataset (id) on delete cascade on update cascade,
  constraint freshness_interval_state check (state in ('unknown', 'fresh', 'warn', 'error')),
  constraint freshness_interval_order check (to_at >= from_at)
);
create index freshness_interval_dataset_id_from_at_idx on freshness_interval (dataset_id, from_at desc);
-- Retention.
create index freshness_interval_to_at_idx on freshness_interval (to_at);
create unique index freshness_interval_open on freshness_interval (dataset_id) where to_at is null;

-- Tables that are looked at every so often, whether a run happens or not.
create table dataset_monitor (
  dataset_id text not null,
  every_ms double precision not null,
  next_at timestamptz(3) not null default current_timestamp,
  lease_until timestamptz(3),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  -- Of the last look; null before the first.
  outcome text,
  message text not null default '',
  -- What each part of it came to.
  parts jsonb not null default '[]',
  constraint dataset_monitor_pkey primary key (dataset_id),
  constraint dataset_monitor_dataset_id_fkey foreign key (dataset_id) references dataset (id) on delete cascade on update cascade,
  constraint dataset_monitor_outcome check (outcome in ('ok', 'failed'))
);
create index dataset_monitor_next_at_idx on dataset_monitor (next_at);
