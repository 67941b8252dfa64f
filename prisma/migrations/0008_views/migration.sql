-- Indexes for the grid and the calendar of a pipeline, and what a task waited for. Not breaking. The upper part is what Prisma derives from
-- schema.prisma; the covering index below is beyond it.

-- Runs of a pipeline of a rare kind: the grid's and the list's filter.
-- CreateIndex
CREATE INDEX "run_pipeline_id_kind_id_idx" ON "run"("pipeline_id", "kind", "id" DESC);


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

-- A year of a pipeline, a day or the earliest and latest run, read from the index alone. State and times change as rarely
-- as the state that other indexes hold already, so a run's counter is still updated in place.
create index run_calendar on run (pipeline_id, logical_at) include (state, started_at, finished_at);

-- When a task run got its slots, and, kept with each try, when it had become ready and got them: what its time went into
-- before it ran. Empty for tries from before this migration and for task runs without limits.
alter table task_run add column admitted_at timestamptz(3);
alter table attempt
  add column ready_at timestamptz(3),
  add column admitted_at timestamptz(3);
