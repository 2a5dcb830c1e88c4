-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "platform" AS ENUM ('OWN_SITE', 'TMALL', 'TAOBAO', 'JD', 'DOUYIN', 'PINDUODUO', 'OTHER');

-- CreateEnum
CREATE TYPE "product_version_state" AS ENUM ('DRAFT', 'SUBMITTED', 'APPROVED', 'REJECTED', 'PUBLISHED', 'WITHDRAWN');

-- CreateEnum
CREATE TYPE "image_state" AS ENUM ('AWAITING_UPLOAD', 'READY');

-- CreateEnum
CREATE TYPE "listing_state" AS ENUM ('ON_SALE', 'OFF_SALE');

-- CreateEnum
CREATE TYPE "staff_state" AS ENUM ('ACTIVE', 'LEFT');

-- CreateEnum
CREATE TYPE "stock_counter" AS ENUM ('ON_HAND', 'ALLOCATED', 'DAMAGED', 'SAFETY_STOCK');

-- CreateEnum
CREATE TYPE "stock_cause" AS ENUM ('RECEIPT', 'ADJUSTMENT', 'COUNT', 'TRANSFER_OUT', 'TRANSFER_IN', 'PLAN', 'ALLOCATION', 'RELEASE', 'DISPATCH', 'RETURN');

-- CreateEnum
CREATE TYPE "allocation_state" AS ENUM ('OPEN', 'RELEASED', 'DISPATCHED');

-- CreateEnum
CREATE TYPE "order_state" AS ENUM ('PENDING_CONFIRMATION', 'CONFIRMED', 'COMPLETED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "order_payment_state" AS ENUM ('UNPAID', 'PARTIALLY_PAID', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED');

-- CreateEnum
CREATE TYPE "order_fulfilment_state" AS ENUM ('UNFULFILLED', 'PARTIALLY_DISPATCHED', 'DISPATCHED', 'DELIVERED');

-- CreateEnum
CREATE TYPE "order_after_sales_state" AS ENUM ('NONE', 'OPEN', 'CLOSED');

-- CreateEnum
CREATE TYPE "order_cancel_reason" AS ENUM ('CUSTOMER_REQUEST', 'UNREACHABLE', 'OUT_OF_STOCK', 'FRAUD', 'DUPLICATE', 'PRICE_ERROR', 'OTHER');

-- CreateEnum
CREATE TYPE "order_hold_kind" AS ENUM ('ADDRESS', 'STOCK', 'PRICE', 'RISK', 'CUSTOMER_REQUEST', 'AFTER_SALES', 'OTHER');

-- CreateTable
CREATE TABLE "store" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "platform" "platform" NOT NULL,
    "time_zone" TEXT NOT NULL DEFAULT 'Asia/Shanghai',
    "currencies" TEXT[],
    "freight_minor" BIGINT NOT NULL DEFAULT 0,
    "freight_free_from_minor" BIGINT,
    "line_quantity_max" INTEGER NOT NULL DEFAULT 10000,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "store_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "store_text" (
    "store_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "store_text_pkey" PRIMARY KEY ("store_id","locale")
);

-- CreateTable
CREATE TABLE "category" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "parent_id" UUID,
    "tax_rate_basis_points" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "category_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "category_text" (
    "category_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "category_text_pkey" PRIMARY KEY ("category_id","locale")
);

