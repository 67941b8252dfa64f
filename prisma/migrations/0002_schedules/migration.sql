-- Several schedules a pipeline, and runs that are started by what other runs did. Breaking for workers of the version before:
-- `pipeline.last_logical_at` moves into `pipeline_schedule`. The upper part is what Prisma derives from schema.prisma.

-- CreateTable
CREATE TABLE "pipeline_schedule" (
    "pipeline_id" TEXT NOT NULL,
    "schedule_key" TEXT NOT NULL,
    "is_current" BOOLEAN NOT NULL DEFAULT true,
    "last_logical_at" TIMESTAMPTZ(3),
    "next_run_at" TIMESTAMPTZ(3),

    CONSTRAINT "pipeline_schedule_pkey" PRIMARY KEY ("pipeline_id","schedule_key")
);

-- CreateTable
CREATE TABLE "trigger_subscription" (
    "pipeline_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT '',
    "with_backfills" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "trigger_subscription_pkey" PRIMARY KEY ("source","name","pipeline_id","state")
);

-- CreateTable
CREATE TABLE "trigger_arrival" (
    "id" BIGSERIAL NOT NULL,
    "pipeline_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "updates" INTEGER NOT NULL DEFAULT 1,
    "cause_run_id" BIGINT,
    "cause_state" TEXT,
    "interval_start" TIMESTAMPTZ(3),
    "interval_end" TIMESTAMPTZ(3),
    "payload" JSONB,
    "actor" TEXT,
    "arrived_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "consumed_at" TIMESTAMPTZ(3),
    "run_id" BIGINT,
    "refused" TEXT,

    CONSTRAINT "trigger_arrival_pkey" PRIMARY KEY ("id")
);

-- AlterTable
ALTER TABLE "run" ADD COLUMN "schedule_key" TEXT NOT NULL DEFAULT '';

-- CreateIndex
CREATE INDEX "trigger_subscription_pipeline_id_idx" ON "trigger_subscription"("pipeline_id");

-- CreateIndex
CREATE INDEX "trigger_arrival_run_id_idx" ON "trigger_arrival"("run_id");

-- AddForeignKey
ALTER TABLE "pipeline_schedule" ADD CONSTRAINT "pipeline_schedule_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipeline"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trigger_subscription" ADD CONSTRAINT "trigger_subscription_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipeline"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trigger_arrival" ADD CONSTRAINT "trigger_arrival_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipeline"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trigger_arrival" ADD CONSTRAINT "trigger_arrival_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE SET NULL ON UPDATE CASCADE;


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

alter table trigger_subscription
  add constraint trigger_subscription_source check (source in ('dataset', 'pipeline', 'event')),
  add constraint trigger_subscription_state check
    (case when source = 'pipeline' then state in ('success', 'failed', 'done') else state = '' end);
alter table trigger_arrival
  add constraint trigger_arrival_source check (source in ('dataset', 'pipeline', 'event')),
  add constraint trigger_arrival_updates check (updates > 0),
  add constraint trigger_arrival_consumed check (consumed_at is not null or (run_id is null and refused is null));

-- What a schedule was is kept under the key that the new code gives to the one schedule that there could be.
insert into pipeline_schedule (pipeline_id, schedule_key, last_logical_at, next_run_at)
select p.id, 'cron ' || (v.manifest #>> '{schedule,cron}') || ' ' || (v.manifest #>> '{schedule,timezone}'),
       p.last_logical_at, p.next_run_at
from pipeline p
join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
where v.manifest -> 'schedule' <> 'null';
alter table pipeline drop column last_logical_at;

-- `pipeline.next_run_at` stays, as the least of its schedules': screens read it.
drop index pipeline_due;
create index pipeline_schedule_due on pipeline_schedule (next_run_at) where next_run_at is not null;
create index trigger_arrival_pending on trigger_arrival (pipeline_id, id) where consumed_at is null;
create index trigger_arrival_consumed on trigger_arrival (consumed_at) where consumed_at is not null;

-- Two schedules of a pipeline may tick at the same instant: each has its run.
drop index run_once;
create unique index run_once on run (pipeline_id, kind, schedule_key, logical_at) where backfill_id is null;

-- Arrivals are written by the database itself, in whatever transaction writes the cause: no writer of loads or of ends of
-- runs can forget them, and none of them is there without its cause. Both triggers cost one look-up by index where nobody
-- waits. A backfill's loads and runs count only for subscribers that ask for them.
create function announce_arrivals() returns void language sql as $$
  select pg_notify('headrace_control', '{"type":"arrival"}')
$$;

create function materialization_arrivals() returns trigger language plpgsql as $$
begin
  insert into trigger_arrival (pipeline_id, source, name, updates, cause_run_id, interval_start, interval_end, arrived_at)
  select s.pipeline_id, 'dataset', m.dataset_id, count(*)::int, m.run_id, r.interval_start, r.interval_end, max(m.at)
  from new_rows m
  join trigger_subscription s on s.source = 'dataset' and s.name = m.dataset_id
  join run r on r.id = m.run_id
  where s.with_backfills or r.kind <> 'backfill'
  group by s.pipeline_id, m.dataset_id, m.run_id, r.interval_start, r.interval_end
  order by s.pipeline_id, m.dataset_id;
  if found then perform announce_arrivals(); end if;
  return null;
end
$$;
create trigger materialization_arrivals after insert on materialization
  referencing new table as new_rows for each statement execute function materialization_arrivals();

create function run_end_arrival() returns trigger language plpgsql as $$
begin
  insert into trigger_arrival (pipeline_id, source, name, cause_run_id, cause_state, interval_start, interval_end, arrived_at)
  select distinct s.pipeline_id, 'pipeline', new.pipeline_id, new.id, new.state, new.interval_start, new.interval_end,
         new.finished_at
  from trigger_subscription s
  where s.source = 'pipeline' and s.name = new.pipeline_id and s.state in (new.state, 'done')
    and new.kind <> 'backfill';
  if found then perform announce_arrivals(); end if;
  return null;
end
$$;
create trigger run_end_arrival after update of state on run
  for each row when (new.state is distinct from old.state and new.state in ('success', 'failed', 'cancelled'))
  execute function run_end_arrival();
