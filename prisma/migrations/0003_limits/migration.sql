-- Limits on how many task runs go at once (pools, tasks of a pipeline, concurrency keys), and an age in the order of the
-- queue. Not breaking: task runs without limits are as before.

-- A limit: a pool that people set, the tasks of a pipeline at a time, or a key that tasks share.
-- CreateTable
CREATE TABLE "slot_limit" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "capacity" INTEGER,
    "description" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "slot_limit_pkey" PRIMARY KEY ("id")
);

-- Slots that admitted task runs hold. How much of a limit is used is their sum, never a counter.
-- CreateTable
CREATE TABLE "task_slot" (
    "task_run_id" BIGINT NOT NULL,
    "limit_id" TEXT NOT NULL,
    "slots" INTEGER NOT NULL,

    CONSTRAINT "task_slot_pkey" PRIMARY KEY ("task_run_id","limit_id")
);

-- CreateIndex
CREATE INDEX "task_slot_limit_id_idx" ON "task_slot"("limit_id");

-- AddForeignKey
ALTER TABLE "task_slot" ADD CONSTRAINT "task_slot_task_run_id_fkey" FOREIGN KEY ("task_run_id") REFERENCES "task_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_slot" ADD CONSTRAINT "task_slot_limit_id_fkey" FOREIGN KEY ("limit_id") REFERENCES "slot_limit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AlterTable
ALTER TABLE "task_run" ADD COLUMN "limits" JSONB,
ADD COLUMN "queue_priority" INTEGER,
ADD COLUMN "waiting_for" TEXT;


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

alter table slot_limit
  add constraint slot_limit_kind check (kind in ('pool', 'pipeline', 'key')),
  add constraint slot_limit_id check (id = kind || '/' || name),
  add constraint slot_limit_capacity check (capacity >= 0 and (kind <> 'pool' or capacity is not null));
alter table task_slot add constraint task_slot_slots check (slots >= 0);
alter table task_run add constraint task_run_waiting_for check (waiting_for is null or state = 'ready');

-- Who is next at a limit.
create index task_run_waiting on task_run (waiting_for, queue_priority desc, id) where waiting_for is not null;
-- Throughput of the last minutes is read from the index of attempts by their end (attempt_finished_at_idx).
