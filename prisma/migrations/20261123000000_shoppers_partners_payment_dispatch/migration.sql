-- Customers, partners, deadlines, payments and shipping; stores get policies, orders who placed and pays them.

-- CreateEnum
CREATE TYPE "store_confirmation" AS ENUM ('BEFORE_PAYMENT', 'AFTER_PAYMENT');

-- CreateEnum
CREATE TYPE "policy_executor" AS ENUM ('DAYSHIFT', 'PLATFORM');

-- CreateEnum
CREATE TYPE "deadline_state" AS ENUM ('RUNNING', 'PAUSED', 'MET', 'BREACHED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "customer_state" AS ENUM ('ACTIVE', 'ERASED');

-- CreateEnum
CREATE TYPE "order_flag" AS ENUM ('RED', 'YELLOW', 'GREEN', 'BLUE', 'PURPLE');

-- CreateEnum
CREATE TYPE "partner_kind" AS ENUM ('MARKETPLACE', 'PAYMENT_GATEWAY', 'CARRIER', 'WAREHOUSE', 'SUPPLIER', 'ANALYTICS', 'OTHER');

-- CreateEnum
CREATE TYPE "connection_kind" AS ENUM ('PAYMENT', 'TRACKING');

-- CreateEnum
CREATE TYPE "payment_terms" AS ENUM ('PREPAID', 'CREDIT', 'CASH_ON_DELIVERY', 'PLATFORM');

-- CreateEnum
CREATE TYPE "payment_method" AS ENUM ('GATEWAY', 'BANK_TRANSFER', 'CASH_ON_DELIVERY', 'PLATFORM', 'OTHER');

-- CreateEnum
CREATE TYPE "payment_state" AS ENUM ('PENDING', 'CAPTURED', 'FAILED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "refund_state" AS ENUM ('QUEUED', 'PROCESSING', 'TO_TRANSFER', 'SUCCEEDED', 'FAILED');

-- CreateEnum
CREATE TYPE "refund_reason" AS ENUM ('CANCELLATION', 'LATE_PAYMENT', 'OVERPAYMENT', 'RETURN', 'GOODWILL', 'PRICE_DIFFERENCE', 'PLATFORM', 'OTHER');

-- CreateEnum
CREATE TYPE "payment_counter" AS ENUM ('DUE', 'CAPTURED', 'REFUNDING', 'REFUNDED');

-- CreateEnum
CREATE TYPE "shipment_state" AS ENUM ('PREPARED', 'DISPATCHED', 'IN_TRANSIT', 'AT_PICKUP_POINT', 'DELIVERED', 'REFUSED', 'RETURNED', 'LOST', 'CANCELLED');

-- CreateEnum
CREATE TYPE "tracking_status" AS ENUM ('PICKED_UP', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'AT_PICKUP_POINT', 'DELIVERED', 'REFUSED', 'RETURNED', 'LOST', 'EXCEPTION');

-- AlterEnum
ALTER TYPE "order_cancel_reason" ADD VALUE 'UNPAID';
ALTER TYPE "order_cancel_reason" ADD VALUE 'PLATFORM_CLOSED';
ALTER TYPE "order_hold_kind" ADD VALUE 'PAYMENT';

-- DropIndex
DROP INDEX "order_external_reference_key";

-- AlterTable
ALTER TABLE "order" ADD COLUMN     "awaiting_stock" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "delivered_at" TIMESTAMPTZ(3),
ADD COLUMN     "dispatched_at" TIMESTAMPTZ(3),
ADD COLUMN     "flag" "order_flag",
ADD COLUMN     "guest_hash" TEXT,
ADD COLUMN     "paid_at" TIMESTAMPTZ(3),
ADD COLUMN     "partner_id" UUID,
ADD COLUMN     "ship_by" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "order_line" ADD COLUMN     "merchant_discount_minor" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "platform_discount_minor" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "platform_reference" TEXT;

-- AlterTable
ALTER TABLE "person_order" ADD COLUMN     "erased_at" TIMESTAMPTZ(3),
ADD COLUMN     "masked" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "store" ADD COLUMN     "cash_on_delivery" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "complete_after_days" INTEGER,
ADD COLUMN     "confirm_within_minutes" INTEGER,
ADD COLUMN     "confirmation" "store_confirmation" NOT NULL DEFAULT 'BEFORE_PAYMENT',
ADD COLUMN     "credit_days" INTEGER,
ADD COLUMN     "expiry_by" "policy_executor" NOT NULL DEFAULT 'DAYSHIFT',
ADD COLUMN     "pay_within_minutes" INTEGER,
ADD COLUMN     "refunds_by" "policy_executor" NOT NULL DEFAULT 'DAYSHIFT';

-- CreateTable
CREATE TABLE "listing_item" (
    "id" UUID NOT NULL,
    "listing_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "variant_id" UUID NOT NULL,
    "platform_item_id" TEXT,
    "share_basis_points" INTEGER,
    "buffer_units" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "listing_item_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deadline" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "entity_id" UUID NOT NULL,
    "store_id" UUID,
    "state" "deadline_state" NOT NULL DEFAULT 'RUNNING',
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "paused_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "retry_at" TIMESTAMPTZ(3),

    CONSTRAINT "deadline_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "customer" (
    "id" UUID NOT NULL,
    "state" "customer_state" NOT NULL DEFAULT 'ACTIVE',
    "password_hash" TEXT,
    "locale" TEXT NOT NULL DEFAULT 'en',
    "erased_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "customer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person_customer" (
    "customer_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "phone" TEXT,

    CONSTRAINT "person_customer_pkey" PRIMARY KEY ("customer_id")
);

-- CreateTable
CREATE TABLE "person_customer_address" (
    "id" UUID NOT NULL,
    "customer_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "phone" TEXT,
    "country" TEXT NOT NULL,
    "region" TEXT,
    "city" TEXT NOT NULL,
    "district" TEXT,
    "lines" TEXT[],
    "postal_code" TEXT,
    "preferred" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "person_customer_address_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "customer_session" (
    "id" UUID NOT NULL,
    "customer_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "user_agent" TEXT,
    "address" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "customer_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "platform_order" (
    "order_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "reference" TEXT NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "paid_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "buyer_paid_minor" BIGINT NOT NULL DEFAULT 0,
    "platform_discount_minor" BIGINT NOT NULL DEFAULT 0,
    "merchant_discount_minor" BIGINT NOT NULL DEFAULT 0,
    "discrepancy_minor" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "platform_order_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "order_remark" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "author_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "search_words" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_remark_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mention" (
    "id" UUID NOT NULL,
    "order_remark_id" UUID NOT NULL,
    "staff_id" UUID NOT NULL,
    "read_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mention_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "partner" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "kind" "partner_kind" NOT NULL,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "partner_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "partner_text" (
    "partner_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "partner_text_pkey" PRIMARY KEY ("partner_id","locale")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" UUID NOT NULL,
    "partner_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "last_four" TEXT NOT NULL,
    "key_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "all_stores" BOOLEAN NOT NULL DEFAULT false,
    "all_locations" BOOLEAN NOT NULL DEFAULT false,
    "networks" TEXT[],
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "last_used_address" TEXT,
    "replaces_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key_store" (
    "api_key_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,

    CONSTRAINT "api_key_store_pkey" PRIMARY KEY ("api_key_id","store_id")
);

-- CreateTable
CREATE TABLE "api_key_location" (
    "api_key_id" UUID NOT NULL,
    "location_id" UUID NOT NULL,

    CONSTRAINT "api_key_location_pkey" PRIMARY KEY ("api_key_id","location_id")
);

-- CreateTable
CREATE TABLE "connection" (
    "id" UUID NOT NULL,
    "partner_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "kind" "connection_kind" NOT NULL,
    "url" TEXT,
    "sealed_secret" TEXT NOT NULL,
    "former_secret" TEXT,
    "former_until" TIMESTAMPTZ(3),
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment_account" (
    "order_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "currency" TEXT NOT NULL,
    "terms" "payment_terms" NOT NULL,
    "due_minor" BIGINT NOT NULL,
    "captured_minor" BIGINT NOT NULL DEFAULT 0,
    "refunding_minor" BIGINT NOT NULL DEFAULT 0,
    "refunded_minor" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payment_account_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "payment" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "connection_id" UUID,
    "method" "payment_method" NOT NULL,
    "state" "payment_state" NOT NULL DEFAULT 'PENDING',
    "amount_minor" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "transaction_reference" TEXT,
    "failure_reason" TEXT,
    "note" TEXT,
    "captured_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refund" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "reason" "refund_reason" NOT NULL,
    "state" "refund_state" NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "freight_minor" BIGINT NOT NULL DEFAULT 0,
    "currency" TEXT NOT NULL,
    "note" TEXT,
    "external_reference" TEXT,
    "transaction_reference" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "failure_reason" TEXT,
    "settled_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "refund_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refund_line" (
    "id" UUID NOT NULL,
    "refund_id" UUID NOT NULL,
    "order_line_id" UUID NOT NULL,
    "quantity" INTEGER NOT NULL,
    "amount_minor" BIGINT NOT NULL,

    CONSTRAINT "refund_line_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment_ledger_entry" (
    "id" UUID NOT NULL,
    "order_id" UUID NOT NULL,
    "counter" "payment_counter" NOT NULL,
    "delta_minor" BIGINT NOT NULL,
    "after_minor" BIGINT NOT NULL,
    "payment_id" UUID,
    "refund_id" UUID,
    "actor_kind" TEXT NOT NULL,
    "actor_id" UUID,
    "request_id" UUID NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payment_ledger_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carrier" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "reference" BOOLEAN NOT NULL DEFAULT false,
    "connection_id" UUID,
    "archived_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "carrier_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "carrier_text" (
    "carrier_id" UUID NOT NULL,
    "locale" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "carrier_text_pkey" PRIMARY KEY ("carrier_id","locale")
);

-- CreateTable
CREATE TABLE "shipment" (
    "id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "order_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "customer_id" UUID,
    "location_id" UUID NOT NULL,
    "carrier_id" UUID,
    "tracking_number" TEXT,
    "state" "shipment_state" NOT NULL DEFAULT 'PREPARED',
    "prepared_at" TIMESTAMPTZ(3) NOT NULL,
    "dispatched_at" TIMESTAMPTZ(3),
    "first_scan_at" TIMESTAMPTZ(3),
    "delivered_at" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "shipment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shipment_line" (
    "id" UUID NOT NULL,
    "shipment_id" UUID NOT NULL,
    "order_line_id" UUID NOT NULL,
    "quantity" INTEGER NOT NULL,

    CONSTRAINT "shipment_line_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tracking_event" (
    "id" UUID NOT NULL,
    "carrier_id" UUID NOT NULL,
    "tracking_number" TEXT NOT NULL,
    "status" "tracking_status" NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "place" TEXT,
    "description" TEXT,
    "shipment_id" UUID,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tracking_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "listing_item_listing_id_idx" ON "listing_item"("listing_id");

-- CreateIndex
CREATE INDEX "listing_item_variant_id_idx" ON "listing_item"("variant_id");

-- CreateIndex
CREATE UNIQUE INDEX "listing_item_store_id_variant_id_key" ON "listing_item"("store_id", "variant_id");

-- CreateIndex
CREATE UNIQUE INDEX "listing_item_store_id_platform_item_id_key" ON "listing_item"("store_id", "platform_item_id");

-- CreateIndex
CREATE INDEX "deadline_entity_id_started_at_id_idx" ON "deadline"("entity_id", "started_at", "id");

-- CreateIndex
CREATE INDEX "deadline_state_due_at_id_idx" ON "deadline"("state", "due_at", "id");

-- CreateIndex
CREATE INDEX "customer_created_at_id_idx" ON "customer"("created_at", "id");

-- CreateIndex
CREATE INDEX "person_customer_phone_idx" ON "person_customer"("phone");

-- CreateIndex
CREATE UNIQUE INDEX "person_customer_email_key" ON "person_customer"("email");

-- CreateIndex
CREATE INDEX "person_customer_address_customer_id_created_at_id_idx" ON "person_customer_address"("customer_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "customer_session_token_hash_key" ON "customer_session"("token_hash");

-- CreateIndex
CREATE INDEX "customer_session_customer_id_created_at_id_idx" ON "customer_session"("customer_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "platform_order_store_id_reference_key" ON "platform_order"("store_id", "reference");

-- CreateIndex
CREATE INDEX "order_remark_order_id_created_at_id_idx" ON "order_remark"("order_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "order_remark_search_words_idx" ON "order_remark" USING GIN ("search_words");

-- CreateIndex
CREATE INDEX "mention_staff_id_created_at_id_idx" ON "mention"("staff_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "mention_order_remark_id_staff_id_key" ON "mention"("order_remark_id", "staff_id");

-- CreateIndex
CREATE UNIQUE INDEX "partner_code_key" ON "partner"("code");

-- CreateIndex
CREATE INDEX "partner_code_id_idx" ON "partner"("code", "id");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_key_hash_key" ON "api_key"("key_hash");

-- CreateIndex
CREATE INDEX "api_key_partner_id_created_at_id_idx" ON "api_key"("partner_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "connection_code_key" ON "connection"("code");

-- CreateIndex
CREATE INDEX "connection_partner_id_created_at_id_idx" ON "connection"("partner_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "payment_account_store_id_idx" ON "payment_account"("store_id");

-- CreateIndex
CREATE INDEX "payment_order_id_created_at_id_idx" ON "payment"("order_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "payment_created_at_id_idx" ON "payment"("created_at", "id");

-- CreateIndex
CREATE INDEX "refund_order_id_created_at_id_idx" ON "refund"("order_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "refund_state_created_at_id_idx" ON "refund"("state", "created_at", "id");

-- CreateIndex
CREATE INDEX "refund_created_at_id_idx" ON "refund"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "refund_order_id_external_reference_key" ON "refund"("order_id", "external_reference");

-- CreateIndex
CREATE INDEX "refund_line_refund_id_idx" ON "refund_line"("refund_id");

-- CreateIndex
CREATE INDEX "refund_line_order_line_id_idx" ON "refund_line"("order_line_id");

-- CreateIndex
CREATE INDEX "payment_ledger_entry_order_id_occurred_at_id_idx" ON "payment_ledger_entry"("order_id", "occurred_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "carrier_code_key" ON "carrier"("code");

-- CreateIndex
CREATE INDEX "carrier_code_id_idx" ON "carrier"("code", "id");

-- CreateIndex
CREATE UNIQUE INDEX "shipment_number_key" ON "shipment"("number");

-- CreateIndex
CREATE INDEX "shipment_order_id_prepared_at_id_idx" ON "shipment"("order_id", "prepared_at", "id");

-- CreateIndex
CREATE INDEX "shipment_prepared_at_id_idx" ON "shipment"("prepared_at", "id");

-- CreateIndex
CREATE INDEX "shipment_store_id_prepared_at_id_idx" ON "shipment"("store_id", "prepared_at", "id");

-- CreateIndex
CREATE INDEX "shipment_location_id_prepared_at_id_idx" ON "shipment"("location_id", "prepared_at", "id");

-- CreateIndex
CREATE INDEX "shipment_tracking_number_idx" ON "shipment"("tracking_number");

-- CreateIndex
CREATE INDEX "shipment_state_prepared_at_id_idx" ON "shipment"("state", "prepared_at", "id");

-- CreateIndex
CREATE INDEX "shipment_line_order_line_id_idx" ON "shipment_line"("order_line_id");

-- CreateIndex
CREATE UNIQUE INDEX "shipment_line_shipment_id_order_line_id_key" ON "shipment_line"("shipment_id", "order_line_id");

-- CreateIndex
CREATE INDEX "tracking_event_shipment_id_occurred_at_id_idx" ON "tracking_event"("shipment_id", "occurred_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "tracking_event_carrier_id_tracking_number_occurred_at_statu_key" ON "tracking_event"("carrier_id", "tracking_number", "occurred_at", "status");

-- CreateIndex
CREATE INDEX "order_customer_id_placed_at_id_idx" ON "order"("customer_id", "placed_at", "id");

-- CreateIndex
CREATE INDEX "order_guest_hash_placed_at_id_idx" ON "order"("guest_hash", "placed_at", "id");

-- CreateIndex
CREATE INDEX "order_external_reference_idx" ON "order"("external_reference");

-- AddForeignKey
ALTER TABLE "listing_item" ADD CONSTRAINT "listing_item_listing_id_fkey" FOREIGN KEY ("listing_id") REFERENCES "listing"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "listing_item" ADD CONSTRAINT "listing_item_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "listing_item" ADD CONSTRAINT "listing_item_variant_id_fkey" FOREIGN KEY ("variant_id") REFERENCES "variant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_customer" ADD CONSTRAINT "person_customer_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_customer_address" ADD CONSTRAINT "person_customer_address_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "customer_session" ADD CONSTRAINT "customer_session_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order" ADD CONSTRAINT "order_partner_id_fkey" FOREIGN KEY ("partner_id") REFERENCES "partner"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order" ADD CONSTRAINT "order_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customer"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "platform_order" ADD CONSTRAINT "platform_order_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "platform_order" ADD CONSTRAINT "platform_order_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_remark" ADD CONSTRAINT "order_remark_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_remark" ADD CONSTRAINT "order_remark_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mention" ADD CONSTRAINT "mention_order_remark_id_fkey" FOREIGN KEY ("order_remark_id") REFERENCES "order_remark"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mention" ADD CONSTRAINT "mention_staff_id_fkey" FOREIGN KEY ("staff_id") REFERENCES "staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "partner_text" ADD CONSTRAINT "partner_text_partner_id_fkey" FOREIGN KEY ("partner_id") REFERENCES "partner"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_partner_id_fkey" FOREIGN KEY ("partner_id") REFERENCES "partner"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_replaces_id_fkey" FOREIGN KEY ("replaces_id") REFERENCES "api_key"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key_store" ADD CONSTRAINT "api_key_store_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key_store" ADD CONSTRAINT "api_key_store_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key_location" ADD CONSTRAINT "api_key_location_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key_location" ADD CONSTRAINT "api_key_location_location_id_fkey" FOREIGN KEY ("location_id") REFERENCES "location"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_partner_id_fkey" FOREIGN KEY ("partner_id") REFERENCES "partner"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_account" ADD CONSTRAINT "payment_account_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_account" ADD CONSTRAINT "payment_account_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment" ADD CONSTRAINT "payment_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_account"("order_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment" ADD CONSTRAINT "payment_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refund" ADD CONSTRAINT "refund_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_account"("order_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refund" ADD CONSTRAINT "refund_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refund_line" ADD CONSTRAINT "refund_line_refund_id_fkey" FOREIGN KEY ("refund_id") REFERENCES "refund"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refund_line" ADD CONSTRAINT "refund_line_order_line_id_fkey" FOREIGN KEY ("order_line_id") REFERENCES "order_line"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_ledger_entry" ADD CONSTRAINT "payment_ledger_entry_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "payment_account"("order_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_ledger_entry" ADD CONSTRAINT "payment_ledger_entry_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payment"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payment_ledger_entry" ADD CONSTRAINT "payment_ledger_entry_refund_id_fkey" FOREIGN KEY ("refund_id") REFERENCES "refund"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "carrier" ADD CONSTRAINT "carrier_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "carrier_text" ADD CONSTRAINT "carrier_text_carrier_id_fkey" FOREIGN KEY ("carrier_id") REFERENCES "carrier"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shipment" ADD CONSTRAINT "shipment_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "order"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shipment" ADD CONSTRAINT "shipment_location_id_fkey" FOREIGN KEY ("location_id") REFERENCES "location"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shipment" ADD CONSTRAINT "shipment_carrier_id_fkey" FOREIGN KEY ("carrier_id") REFERENCES "carrier"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shipment_line" ADD CONSTRAINT "shipment_line_shipment_id_fkey" FOREIGN KEY ("shipment_id") REFERENCES "shipment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "shipment_line" ADD CONSTRAINT "shipment_line_order_line_id_fkey" FOREIGN KEY ("order_line_id") REFERENCES "order_line"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tracking_event" ADD CONSTRAINT "tracking_event_carrier_id_fkey" FOREIGN KEY ("carrier_id") REFERENCES "carrier"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tracking_event" ADD CONSTRAINT "tracking_event_shipment_id_fkey" FOREIGN KEY ("shipment_id") REFERENCES "shipment"("id") ON DELETE SET NULL ON UPDATE CASCADE;
