-- AlterTable
ALTER TABLE "order" ADD COLUMN     "guest_network" TEXT;

-- Unpaid orders of the guests of a network are counted.
CREATE INDEX "order_guest_network" ON "order" ("guest_network")
  WHERE "guest_network" IS NOT NULL AND "state" = 'PENDING_CONFIRMATION';

-- A partner learns nothing of what another imports: the same content may be taken once by each.
CREATE UNIQUE INDEX "order_import_one_per_file_and_partner" ON "order_import" ("store_id", "partner_id", "sha256")
  NULLS NOT DISTINCT WHERE "state" IN ('QUEUED', 'RUNNING', 'COMPLETED');
DROP INDEX "order_import_one_per_file";
