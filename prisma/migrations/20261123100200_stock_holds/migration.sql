-- CreateTable
CREATE TABLE "stock_reservation" (
    "id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "principal" TEXT NOT NULL,
    "limited_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "held_since" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "order_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stock_reservation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stock_reservation_line" (
    "stock_reservation_id" UUID NOT NULL,
    "stock_id" UUID NOT NULL,
    "store_id" UUID NOT NULL,
    "quantity" INTEGER NOT NULL,
    "held_until" TIMESTAMPTZ(3),

    CONSTRAINT "stock_reservation_line_pkey" PRIMARY KEY ("stock_reservation_id","stock_id")
);

-- CreateIndex
CREATE INDEX "stock_reservation_principal_created_at_id_idx" ON "stock_reservation"("principal", "created_at", "id");

-- CreateIndex
CREATE INDEX "stock_reservation_store_id_created_at_id_idx" ON "stock_reservation"("store_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "stock_reservation_created_at_id_idx" ON "stock_reservation"("created_at", "id");

-- CreateIndex
CREATE INDEX "stock_reservation_limited_by_expires_at_idx" ON "stock_reservation"("limited_by", "expires_at");

-- CreateIndex
CREATE INDEX "stock_reservation_expires_at_id_idx" ON "stock_reservation"("expires_at", "id");

-- CreateIndex
CREATE INDEX "stock_reservation_line_stock_id_held_until_idx" ON "stock_reservation_line"("stock_id", "held_until");

-- AddForeignKey
ALTER TABLE "stock_reservation" ADD CONSTRAINT "stock_reservation_store_id_fkey" FOREIGN KEY ("store_id") REFERENCES "store"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock_reservation_line" ADD CONSTRAINT "stock_reservation_line_stock_reservation_id_fkey" FOREIGN KEY ("stock_reservation_id") REFERENCES "stock_reservation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock_reservation_line" ADD CONSTRAINT "stock_reservation_line_stock_id_fkey" FOREIGN KEY ("stock_id") REFERENCES "stock"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Invariants -----------------------------------------------------------------------------------------------------

ALTER TABLE "stock_reservation" ADD CONSTRAINT "stock_reservation_expires_later" CHECK ("expires_at" > "created_at");
ALTER TABLE "stock_reservation" ADD CONSTRAINT "stock_reservation_held_before" CHECK ("held_since" <= "created_at");
ALTER TABLE "stock_reservation" ADD CONSTRAINT "stock_reservation_ordered_is_ended"
  CHECK ("order_id" IS NULL OR "ended_at" IS NOT NULL);
ALTER TABLE "stock_reservation_line" ADD CONSTRAINT "stock_reservation_line_has_units" CHECK ("quantity" > 0);
