-- What must hold of customers, partners, money and parcels whatever code runs.

-- Identity and partners ------------------------------------------------------------------------------------------

ALTER TABLE "customer" ADD CONSTRAINT "customer_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "customer" ADD CONSTRAINT "customer_erased_has_moment"
  CHECK (("state" = 'ERASED') = ("erased_at" IS NOT NULL) AND ("state" = 'ERASED') = ("password_hash" IS NULL));
ALTER TABLE "person_customer" ADD CONSTRAINT "person_customer_email_lower" CHECK ("email" = lower("email"));
ALTER TABLE "customer_session" ADD CONSTRAINT "customer_session_expires_later" CHECK ("expires_at" > "created_at");
CREATE UNIQUE INDEX "customer_address_one_preferred" ON "person_customer_address" ("customer_id") WHERE "preferred";
ALTER TABLE "partner_text" ADD CONSTRAINT "partner_text_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_expires_later" CHECK ("expires_at" > "created_at");
ALTER TABLE "connection" ADD CONSTRAINT "connection_former_until"
  CHECK (("former_secret" IS NULL) = ("former_until" IS NULL));

-- Catalog --------------------------------------------------------------------------------------------------------

ALTER TABLE "store" ADD CONSTRAINT "store_policies_positive"
  CHECK ("confirm_within_minutes" > 0 AND "pay_within_minutes" > 0 AND "credit_days" > 0 AND "complete_after_days" > 0);
ALTER TABLE "listing_item" ADD CONSTRAINT "listing_item_limits"
  CHECK ("share_basis_points" BETWEEN 0 AND 10000 AND "buffer_units" >= 0);

-- Deadlines ------------------------------------------------------------------------------------------------------

ALTER TABLE "deadline" ADD CONSTRAINT "deadline_settled_has_moment"
  CHECK (("state" IN ('RUNNING', 'PAUSED')) = ("settled_at" IS NULL));
ALTER TABLE "deadline" ADD CONSTRAINT "deadline_paused_has_moment" CHECK (("state" = 'PAUSED') = ("paused_at" IS NOT NULL));
CREATE UNIQUE INDEX "deadline_one_open" ON "deadline" ("entity_id", "kind") WHERE "state" IN ('RUNNING', 'PAUSED');

-- Orders ---------------------------------------------------------------------------------------------------------

CREATE UNIQUE INDEX "order_external_reference_own" ON "order" ("external_reference") WHERE "partner_id" IS NULL;
CREATE UNIQUE INDEX "order_external_reference_partner" ON "order" ("partner_id", "external_reference")
  WHERE "partner_id" IS NOT NULL;
CREATE INDEX "order_awaiting_stock" ON "order" ("ship_by", "paid_at", "id") WHERE "awaiting_stock";
ALTER TABLE "order" ADD CONSTRAINT "order_one_shopper" CHECK ("customer_id" IS NULL OR "guest_hash" IS NULL);
-- What a line is to bring: its price less our discount, shared over its units so that all shares sum to it; the
-- units that were cancelled take the last shares.
ALTER TABLE "order_line" DROP CONSTRAINT "order_line_amounts";
ALTER TABLE "order_line" ADD CONSTRAINT "order_line_amounts"
  CHECK ("unit_price_minor" >= 0 AND "platform_discount_minor" >= 0
    AND "merchant_discount_minor" BETWEEN 0 AND "unit_price_minor" * "quantity"
    AND "total_minor" = ("quantity" - "cancelled")
        * (("unit_price_minor" * "quantity" - "merchant_discount_minor") / "quantity")
      + least("quantity" - "cancelled", ("unit_price_minor" * "quantity" - "merchant_discount_minor") % "quantity")
    AND "tax_minor" BETWEEN 0 AND "total_minor" AND "tax_rate_basis_points" BETWEEN 0 AND 10000);

-- Whoever calls is found by phone, e-mail or name. Numbers are compared by their digits, however they were written.
CREATE INDEX "person_order_phone_digits" ON "person_order" (regexp_replace("phone", '\D', '', 'g'), "order_id" DESC)
  WHERE "phone" IS NOT NULL;
