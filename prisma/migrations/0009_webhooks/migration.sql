-- Webhooks and OpenLineage: endpoints, and an outbox of what is on its way to them. Not breaking.

-- CreateTable
CREATE TABLE "webhook" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'webhook',
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "events" TEXT[],
    "pipelines" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "secret" TEXT,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "failing_since" TIMESTAMPTZ(3),
    "last_delivered_at" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_delivery" (
    "id" BIGSERIAL NOT NULL,
    "webhook_id" BIGINT NOT NULL,
    "message_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "pipeline_id" TEXT,
    "run_id" BIGINT,
    "task_run_id" BIGINT,
    "actor" TEXT NOT NULL DEFAULT 'headrace',
    "data" JSONB NOT NULL DEFAULT '{}',
    "state" TEXT NOT NULL DEFAULT 'pending',
    "tries" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
    "status" INTEGER,
    "error" TEXT,
    "duration_ms" INTEGER,
    "last_try_at" TIMESTAMPTZ(3),
    "delivered_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id")
);

-- The log of one endpoint, newest first.
-- CreateIndex
CREATE INDEX "webhook_delivery_webhook_id_id_idx" ON "webhook_delivery"("webhook_id", "id" DESC);

-- Retention.
-- CreateIndex
CREATE INDEX "webhook_delivery_at_idx" ON "webhook_delivery"("at");

-- AddForeignKey
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhook"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

alter table webhook
  alter column events set not null,
  alter column pipelines set not null,
  alter column tags set not null,
  add constraint webhook_kind check (kind in ('webhook', 'openlineage')),
  add constraint webhook_secret check ((secret is not null) = (kind = 'webhook')),
  add constraint webhook_events check (cardinality(events) > 0),
  add constraint webhook_disabled check (disabled_reason is null or not is_active);

alter table webhook_delivery
  add constraint webhook_delivery_state check (state in ('pending', 'delivered', 'dead')),
  add constraint webhook_delivery_next_try check ((next_try_at is not null) = (state = 'pending')),
  add constraint webhook_delivery_delivered check ((delivered_at is not null) = (state = 'delivered'));

-- The environment names one OpenLineage backend.
create unique index webhook_openlineage on webhook (kind) where kind = 'openlineage';
-- What is due (claimDeliveries), and whether an earlier delivery of the same run is still on its way.
create index webhook_delivery_due on webhook_delivery (webhook_id, next_try_at, id) where state = 'pending';
create index webhook_delivery_order on webhook_delivery (webhook_id, run_id, id) where state = 'pending';
-- What was given up, and how many.
create index webhook_delivery_dead on webhook_delivery (webhook_id, id desc) where state = 'dead';
