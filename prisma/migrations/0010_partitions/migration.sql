-- Partitions by fixed keys, and runs that load several partitions. Not breaking for stored rows; workers of the version
-- before would not create the runs of pipelines with keys.

-- What a run loads that loads more than one partition; runs of one have their key in `run.partition_key` alone.
create table run_part (
  run_id bigint not null references run (id) on delete cascade,
  position integer not null,
  pipeline_id text not null,
  partition_key text not null,
  constraint run_part_pkey primary key (run_id, position)
);
create index run_part_key on run_part (pipeline_id, partition_key, run_id desc);

alter table backfill
  add column per_run integer not null default 1,
  -- Why the backfill paused itself.
  add column pause_reason text;
-- The position of the first slot that the run of a slot loads: slots of one run stand side by side.
alter table backfill_slot add column slot_group integer;
update backfill_slot set slot_group = position;
alter table backfill_slot alter column slot_group set not null;
alter table backfill
  add constraint backfill_per_run check (per_run between 1 and 1000),
  add constraint backfill_pause_reason check (pause_reason is null or state = 'paused');
-- Partitions without a time all stand for the instant of the plan.
alter table backfill drop constraint backfill_range, add constraint backfill_range check (range_start <= range_end);
alter table backfill_slot add constraint backfill_slot_group_first check (slot_group <= position);

-- `2026-03-01|eu` → `eu`; no key begins like a date (lib/domain/partition-scheme.ts), so one alone is known as well.
create function static_partition_key(partition_key text) returns text language sql immutable parallel safe
return case
  when partition_key like '%|%' then split_part(partition_key, '|', 2)
  when partition_key ~ '^\d{4}-' then ''
  else coalesce(partition_key, '')
end;

-- One run a key at the same logical time.
drop index run_once;
create unique index run_once on run (pipeline_id, kind, schedule_key, logical_at, coalesce(partition_key, ''))
  where backfill_id is null;
drop index run_once_per_backfill;
create unique index run_once_per_backfill on run (backfill_id, logical_at, schedule_key, coalesce(partition_key, ''))
  where backfill_id is not null;
