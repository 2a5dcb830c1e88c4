-- CreateEnum
CREATE TYPE "webhook_state" AS ENUM ('ACTIVE', 'DISABLED', 'ARCHIVED');

-- CreateEnum
CREATE TYPE "webhook_disabled_reason" AS ENUM ('BY_HAND', 'GONE', 'FAILING', 'BACKLOG');

-- CreateEnum
CREATE TYPE "webhook_delivery_state" AS ENUM ('PENDING', 'DELIVERED', 'FAILED', 'WITHHELD');

-- CreateEnum
CREATE TYPE "webhook_delivery_reason" AS ENUM ('TRIES_OVER', 'GONE', 'TOO_LARGE', 'KEY_ENDED', 'NOT_VISIBLE', 'DOCUMENT_REFUSED', 'WEBHOOK_ARCHIVED');

-- CreateEnum
CREATE TYPE "webhook_attempt_failure" AS ENUM ('NOT_PUBLIC', 'TIMED_OUT', 'UNTRUSTED', 'UNREACHABLE', 'NO_PAYLOAD');

-- CreateTable
CREATE TABLE "webhook" (
    "id" UUID NOT NULL,
    "key_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "types" TEXT[],
    "document" TEXT,
    "locale" TEXT NOT NULL,
    "sealed_secret" TEXT NOT NULL,
    "former_secret" TEXT,
    "former_until" TIMESTAMPTZ(3),
    "state" "webhook_state" NOT NULL DEFAULT 'ACTIVE',
    "disabled_reason" "webhook_disabled_reason",
    "disabled_at" TIMESTAMPTZ(3),
    "listens_after" BIGINT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(3),
    "paused_until" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "webhook_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_store" (
    "webhook_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,

    CONSTRAINT "webhook_store_pkey" PRIMARY KEY ("webhook_id","store_id")
);

-- CreateTable
CREATE TABLE "webhook_delivery" (
    "id" UUID NOT NULL,
    "webhook_id" UUID NOT NULL,
    "seq" BIGINT,
    "event_id" UUID,
    "type" TEXT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "entity_id" UUID NOT NULL,
    "state" "webhook_delivery_state" NOT NULL DEFAULT 'PENDING',
    "reason" "webhook_delivery_reason",
    "tries" INTEGER NOT NULL DEFAULT 0,
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_attempt" (
    "id" UUID NOT NULL,
    "delivery_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "status" INTEGER,
    "failure" "webhook_attempt_failure",
    "milliseconds" INTEGER NOT NULL,
    "bytes" INTEGER NOT NULL,
    "answer" TEXT,

    CONSTRAINT "webhook_attempt_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "webhook_key_id_created_at_id_idx" ON "webhook"("key_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "webhook_created_at_id_idx" ON "webhook"("created_at", "id");

-- CreateIndex
CREATE INDEX "webhook_delivery_webhook_id_created_at_id_idx" ON "webhook_delivery"("webhook_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "webhook_delivery_created_at_id_idx" ON "webhook_delivery"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_delivery_webhook_id_seq_key" ON "webhook_delivery"("webhook_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_attempt_delivery_id_number_key" ON "webhook_attempt"("delivery_id", "number");

-- AddForeignKey
ALTER TABLE "webhook" ADD CONSTRAINT "webhook_key_id_fkey" FOREIGN KEY ("key_id") REFERENCES "api_key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_store" ADD CONSTRAINT "webhook_store_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhook"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_store" ADD CONSTRAINT "webhook_store_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhook"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_attempt" ADD CONSTRAINT "webhook_attempt_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "webhook_delivery"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Invariants -----------------------------------------------------------------------------------------------------

ALTER TABLE "webhook" ADD CONSTRAINT "webhook_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "webhook" ADD CONSTRAINT "webhook_has_types" CHECK (cardinality("types") > 0);
ALTER TABLE "webhook" ADD CONSTRAINT "webhook_disabled_has_reason"
  CHECK (("state" = 'DISABLED') = ("disabled_at" IS NOT NULL) AND ("disabled_at" IS NULL) = ("disabled_reason" IS NULL));
ALTER TABLE "webhook" ADD CONSTRAINT "webhook_failing_has_moment"
  CHECK ("failures" >= 0 AND ("failures" = 0) = ("failing_since" IS NULL));
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_settled_has_moment"
  CHECK (("state" = 'PENDING') = ("settled_at" IS NULL));
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_undelivered_has_reason"
  CHECK (("state" IN ('FAILED', 'WITHHELD')) = ("reason" IS NOT NULL));
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_event_whole" CHECK (("seq" IS NULL) = ("event_id" IS NULL));
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_tries" CHECK ("tries" BETWEEN 0 AND "attempt_count");
ALTER TABLE "webhook_attempt" ADD CONSTRAINT "webhook_attempt_answered_or_failed"
  CHECK (("status" IS NULL) = ("failure" IS NOT NULL) AND "milliseconds" >= 0 AND "bytes" >= 0);

-- What waits to be sent, in the order in which it is due.
CREATE INDEX "webhook_delivery_due" ON "webhook_delivery" ("webhook_id", "next_attempt_at", "id") WHERE "state" = 'PENDING';