-- CreateTable
CREATE TABLE "product" (
    "id" UUID NOT NULL,
    "category_id" UUID NOT NULL,
    "published_version_id" UUID,
    "external_reference" TEXT,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "product_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product_version" (
    "id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "state" "product_version_state" NOT NULL DEFAULT 'DRAFT',
    "author_id" UUID NOT NULL,
    "last_editor_id" UUID NOT NULL,
    "reviewer_id" UUID,
    "rejection_reason" TEXT,
    "search_words" TEXT[],
    "submitted_at" TIMESTAMPTZ(3),
    "reviewed_at" TIMESTAMPTZ(3),
    "published_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "product_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product_version_text" (
    "product_version_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,

    CONSTRAINT "product_version_text_pkey" PRIMARY KEY ("product_version_id","locale")
);

-- CreateTable
CREATE TABLE "product_option" (
    "id" UUID NOT NULL,
    "product_version_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "values" TEXT[],

    CONSTRAINT "product_option_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product_option_text" (
    "option_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "value_names" TEXT[],

    CONSTRAINT "product_option_text_pkey" PRIMARY KEY ("option_id","locale")
);

-- CreateTable
CREATE TABLE "product_version_image" (
    "product_version_id" UUID NOT NULL,
    "image_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "product_version_image_pkey" PRIMARY KEY ("product_version_id","image_id")
);

-- CreateTable
CREATE TABLE "image" (
    "id" UUID NOT NULL,
    "state" "image_state" NOT NULL DEFAULT 'AWAITING_UPLOAD',
    "upload_token_hash" TEXT,
    "upload_expires_at" TIMESTAMPTZ(3),
    "content_type" TEXT,
    "width" INTEGER,
    "height" INTEGER,
    "byte_count" INTEGER,
    "sha256" TEXT,
    "uploader_id" UUID NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "image_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "variant" (
    "id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "sku" TEXT NOT NULL,
    "barcode" TEXT,
    "options" TEXT[],
    "external_reference" TEXT,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "variant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price" (
    "id" UUID NOT NULL,
    "variant_id" UUID NOT NULL,
    "store_id" UUID,
    "currency" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "price_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "listing" (
    "id" UUID NOT NULL,
    "product_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "state" "listing_state" NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "listing_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_outbox" (
    "id" BIGSERIAL NOT NULL,
    "event_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "entity_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "changes" JSONB NOT NULL DEFAULT '[]',
    "facets" JSONB NOT NULL DEFAULT '{}',
    "payload_version" INTEGER NOT NULL DEFAULT 1,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID,
    "request_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "store_id" UUID,
    "customer_id" UUID,
    "location_id" UUID,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_head" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "seq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "event_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "seq" BIGINT NOT NULL,
    "event_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "entity_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "payload" JSONB NOT NULL,
    "changes" JSONB NOT NULL,
    "facets" JSONB NOT NULL,
    "payload_version" INTEGER NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID,
    "request_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "store_id" UUID,
    "customer_id" UUID,
    "location_id" UUID,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "logged_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("seq")
) PARTITION BY RANGE ("seq");

-- CreateTable
CREATE TABLE "idempotency_record" (
    "principal" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "input_hash" TEXT NOT NULL,
    "result" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_record_pkey" PRIMARY KEY ("principal","mutation","key")
);

-- CreateTable
CREATE TABLE "reaction" (
    "name" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "retry_at" TIMESTAMPTZ(3),

    CONSTRAINT "reaction_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "parked_event" (
    "reaction" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "error" TEXT NOT NULL,
    "parked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "parked_event_pkey" PRIMARY KEY ("reaction","seq")
);

-- CreateTable
CREATE TABLE "staff" (
    "id" UUID NOT NULL,
    "state" "staff_state" NOT NULL DEFAULT 'ACTIVE',
    "password_hash" TEXT NOT NULL,
    "locale" TEXT NOT NULL DEFAULT 'en',
    "all_stores" BOOLEAN NOT NULL DEFAULT false,
    "all_locations" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "staff_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person_staff" (
    "staff_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,

    CONSTRAINT "person_staff_pkey" PRIMARY KEY ("staff_id")
);

-- CreateTable
CREATE TABLE "post" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "permissions" TEXT[],
    "reference" BOOLEAN NOT NULL DEFAULT false,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "post_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "post_text" (
    "post_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "post_text_pkey" PRIMARY KEY ("post_id","locale")
);

-- CreateTable
CREATE TABLE "staff_post" (
    "staff_id" UUID NOT NULL,
    "post_id" UUID NOT NULL,

    CONSTRAINT "staff_post_pkey" PRIMARY KEY ("staff_id","post_id")
);

-- CreateTable
CREATE TABLE "staff_store" (
    "staff_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,

    CONSTRAINT "staff_store_pkey" PRIMARY KEY ("staff_id","store_id")
);

-- CreateTable
CREATE TABLE "staff_location" (
    "staff_id" UUID NOT NULL,
    "location_id" UUID NOT NULL,

    CONSTRAINT "staff_location_pkey" PRIMARY KEY ("staff_id","location_id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "staff_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "user_agent" TEXT,
    "address" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "location" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "location_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "location_text" (
    "location_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "location_text_pkey" PRIMARY KEY ("location_id","locale")
);

-- CreateTable
CREATE TABLE "store_location" (
    "store_id" UUID NOT NULL,
    "location_id" UUID NOT NULL,
    "priority" INTEGER NOT NULL,

    CONSTRAINT "store_location_pkey" PRIMARY KEY ("store_id","location_id")
);

-- CreateTable
CREATE TABLE "stock" (
    "id" UUID NOT NULL,
    "variant_id" UUID NOT NULL,
    "location_id" UUID NOT NULL,
    "on_hand" INTEGER NOT NULL DEFAULT 0,
    "allocated" INTEGER NOT NULL DEFAULT 0,
    "damaged" INTEGER NOT NULL DEFAULT 0,
    "safety_stock" INTEGER NOT NULL DEFAULT 0,
    "low_stock_at" INTEGER,
    "recovered_at" INTEGER,
    "back_in_stock_at" INTEGER NOT NULL DEFAULT 1,
    "low" BOOLEAN NOT NULL DEFAULT false,
    "sold_out" BOOLEAN NOT NULL DEFAULT true,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stock_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stock_ledger_entry" (
    "id" UUID NOT NULL,
    "stock_id" UUID NOT NULL,
    "counter" "stock_counter" NOT NULL,
    "delta" INTEGER NOT NULL,
    "after" INTEGER NOT NULL,
    "cause" "stock_cause" NOT NULL,
    "cause_type" TEXT,
    "cause_id" UUID,
    "reason" TEXT,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID,
    "request_id" UUID NOT NULL,
    "stock_version" INTEGER NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stock_ledger_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "allocation" (
    "id" UUID NOT NULL,
    "stock_id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "order_line_id" UUID NOT NULL,
    "quantity" INTEGER NOT NULL,
    "state" "allocation_state" NOT NULL DEFAULT 'OPEN',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "allocation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order" (
    "id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "store_id" UUID NOT NULL,
    "customer_id" UUID,
    "external_reference" TEXT,
    "state" "order_state" NOT NULL DEFAULT 'PENDING_CONFIRMATION',
    "payment_state" "order_payment_state" NOT NULL DEFAULT 'UNPAID',
    "fulfilment_state" "order_fulfilment_state" NOT NULL DEFAULT 'UNFULFILLED',
    "after_sales_state" "order_after_sales_state" NOT NULL DEFAULT 'NONE',
    "held" BOOLEAN NOT NULL DEFAULT false,
    "currency" TEXT NOT NULL,
    "merchandise_minor" BIGINT NOT NULL,
    "freight_minor" BIGINT NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT NOT NULL,
    "cancel_reason" "order_cancel_reason",
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "order_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_line" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "variant_id" UUID NOT NULL,
    "sku" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "cancelled" INTEGER NOT NULL DEFAULT 0,
    "dispatched" INTEGER NOT NULL DEFAULT 0,
    "returned" INTEGER NOT NULL DEFAULT 0,
    "unit_price_minor" BIGINT NOT NULL,
    "tax_rate_basis_points" INTEGER NOT NULL,
    "total_minor" BIGINT NOT NULL,
    "tax_minor" BIGINT NOT NULL,

    CONSTRAINT "order_line_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_hold" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "kind" "order_hold_kind" NOT NULL,
    "reason" TEXT NOT NULL,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "released_at" TIMESTAMPTZ(3),
    "release_reason" TEXT,

    CONSTRAINT "order_hold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person_order" (
    "order_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "phone" TEXT,
    "email" TEXT,
    "country" TEXT NOT NULL,
    "region" TEXT,
    "city" TEXT NOT NULL,
    "district" TEXT,
    "lines" TEXT[],
    "postal_code" TEXT,

    CONSTRAINT "person_order_pkey" PRIMARY KEY ("order_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "store_code_key" ON "store"("code");

-- CreateIndex
CREATE INDEX "store_code_id_idx" ON "store"("code", "id");

-- CreateIndex
CREATE UNIQUE INDEX "category_code_key" ON "category"("code");

-- CreateIndex
CREATE INDEX "category_code_id_idx" ON "category"("code", "id");

-- CreateIndex
CREATE INDEX "category_parent_id_idx" ON "category"("parent_id");

-- CreateIndex
CREATE UNIQUE INDEX "product_published_version_id_key" ON "product"("published_version_id");

-- CreateIndex
CREATE UNIQUE INDEX "product_external_reference_key" ON "product"("external_reference");

-- CreateIndex
CREATE INDEX "product_created_at_id_idx" ON "product"("created_at", "id");

-- CreateIndex
CREATE INDEX "product_category_id_idx" ON "product"("category_id");

-- CreateIndex
CREATE INDEX "product_version_search_words_idx" ON "product_version" USING GIN ("search_words");

-- CreateIndex
CREATE INDEX "product_version_state_submitted_at_idx" ON "product_version"("state", "submitted_at");

-- CreateIndex
CREATE UNIQUE INDEX "product_version_product_id_number_key" ON "product_version"("product_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "product_option_product_version_id_code_key" ON "product_option"("product_version_id", "code");

-- CreateIndex
CREATE INDEX "product_version_image_image_id_idx" ON "product_version_image"("image_id");

-- CreateIndex
CREATE UNIQUE INDEX "image_upload_token_hash_key" ON "image"("upload_token_hash");

-- CreateIndex
CREATE INDEX "image_created_at_id_idx" ON "image"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "variant_sku_key" ON "variant"("sku");

-- CreateIndex
CREATE UNIQUE INDEX "variant_external_reference_key" ON "variant"("external_reference");

-- CreateIndex
CREATE INDEX "variant_sku_id_idx" ON "variant"("sku", "id");

-- CreateIndex
CREATE INDEX "variant_product_id_sku_id_idx" ON "variant"("product_id", "sku", "id");

-- CreateIndex
CREATE INDEX "price_variant_id_currency_starts_at_id_idx" ON "price"("variant_id", "currency", "starts_at", "id");

-- CreateIndex
CREATE INDEX "listing_store_id_created_at_id_idx" ON "listing"("store_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "listing_product_id_store_id_key" ON "listing"("product_id", "store_id");

-- CreateIndex
CREATE INDEX "event_entity_id_seq_idx" ON "event"("entity_id", "seq");

-- CreateIndex
CREATE INDEX "event_actor_id_seq_idx" ON "event"("actor_id", "seq");

-- CreateIndex
CREATE INDEX "event_request_id_seq_idx" ON "event"("request_id", "seq");

-- CreateIndex
CREATE INDEX "idempotency_record_created_at_idx" ON "idempotency_record"("created_at");

-- CreateIndex
CREATE INDEX "staff_created_at_id_idx" ON "staff"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "person_staff_email_key" ON "person_staff"("email");

-- CreateIndex
CREATE UNIQUE INDEX "post_code_key" ON "post"("code");

-- CreateIndex
CREATE INDEX "post_code_id_idx" ON "post"("code", "id");

-- CreateIndex
CREATE INDEX "staff_post_post_id_idx" ON "staff_post"("post_id");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_hash_key" ON "session"("token_hash");

-- CreateIndex
CREATE INDEX "session_staff_id_created_at_id_idx" ON "session"("staff_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "location_code_key" ON "location"("code");

-- CreateIndex
CREATE INDEX "location_code_id_idx" ON "location"("code", "id");

-- CreateIndex
CREATE INDEX "stock_location_id_variant_id_idx" ON "stock"("location_id", "variant_id");

-- CreateIndex
CREATE INDEX "stock_created_at_id_idx" ON "stock"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "stock_variant_id_location_id_key" ON "stock"("variant_id", "location_id");

-- CreateIndex
CREATE INDEX "stock_ledger_entry_stock_id_occurred_at_id_idx" ON "stock_ledger_entry"("stock_id", "occurred_at", "id");

-- CreateIndex
CREATE INDEX "stock_ledger_entry_cause_id_idx" ON "stock_ledger_entry"("cause_id");

-- CreateIndex
CREATE INDEX "allocation_order_id_idx" ON "allocation"("order_id");

-- CreateIndex
CREATE INDEX "allocation_order_line_id_idx" ON "allocation"("order_line_id");

-- CreateIndex
CREATE INDEX "allocation_stock_id_state_idx" ON "allocation"("stock_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "order_number_key" ON "order"("number");

-- CreateIndex
CREATE UNIQUE INDEX "order_external_reference_key" ON "order"("external_reference");

-- CreateIndex
CREATE INDEX "order_placed_at_id_idx" ON "order"("placed_at", "id");

-- CreateIndex
CREATE INDEX "order_store_id_placed_at_id_idx" ON "order"("store_id", "placed_at", "id");

-- CreateIndex
CREATE INDEX "order_state_placed_at_id_idx" ON "order"("state", "placed_at", "id");

-- CreateIndex
CREATE INDEX "order_line_variant_id_idx" ON "order_line"("variant_id");

-- CreateIndex
CREATE UNIQUE INDEX "order_line_order_id_position_key" ON "order_line"("order_id", "position");

-- CreateIndex
CREATE INDEX "order_hold_order_id_placed_at_id_idx" ON "order_hold"("order_id", "placed_at", "id");

-- AddForeignKey
ALTER TABLE "store_text" ADD CONSTRAINT "store_text_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "category" ADD CONSTRAINT "category_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "category"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "category_text" ADD CONSTRAINT "category_text_category_id_fkey" FOREIGN KEY ("category_id") REFERENCES "category"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product" ADD CONSTRAINT "product_category_id_fkey" FOREIGN KEY ("category_id") REFERENCES "category"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product" ADD CONSTRAINT "product_published_version_id_fkey" FOREIGN KEY ("published_version_id") REFERENCES "product_version"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_version" ADD CONSTRAINT "product_version_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_version_text" ADD CONSTRAINT "product_version_text_product_version_id_fkey" FOREIGN KEY ("product_version_id") REFERENCES "product_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_option" ADD CONSTRAINT "product_option_product_version_id_fkey" FOREIGN KEY ("product_version_id") REFERENCES "product_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_option_text" ADD CONSTRAINT "product_option_text_option_id_fkey" FOREIGN KEY ("option_id") REFERENCES "product_option"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_version_image" ADD CONSTRAINT "product_version_image_product_version_id_fkey" FOREIGN KEY ("product_version_id") REFERENCES "product_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "product_version_image" ADD CONSTRAINT "product_version_image_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "image"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "variant" ADD CONSTRAINT "variant_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price" ADD CONSTRAINT "price_variant_id_fkey" FOREIGN KEY ("variant_id") REFERENCES "variant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price" ADD CONSTRAINT "price_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "listing" ADD CONSTRAINT "listing_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "listing" ADD CONSTRAINT "listing_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_staff" ADD CONSTRAINT "person_staff_staff_id_fkey" FOREIGN KEY ("staff_id") REFERENCES "staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_text" ADD CONSTRAINT "post_text_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "post"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staff_post" ADD CONSTRAINT "staff_post_staff_id_fkey" FOREIGN KEY ("staff_id") REFERENCES "staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staff_post" ADD CONSTRAINT "staff_post_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "post"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staff_store" ADD CONSTRAINT "staff_store_staff_id_fkey" FOREIGN KEY ("staff_id") REFERENCES "staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staff_store" ADD CONSTRAINT "staff_store_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staff_location" ADD CONSTRAINT "staff_location_staff_id_fkey" FOREIGN KEY ("staff_id") REFERENCES "staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staff_location" ADD CONSTRAINT "staff_location_location_id_fkey" FOREIGN KEY ("location_id") REFERENCES "location"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_staff_id_fkey" FOREIGN KEY ("staff_id") REFERENCES "staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "location_text" ADD CONSTRAINT "location_text_location_id_fkey" FOREIGN KEY ("location_id") REFERENCES "location"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "store_location" ADD CONSTRAINT "store_location_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "store_location" ADD CONSTRAINT "store_location_location_id_fkey" FOREIGN KEY ("location_id") REFERENCES "location"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock" ADD CONSTRAINT "stock_variant_id_fkey" FOREIGN KEY ("variant_id") REFERENCES "variant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock" ADD CONSTRAINT "stock_location_id_fkey" FOREIGN KEY ("location_id") REFERENCES "location"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock_ledger_entry" ADD CONSTRAINT "stock_ledger_entry_stock_id_fkey" FOREIGN KEY ("stock_id") REFERENCES "stock"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "allocation" ADD CONSTRAINT "allocation_stock_id_fkey" FOREIGN KEY ("stock_id") REFERENCES "stock"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "allocation" ADD CONSTRAINT "allocation_order_line_id_fkey" FOREIGN KEY ("order_line_id") REFERENCES "order_line"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order" ADD CONSTRAINT "order_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_line" ADD CONSTRAINT "order_line_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_line" ADD CONSTRAINT "order_line_variant_id_fkey" FOREIGN KEY ("variant_id") REFERENCES "variant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_hold" ADD CONSTRAINT "order_hold_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_order" ADD CONSTRAINT "person_order_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

