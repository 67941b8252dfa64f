-- Backfills of selected tasks, at a priority of their own, whose failed partitions run again inside the same backfill. Not
-- breaking.

alter table backfill
  add column priority integer not null default 0,
  add column tasks text[] not null default array[]::text[];
alter table backfill_slot add column tries integer not null default 0;

alter table backfill
  add constraint backfill_selection check (selection in ('all', 'missing', 'missing_failed', 'failed', 'stale')),
  add constraint backfill_priority check (priority between -1000 and 1000);
alter table backfill_slot add constraint backfill_slot_tries check (tries >= 0);

-- Runs that backfills have made count as the first try of their slots.
update backfill_slot set tries = 1 where run_id is not null;

-- A slot may have several runs, one a try.
drop index run_once_per_backfill;
create unique index run_once_per_backfill on run (backfill_id, logical_at, schedule_key) where backfill_id is not null;

-- What was loaded into a partition, and when.
create index materialization_partition on materialization (dataset_id, partition_key, at) where partition_key is not null;
-- How many runs of a backfill live, and which slots come next, whatever it has behind it.
create index run_backfill_live on run (backfill_id)
  where backfill_id is not null and state in ('queued', 'running', 'cancelling');
create index backfill_slot_next on backfill_slot (backfill_id, position) where action = 'create' and run_id is null;
