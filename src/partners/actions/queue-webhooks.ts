// Which events go to which webhooks: queued as they pass in the log, and again on request.

import { seesEvent, visibleEvents } from '../../analytics/access.ts';
import { db, type Tx } from '../../core/db.ts';
import type { LogEvent } from '../../core/event-log.ts';
import { listEvents } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { Prisma } from '../../generated/prisma/client.ts';
import { isKeyLive } from '../rules/keys.ts';
import { typesOf, wantsStore, wantsType } from '../rules/webhooks.ts';
import { actorOf, type WebhookRow, wakeWebhook, withKey } from './webhook-rows.ts';

/** True when any webhook listens. */
export const isAnyListening = async (): Promise<boolean> =>
  (await db.webhook.findFirst({ where: { state: 'ACTIVE' }, select: { id: true } })) !== null;

/** Queue events of the log, in their order, for every webhook that wants them and whose key may see them. */
export async function queueEvents(tx: Tx, events: readonly LogEvent[], at: Date): Promise<void> {
  const active = await tx.webhook.findMany({ where: { state: 'ACTIVE' }, include: withKey });
  for (const webhook of active.filter(({ key }) => isKeyLive(key, at))) {
    const key = actorOf(webhook);
    const wanted = events.filter(
      (event) => event.seq > webhook.listensAfter && wants(webhook, event) && seesEvent(key, event),
    );
    if (wanted.length === 0) continue;
    const data = wanted.map((event) => deliveryOf(webhook, event, at));
    await tx.webhookDelivery.createMany({ data, skipDuplicates: true });
    await wakeWebhook(tx, webhook.id);
  }
}

const wants = ({ types, stores }: WebhookRow, { type, storeId }: LogEvent): boolean =>
  wantsType(types, type) &&
  wantsStore(
    stores.map((row) => row.storeId),
    storeId,
  );

type PlacedEvent = Pick<LogEvent, 'seq' | 'eventId' | 'type' | 'entityType' | 'entityId'>;

const deliveryOf = (
  { id: webhookId }: { id: string },
  { seq, eventId, type, entityType, entityId }: PlacedEvent,
  at: Date,
) => ({ id: newId(), webhookId, seq, eventId, type, entityType, entityId, nextAttemptAt: at, createdAt: at });

/** Events of the log that a webhook wants and its key may see, as a Prisma where. */
export const wantedEvents = (webhook: WebhookRow): Prisma.EventWhereInput => {
  const known = listEvents().map(({ type }) => type);
  const storeIds = webhook.stores.map(({ storeId }) => storeId);
  return {
    AND: [
      visibleEvents(actorOf(webhook)),
      { type: { in: typesOf(webhook.types, known) } },
      storeIds.length > 0 ? { storeId: { in: storeIds } } : {},
    ],
  };
};

/**
 * Queue events again, each under the id that it was sent under before; what is delivered stays so unless
 * `includeDelivered`. Answers how many were queued.
 */
export async function requeueEvents(
  tx: Tx,
  webhook: { id: string },
  events: readonly PlacedEvent[],
  includeDelivered: boolean,
  at: Date,
): Promise<number> {
  if (events.length === 0) return 0;
  const rows = events.map((event) => deliveryOf(webhook, event, at));
  return tx.$executeRaw`
    INSERT INTO webhook_delivery AS d
      (id, webhook_id, seq, event_id, type, entity_type, entity_id, next_attempt_at, created_at)
    SELECT id, ${webhook.id}::uuid, seq, event_id, type, entity_type, entity_id, ${at}::timestamptz, ${at}::timestamptz
    FROM unnest(
      ${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => String(row.seq))}::bigint[],
      ${rows.map((row) => row.eventId)}::uuid[], ${rows.map((row) => row.type)}::text[],
      ${rows.map((row) => row.entityType)}::text[], ${rows.map((row) => row.entityId)}::uuid[]
    ) AS wanted (id, seq, event_id, type, entity_type, entity_id)
    ON CONFLICT (webhook_id, seq) DO UPDATE SET
      state = 'PENDING', reason = NULL, tries = 0, settled_at = NULL, next_attempt_at = excluded.next_attempt_at
    ${includeDelivered ? Prisma.empty : Prisma.sql`WHERE d.state <> 'DELIVERED'`}`;
}
