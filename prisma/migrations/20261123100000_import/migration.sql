-- CreateEnum
CREATE TYPE "order_import_state" AS ENUM ('AWAITING_UPLOAD', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'DUPLICATE');

-- AlterTable
ALTER TABLE "customer" ADD COLUMN     "external_reference" TEXT,
ADD COLUMN     "partner_id" UUID;

-- AlterTable
ALTER TABLE "product_version" ADD COLUMN     "imported" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "order_import" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "partner_id" UUID,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID NOT NULL,
    "state" "order_import_state" NOT NULL DEFAULT 'AWAITING_UPLOAD',
    "file_name" TEXT,
    "upload_token_hash" TEXT,
    "upload_expires_at" TIMESTAMPTZ(3),
    "sha256" TEXT,
    "byte_count" BIGINT,
    "category_id" UUID,
    "location_id" UUID,
    "locale" TEXT NOT NULL DEFAULT 'en',
    "line_count" INTEGER,
    "lines_read" INTEGER NOT NULL DEFAULT 0,
    "lines_imported" INTEGER NOT NULL DEFAULT 0,
    "lines_rejected" INTEGER NOT NULL DEFAULT 0,
    "outcomes" JSONB NOT NULL DEFAULT '{}',
    "failure" TEXT,
    "failure_detail" TEXT,
    "original_id" UUID,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_import_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_import_problem" (
    "id" UUID NOT NULL,
    "order_import_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "order_import_problem_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "imported_invoice" (
    "store_id" UUID NOT NULL,
    "reference" TEXT NOT NULL,
    "order_import_id" UUID NOT NULL,
    "order_id" UUID,

    CONSTRAINT "imported_invoice_pkey" PRIMARY KEY ("store_id","reference")
);

-- CreateIndex
CREATE UNIQUE INDEX "order_import_upload_token_hash_key" ON "order_import"("upload_token_hash");

-- CreateIndex
CREATE INDEX "order_import_created_at_id_idx" ON "order_import"("created_at", "id");

-- CreateIndex
CREATE INDEX "order_import_store_id_sha256_idx" ON "order_import"("store_id", "sha256");

-- CreateIndex
CREATE INDEX "order_import_original_id_idx" ON "order_import"("original_id");

-- CreateIndex
CREATE UNIQUE INDEX "order_import_problem_order_import_id_position_key" ON "order_import_problem"("order_import_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "imported_invoice_order_id_key" ON "imported_invoice"("order_id");

-- CreateIndex
CREATE INDEX "imported_invoice_order_import_id_idx" ON "imported_invoice"("order_import_id");

-- AddForeignKey
ALTER TABLE "customer" ADD CONSTRAINT "customer_partner_id_fkey" FOREIGN KEY ("partner_id") REFERENCES "partner"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_import" ADD CONSTRAINT "order_import_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_import" ADD CONSTRAINT "order_import_partner_id_fkey" FOREIGN KEY ("partner_id") REFERENCES "partner"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_import" ADD CONSTRAINT "order_import_original_id_fkey" FOREIGN KEY ("original_id") REFERENCES "order_import"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_import_problem" ADD CONSTRAINT "order_import_problem_order_import_id_fkey" FOREIGN KEY ("order_import_id") REFERENCES "order_import"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "imported_invoice" ADD CONSTRAINT "imported_invoice_order_import_id_fkey" FOREIGN KEY ("order_import_id") REFERENCES "order_import"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "imported_invoice" ADD CONSTRAINT "imported_invoice_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What must hold of imports whatever code runs.

ALTER TABLE "order_import" ADD CONSTRAINT "order_import_counts"
  CHECK ("lines_imported" >= 0 AND "lines_rejected" >= 0 AND "lines_read" = "lines_imported" + "lines_rejected"
    AND "lines_read" <= coalesce("line_count", 0) AND ("state" <> 'COMPLETED' OR "lines_read" = "line_count"));
ALTER TABLE "order_import" ADD CONSTRAINT "order_import_failed_with_reason"
  CHECK (("state" = 'FAILED') = ("failure" IS NOT NULL));
ALTER TABLE "order_import" ADD CONSTRAINT "order_import_duplicate_of_another"
  CHECK (("state" = 'DUPLICATE') = ("original_id" IS NOT NULL) AND "original_id" <> "id");
ALTER TABLE "order_import" ADD CONSTRAINT "order_import_file_is_known"
  CHECK ("state" = 'AWAITING_UPLOAD' OR ("sha256" IS NOT NULL AND "byte_count" IS NOT NULL AND "upload_token_hash" IS NULL));
ALTER TABLE "order_import" ADD CONSTRAINT "order_import_finished_has_moment"
  CHECK (("state" IN ('COMPLETED', 'FAILED', 'DUPLICATE')) = ("finished_at" IS NOT NULL));
ALTER TABLE "order_import" ADD CONSTRAINT "order_import_locale_known" CHECK ("locale" IN ('en', 'zh'));
CREATE UNIQUE INDEX "order_import_one_per_file" ON "order_import" ("store_id", "sha256")
  WHERE "state" IN ('QUEUED', 'RUNNING', 'COMPLETED');

-- Whoever only came with imported orders has an account, and no password.
ALTER TABLE "customer" DROP CONSTRAINT "customer_erased_has_moment";
ALTER TABLE "customer" ADD CONSTRAINT "customer_erased_has_moment"
  CHECK (("state" = 'ERASED') = ("erased_at" IS NOT NULL) AND ("state" <> 'ERASED' OR "password_hash" IS NULL)
    AND ("password_hash" IS NOT NULL OR "state" = 'ERASED' OR "external_reference" IS NOT NULL));
CREATE UNIQUE INDEX "customer_external_reference_own" ON "customer" ("external_reference")
  WHERE "partner_id" IS NULL AND "external_reference" IS NOT NULL;
CREATE UNIQUE INDEX "customer_external_reference_partner" ON "customer" ("partner_id", "external_reference")
  WHERE "partner_id" IS NOT NULL AND "external_reference" IS NOT NULL;