CREATE INDEX "person_order_email" ON "person_order" ("email", "order_id" DESC) WHERE "email" IS NOT NULL;
CREATE INDEX "person_order_name" ON "person_order" ("name", "order_id" DESC) WHERE "name" <> '';

-- Payments -------------------------------------------------------------------------------------------------------

ALTER TABLE "payment_account" ADD CONSTRAINT "payment_account_amounts"
  CHECK ("due_minor" >= 0 AND "captured_minor" >= 0 AND "refunding_minor" >= 0 AND "refunded_minor" >= 0
    AND "refunding_minor" + "refunded_minor" <= "captured_minor");
ALTER TABLE "payment" ADD CONSTRAINT "payment_amount_positive" CHECK ("amount_minor" > 0);
ALTER TABLE "payment" ADD CONSTRAINT "payment_captured_has_moment" CHECK (("state" = 'CAPTURED') = ("captured_at" IS NOT NULL));
ALTER TABLE "payment" ADD CONSTRAINT "payment_gateway_has_connection"
  CHECK (("method" = 'GATEWAY') = ("connection_id" IS NOT NULL));
CREATE UNIQUE INDEX "payment_transaction_of_gateway" ON "payment" ("connection_id", "transaction_reference")
  WHERE "connection_id" IS NOT NULL;
CREATE UNIQUE INDEX "payment_transaction_by_hand" ON "payment" ("order_id", "method", "transaction_reference")
  WHERE "connection_id" IS NULL;
ALTER TABLE "refund" ADD CONSTRAINT "refund_amounts"
  CHECK ("amount_minor" > 0 AND "freight_minor" BETWEEN 0 AND "amount_minor" AND "attempts" >= 0);
ALTER TABLE "refund" ADD CONSTRAINT "refund_settled_has_moment"
  CHECK (("state" = 'SUCCEEDED') = ("settled_at" IS NOT NULL));
ALTER TABLE "refund_line" ADD CONSTRAINT "refund_line_amounts" CHECK ("quantity" > 0 AND "amount_minor" >= 0);
ALTER TABLE "payment_ledger_entry" ADD CONSTRAINT "payment_ledger_entry_moves"
  CHECK ("delta_minor" <> 0 AND "after_minor" >= 0);
CREATE TRIGGER "payment_ledger_entry_append_only" BEFORE UPDATE OR DELETE ON "payment_ledger_entry"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "payment_ledger_entry_no_truncate" BEFORE TRUNCATE ON "payment_ledger_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- Orders of before have an account as well: nothing was captured for them here.
INSERT INTO "payment_account" ("order_id", "store_id", "currency", "terms", "due_minor", "created_at")
SELECT "id", "store_id", "currency", 'PREPAID', CASE WHEN "state" = 'CANCELLED' THEN 0 ELSE "total_minor" END, "placed_at"
FROM "order";
INSERT INTO "payment_ledger_entry" ("id", "order_id", "counter", "delta_minor", "after_minor", "actor_kind", "request_id",
  "occurred_at")
SELECT gen_random_uuid(), "order_id", 'DUE', "due_minor", "due_minor", 'SYSTEM', gen_random_uuid(), "created_at"
FROM "payment_account" WHERE "due_minor" > 0;

-- Shipping -------------------------------------------------------------------------------------------------------

CREATE SEQUENCE "shipment_number" START 100001;
ALTER TABLE "carrier_text" ADD CONSTRAINT "carrier_text_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "shipment" ADD CONSTRAINT "shipment_number_has_carrier"
  CHECK ("tracking_number" IS NULL OR "carrier_id" IS NOT NULL);
ALTER TABLE "shipment" ADD CONSTRAINT "shipment_dispatched_has_moment"
  CHECK (("state" IN ('PREPARED', 'CANCELLED')) = ("dispatched_at" IS NULL));
ALTER TABLE "shipment" ADD CONSTRAINT "shipment_cancelled_has_moment" CHECK (("state" = 'CANCELLED') = ("cancelled_at" IS NOT NULL));
CREATE UNIQUE INDEX "shipment_one_per_tracking_number" ON "shipment" ("carrier_id", "tracking_number")
  WHERE "state" <> 'CANCELLED';
ALTER TABLE "shipment_line" ADD CONSTRAINT "shipment_line_quantity_positive" CHECK ("quantity" > 0);
