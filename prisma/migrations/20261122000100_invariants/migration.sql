-- What must hold whatever code runs: checks, append-only tables, the relay of events, numbers.

-- Event log ------------------------------------------------------------------------------------------------------

INSERT INTO "event_head" ("id", "seq") VALUES (1, 0);
ALTER TABLE "event_head" ADD CONSTRAINT "event_head_single" CHECK ("id" = 1);

-- Partitions of ten million events each; the relay makes the next one in time.
CREATE TABLE "event_p0" PARTITION OF "event" FOR VALUES FROM (0) TO (10000000);
CREATE TABLE "event_p1" PARTITION OF "event" FOR VALUES FROM (10000000) TO (20000000);

CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER "event_append_only" BEFORE UPDATE OR DELETE ON "event"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "event_no_truncate" BEFORE TRUNCATE ON "event"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- Moves committed events from the outbox into the log and gives them consecutive places. The head is locked before
-- the outbox is read (each statement of a volatile function has its own snapshot), so places are in commit order per
-- entity and without gaps. Runs as one statement: an instance that stops in the middle holds nothing.
CREATE FUNCTION "relay_events"(batch_size integer, moment timestamptz, OUT head bigint, OUT moved integer)
LANGUAGE plpgsql AS $$
DECLARE
  partition_number bigint;
BEGIN
  moved := 0;
  IF NOT EXISTS (SELECT 1 FROM event_outbox) THEN
    SELECT seq INTO head FROM event_head WHERE id = 1;
    RETURN;
  END IF;
  SELECT seq INTO head FROM event_head WHERE id = 1 FOR UPDATE;

  WITH taken AS (
    DELETE FROM event_outbox WHERE id IN (SELECT o.id FROM event_outbox o ORDER BY o.id LIMIT batch_size) RETURNING *
  )
  INSERT INTO event (seq, event_id, type, entity_type, entity_id, version, payload, changes, facets, payload_version,
    actor_kind, actor_id, request_id, source, store_id, customer_id, location_id, occurred_at, logged_at)
  SELECT head + row_number() OVER (ORDER BY id), event_id, type, entity_type, entity_id, version, payload, changes,
    facets, payload_version, actor_kind, actor_id, request_id, source, store_id, customer_id, location_id, occurred_at,
    moment
  FROM taken;
  GET DIAGNOSTICS moved = ROW_COUNT;
  IF moved = 0 THEN
    RETURN;
  END IF;

  head := head + moved;
  UPDATE event_head SET seq = head WHERE id = 1;
  partition_number := head / 10000000 + 1;
  IF to_regclass('event_p' || partition_number) IS NULL THEN
    EXECUTE format('CREATE TABLE %I PARTITION OF event FOR VALUES FROM (%s) TO (%s)', 'event_p' || partition_number,
      partition_number * 10000000, (partition_number + 1) * 10000000);
  END IF;
  PERFORM pg_notify('dayshift_events', head::text);
END;
$$;

-- Identity -------------------------------------------------------------------------------------------------------

ALTER TABLE "staff" ADD CONSTRAINT "staff_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "person_staff" ADD CONSTRAINT "person_staff_email_lower" CHECK ("email" = lower("email"));
ALTER TABLE "post_text" ADD CONSTRAINT "post_text_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "session" ADD CONSTRAINT "session_expires_later" CHECK ("expires_at" > "created_at");

-- Catalog --------------------------------------------------------------------------------------------------------

ALTER TABLE "store" ADD CONSTRAINT "store_freight_not_negative" CHECK ("freight_minor" >= 0);
ALTER TABLE "store" ADD CONSTRAINT "store_free_from_positive" CHECK ("freight_free_from_minor" > 0);
ALTER TABLE "store" ADD CONSTRAINT "store_has_currency" CHECK (cardinality("currencies") > 0);
ALTER TABLE "store" ADD CONSTRAINT "store_line_quantity_positive" CHECK ("line_quantity_max" > 0);
ALTER TABLE "store_text" ADD CONSTRAINT "store_text_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "category" ADD CONSTRAINT "category_tax_rate_range" CHECK ("tax_rate_basis_points" BETWEEN 0 AND 10000);
ALTER TABLE "category" ADD CONSTRAINT "category_not_own_parent" CHECK ("parent_id" <> "id");
ALTER TABLE "category_text" ADD CONSTRAINT "category_text_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "product_version_text" ADD CONSTRAINT "product_version_text_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "product_option_text" ADD CONSTRAINT "product_option_text_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "product_version" ADD CONSTRAINT "product_version_reviewed_by_another"
  CHECK ("reviewer_id" <> "author_id" AND "reviewer_id" <> "last_editor_id");
ALTER TABLE "product_version" ADD CONSTRAINT "product_version_rejected_with_reason"
  CHECK ("state" <> 'REJECTED' OR "rejection_reason" IS NOT NULL);
ALTER TABLE "product_version" ADD CONSTRAINT "product_version_published_after_review"
  CHECK ("state" NOT IN ('APPROVED', 'PUBLISHED') OR "reviewer_id" IS NOT NULL);
