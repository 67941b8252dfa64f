-- What the shape of a run may do: mapped tasks with one instance for each item of a list, branches that skip tasks, and
-- tear-downs. Not breaking.

-- CreateTable
CREATE TABLE "mapped_task" (
    "task_run_id" BIGINT NOT NULL,
    "total" INTEGER NOT NULL,
    "success" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "next_index" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "mapped_task_pkey" PRIMARY KEY ("task_run_id")
);

-- CreateTable
CREATE TABLE "mapped_item" (
    "task_run_id" BIGINT NOT NULL,
    "item" JSONB NOT NULL,
    "label" TEXT NOT NULL,

    CONSTRAINT "mapped_item_pkey" PRIMARY KEY ("task_run_id")
);

-- AlterTable
ALTER TABLE "task_run" ADD COLUMN "skips" JSONB;

-- AddForeignKey
ALTER TABLE "mapped_task" ADD CONSTRAINT "mapped_task_task_run_id_fkey" FOREIGN KEY ("task_run_id") REFERENCES "task_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mapped_item" ADD CONSTRAINT "mapped_item_task_run_id_fkey" FOREIGN KEY ("task_run_id") REFERENCES "task_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

alter table mapped_task
  add constraint mapped_task_counts check
    (total >= 1 and success >= 0 and failed >= 0 and skipped >= 0 and success + failed + skipped <= total
     and next_index between 0 and total);

alter table task_run
  drop constraint task_run_state,
  add constraint task_run_state check (state in ('pending', 'ready', 'running', 'up_for_retry', 'deferred', 'mapped',
    'success', 'failed', 'skipped', 'upstream_failed', 'cancelled')),
  drop constraint task_run_rule,
  add constraint task_run_rule check (trigger_rule in ('all_success', 'all_done', 'all_failed', 'one_success',
    'one_failed', 'none_failed', 'none_failed_min_one_success', 'none_skipped', 'all_skipped', 'always',
    'all_done_setup_success')),
  add constraint task_run_map_index check (map_index >= -1 and (map_index = -1 or (state <> 'mapped' and downstream = '{}')));

-- Updated at each end of an instance; nothing indexed changes.
alter table mapped_task set (fillfactor = 50);
