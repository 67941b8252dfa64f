-- Waits that hold no worker, and runs that a task started. Not breaking. The upper part is what Prisma derives from
-- schema.prisma.

-- CreateTable
CREATE TABLE "deferral" (
    "task_run_id" BIGINT NOT NULL,
    "run_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "wake_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "on_timeout" TEXT NOT NULL DEFAULT 'fail',
    "dataset_id" TEXT,
    "partition_key" TEXT,
    "since" TIMESTAMPTZ(3),
    "child_run_id" BIGINT,
    "token_hash" TEXT,
    "request" JSONB NOT NULL DEFAULT '{}',
    "response" JSONB,
    "polls" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deferral_pkey" PRIMARY KEY ("task_run_id")
);

-- CreateTable
CREATE TABLE "run_call" (
    "task_run_id" BIGINT NOT NULL,
    "generation" INTEGER NOT NULL,
    "run_id" BIGINT NOT NULL,
    "depth" INTEGER NOT NULL,
    "is_awaited" BOOLEAN NOT NULL,

    CONSTRAINT "run_call_pkey" PRIMARY KEY ("task_run_id","generation")
);

-- CreateIndex
CREATE UNIQUE INDEX "deferral_token_hash_key" ON "deferral"("token_hash");

-- CreateIndex
CREATE INDEX "deferral_kind_task_run_id_idx" ON "deferral"("kind", "task_run_id");

-- CreateIndex
CREATE UNIQUE INDEX "run_call_run_id_key" ON "run_call"("run_id");

-- AddForeignKey
ALTER TABLE "deferral" ADD CONSTRAINT "deferral_task_run_id_fkey" FOREIGN KEY ("task_run_id") REFERENCES "task_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_call" ADD CONSTRAINT "run_call_task_run_id_fkey" FOREIGN KEY ("task_run_id") REFERENCES "task_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_call" ADD CONSTRAINT "run_call_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

alter table attempt
  drop constraint attempt_state,
  drop constraint attempt_failure,
  add constraint attempt_state check
    (state in ('running', 'success', 'skipped', 'deferred', 'failed', 'timed_out', 'lost', 'killed', 'cancelled')),
  add constraint attempt_failure check
    (state in ('running', 'success', 'skipped', 'deferred', 'cancelled') or failure is not null);

alter table deferral
  add constraint deferral_kind check (kind in ('time', 'poll', 'dataset', 'callback', 'approval', 'run')),
  add constraint deferral_state check (state in ('registered', 'waiting', 'woken')),
  add constraint deferral_on_timeout check (on_timeout in ('fail', 'skip')),
  add constraint deferral_timed check (kind not in ('time', 'poll') or state <> 'waiting' or wake_at is not null),
  add constraint deferral_dataset check ((kind = 'dataset') = (dataset_id is not null)),
  add constraint deferral_child check ((kind = 'run') = (child_run_id is not null)),
  add constraint deferral_token check ((kind = 'callback') = (token_hash is not null));

alter table run_call add constraint run_call_depth check (depth >= 1);

-- The wake loop: what is due, what has waited too long, and when the next one is.
create index deferral_wake on deferral (wake_at) where state = 'waiting' and wake_at is not null;
create index deferral_expiry on deferral (expires_at) where state = 'waiting' and expires_at is not null;
-- Who waits for a dataset that was just loaded, or for a run that just ended.
create index deferral_awaited_dataset on deferral (dataset_id) where kind = 'dataset';
create index deferral_awaited_run on deferral (child_run_id) where kind = 'run';
-- Started runs whose caller may have been cancelled.
create index run_call_awaited on run_call (task_run_id) where is_awaited;

-- A poll updates its row each time; the rows are few.
alter table deferral set (fillfactor = 50);