CREATE UNIQUE INDEX "product_version_one_published" ON "product_version" ("product_id") WHERE "state" = 'PUBLISHED';
CREATE UNIQUE INDEX "product_version_one_in_work" ON "product_version" ("product_id")
  WHERE "state" IN ('DRAFT', 'SUBMITTED', 'APPROVED', 'REJECTED');
ALTER TABLE "variant" ADD CONSTRAINT "variant_sku_upper" CHECK ("sku" = upper("sku"));
CREATE UNIQUE INDEX "variant_one_per_combination" ON "variant" ("product_id", "options") WHERE "archived_at" IS NULL;
ALTER TABLE "price" ADD CONSTRAINT "price_positive" CHECK ("amount_minor" > 0);
ALTER TABLE "image" ADD CONSTRAINT "image_ready_is_known"
  CHECK ("state" <> 'READY' OR ("content_type" IS NOT NULL AND "width" > 0 AND "height" > 0 AND "byte_count" > 0));

-- Inventory ------------------------------------------------------------------------------------------------------

ALTER TABLE "location_text" ADD CONSTRAINT "location_text_locale_known" CHECK ("locale" IN ('en', 'zh'));
ALTER TABLE "stock" ADD CONSTRAINT "stock_allocated_not_negative" CHECK ("allocated" >= 0);
ALTER TABLE "stock" ADD CONSTRAINT "stock_damaged_not_negative" CHECK ("damaged" >= 0);
ALTER TABLE "stock" ADD CONSTRAINT "stock_safety_not_negative" CHECK ("safety_stock" >= 0);
ALTER TABLE "stock" ADD CONSTRAINT "stock_committed_is_on_hand" CHECK ("on_hand" >= "allocated" + "damaged");
ALTER TABLE "stock" ADD CONSTRAINT "stock_low_limits"
  CHECK (("low_stock_at" IS NULL) = ("recovered_at" IS NULL) AND "low_stock_at" >= 0 AND "recovered_at" > "low_stock_at");
ALTER TABLE "stock" ADD CONSTRAINT "stock_back_in_stock_positive" CHECK ("back_in_stock_at" > 0);
ALTER TABLE "stock" ADD CONSTRAINT "stock_on_hand_bounded" CHECK ("on_hand" <= 1000000000);
ALTER TABLE "stock_ledger_entry" ADD CONSTRAINT "stock_ledger_entry_moves" CHECK ("delta" <> 0);
ALTER TABLE "stock_ledger_entry" ADD CONSTRAINT "stock_ledger_entry_after_not_negative" CHECK ("after" >= 0);
CREATE TRIGGER "stock_ledger_entry_append_only" BEFORE UPDATE OR DELETE ON "stock_ledger_entry"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "stock_ledger_entry_no_truncate" BEFORE TRUNCATE ON "stock_ledger_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
ALTER TABLE "allocation" ADD CONSTRAINT "allocation_open_has_units" CHECK (("state" = 'OPEN') = ("quantity" > 0));
ALTER TABLE "allocation" ADD CONSTRAINT "allocation_quantity_not_negative" CHECK ("quantity" >= 0);

-- Orders ---------------------------------------------------------------------------------------------------------

CREATE SEQUENCE "order_number" START 100001;
ALTER TABLE "order" ADD CONSTRAINT "order_amounts"
  CHECK ("merchandise_minor" >= 0 AND "freight_minor" >= 0 AND "tax_minor" >= 0
    AND "total_minor" = "merchandise_minor" + "freight_minor" AND "tax_minor" <= "total_minor");
ALTER TABLE "order" ADD CONSTRAINT "order_confirmed_has_moment"
  CHECK ("state" NOT IN ('CONFIRMED', 'COMPLETED') OR "confirmed_at" IS NOT NULL);
ALTER TABLE "order" ADD CONSTRAINT "order_completed_has_moment" CHECK (("state" = 'COMPLETED') = ("completed_at" IS NOT NULL));
ALTER TABLE "order" ADD CONSTRAINT "order_cancelled_has_reason"
  CHECK (("state" = 'CANCELLED') = ("cancelled_at" IS NOT NULL) AND ("state" = 'CANCELLED') = ("cancel_reason" IS NOT NULL));
ALTER TABLE "order_line" ADD CONSTRAINT "order_line_counts"
  CHECK ("quantity" > 0 AND "cancelled" >= 0 AND "dispatched" >= 0 AND "returned" >= 0
    AND "cancelled" + "dispatched" <= "quantity" AND "returned" <= "dispatched");
ALTER TABLE "order_line" ADD CONSTRAINT "order_line_amounts"
  CHECK ("unit_price_minor" >= 0 AND "total_minor" = "unit_price_minor" * ("quantity" - "cancelled")
    AND "tax_minor" BETWEEN 0 AND "total_minor" AND "tax_rate_basis_points" BETWEEN 0 AND 10000);
ALTER TABLE "order_hold" ADD CONSTRAINT "order_hold_released_with_reason"
  CHECK (("released_at" IS NULL) = ("release_reason" IS NULL));
