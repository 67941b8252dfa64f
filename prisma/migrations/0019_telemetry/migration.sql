-- Counters for /api/metrics: they only ever grow, whatever retention deletes, and are the same in every process. Filled with
-- the history there is, which takes seconds a million runs. Not breaking.

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "ends" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "worker" ADD COLUMN     "figures" JSONB;

-- CreateTable
CREATE TABLE "run_counter" (
    "pipeline_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "runs" BIGINT NOT NULL,
    "durations" BIGINT[],
    "seconds" DOUBLE PRECISION NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "run_counter_pkey" PRIMARY KEY ("pipeline_id","status")
);

-- CreateTable
CREATE TABLE "load_counter" (
    "pipeline_id" TEXT NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "rows_inserted" BIGINT NOT NULL,
    "rows_updated" BIGINT NOT NULL,
    "rows_deleted" BIGINT NOT NULL,
    "rows_rejected" BIGINT NOT NULL,
    "loads" BIGINT NOT NULL,
    "last_rows" BIGINT,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "load_counter_pkey" PRIMARY KEY ("pipeline_id","dataset_id")
);

-- CreateTable
CREATE TABLE "delivery_counter" (
    "channel_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "deliveries" BIGINT NOT NULL,

    CONSTRAINT "delivery_counter_pkey" PRIMARY KEY ("channel_id","state")
);

-- CreateTable
CREATE TABLE "trace_cursor" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "recent" BIGINT[] DEFAULT ARRAY[]::BIGINT[],

    CONSTRAINT "trace_cursor_pkey" PRIMARY KEY ("id")
);
alter table trace_cursor add constraint trace_cursor_one check (id = 1);
insert into trace_cursor default values;

alter table run_counter
  add constraint run_counter_status check (status in ('success', 'failed', 'cancelled')),
  add constraint run_counter_durations check (cardinality(durations) = 13),
  add constraint run_counter_grows check (runs > 0 and seconds >= 0);

-- Few rows that are written again and again: with room on their page, and no index on what changes, in place.
alter table run_counter set (fillfactor = 50);
alter table load_counter set (fillfactor = 50);

-- A duration's place is the number of bounds below it, those of lib/domain/duration-buckets.ts; null: there is none.
insert into run_counter (pipeline_id, status, runs, durations, seconds, last_at)
select r.pipeline_id, r.state, count(*),
       array[
             count(*) filter (where d.place = 0),
             count(*) filter (where d.place = 1),
             count(*) filter (where d.place = 2),
             count(*) filter (where d.place = 3),
             count(*) filter (where d.place = 4),
             count(*) filter (where d.place = 5),
             count(*) filter (where d.place = 6),
             count(*) filter (where d.place = 7),
             count(*) filter (where d.place = 8),
             count(*) filter (where d.place = 9),
             count(*) filter (where d.place = 10),
             count(*) filter (where d.place = 11),
             count(*) filter (where d.place = 12)
       ],
       coalesce(sum(d.seconds), 0), max(r.finished_at)
from run r
cross join lateral (
  -- greatest(0, null) is 0.
  select case when r.started_at is not null then greatest(0, extract(epoch from r.finished_at - r.started_at))::float8 end
           as seconds
) s
cross join lateral (
  select s.seconds,
         12 - width_bucket(-s.seconds,
                           array[-7200, -3600, -1800, -600, -300, -60, -30, -10, -5, -1, -0.5, -0.1]::float8[]) as place
) d
where r.finished_at is not null and r.state in ('success', 'failed', 'cancelled')
group by r.pipeline_id, r.state;

insert into load_counter (pipeline_id, dataset_id, rows_inserted, rows_updated, rows_deleted, rows_rejected, loads,
                          last_rows, last_at)
select l.pipeline_id, l.dataset_id, sum(l.inserted), sum(l.updated), sum(l.deleted), sum(l.rejected), count(*),
       (array_agg(l.inserted + l.updated order by l.attempt_id desc) filter (where l.kind <> 'backfill'))[1], max(l.at)
from (
  select r.pipeline_id, r.kind, m.dataset_id, m.attempt_id, sum(m.rows_inserted) as inserted, sum(m.rows_updated) as updated,
         sum(m.rows_deleted) as deleted, sum(m.rows_rejected) as rejected, max(m.at) as at
  from materialization m
  join run r on r.id = m.run_id
  group by r.pipeline_id, r.kind, m.dataset_id, m.attempt_id
) l
group by l.pipeline_id, l.dataset_id;

-- Messages are counted where they stand, and here once they are deleted: whoever deletes them cannot forget it, and who sends
-- takes no lock for it.
create function count_deleted_deliveries() returns trigger language plpgsql as $$
begin
  insert into delivery_counter as c (channel_id, state, deliveries)
  select channel_id, state, count(*)
  from old_rows
  where state <> 'pending'
  group by channel_id, state
  order by channel_id, state
  on conflict (channel_id, state) do update set deliveries = c.deliveries + excluded.deliveries;
  return null;
end
$$;
create trigger count_deleted_deliveries after delete on alert_delivery
  referencing old table as old_rows for each statement execute function count_deleted_deliveries();
