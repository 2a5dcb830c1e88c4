-- CreateIndex
CREATE INDEX "event_outbox_entity_id_idx" ON "event_outbox"("entity_id");
