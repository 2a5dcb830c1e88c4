// The messages of webhooks: what a feed tells of an event, and what a document answers for it. Made anew for each try.

import { seesEvent } from '../../analytics/access.ts';
import type { Actor } from '../../core/actor.ts';
import { encodeCursor } from '../../core/cursor.ts';
import { type LogEvent, placeOf } from '../../core/event-log.ts';
import { payloadFor } from '../../core/events.ts';
import { toGlobalId } from '../../core/ids.ts';
import { reasonIn } from '../../core/texts.ts';
import type { WebhookDelivery } from '../../generated/prisma/client.ts';
import type { WebhookDeliveryReason } from '../../generated/prisma/enums.ts';
import { MESSAGE_BYTES_MAX } from '../rules/webhooks.ts';
import { type DocumentAnswer, documentProblems, runDocument } from './webhook-documents.ts';
import { actorOf, type WebhookRow } from './webhook-rows.ts';

/** A message, or why there is none: it is withheld from the key as it is now, or cannot be sent. */
export type Made = { body: string } | { state: 'WITHHELD' | 'FAILED'; reason: WebhookDeliveryReason };

/**
 * Make the message of a delivery with the rights that the key has now. A right that was lost withholds all of it.
 * Rejects when the document failed for reasons that are ours.
 */
export async function messageOf(
  webhook: WebhookRow,
  delivery: WebhookDelivery,
  event: LogEvent | undefined,
  signal: AbortSignal,
): Promise<Made> {
  const key = actorOf(webhook);
  const isTest = delivery.seq === null;
  if (!isTest && (!event || !seesEvent(key, event))) return { state: 'WITHHELD', reason: 'NOT_VISIBLE' };
  if (documentProblems(webhook.document, key).length > 0)
    return { state: 'WITHHELD', reason: 'DOCUMENT_REFUSED' };
  const nodeId = toGlobalId(delivery.entityType, delivery.entityId);
  const answer = webhook.document ? await runDocument(webhook.document, key, nodeId, signal) : null;
  const message = { ...(event ? told(key, event) : toldOfTest(delivery)), ...answered(answer) };
  const body = JSON.stringify(message);
  return Buffer.byteLength(body) > MESSAGE_BYTES_MAX ? { state: 'FAILED', reason: 'TOO_LARGE' } : { body };
}

/** An event in the words of the feeds. */
const told = (key: Actor, event: LogEvent) => ({
  type: event.type,
  occurredAt: event.occurredAt.toISOString(),
  sequence: Number(event.seq),
  cursor: encodeCursor(placeOf(event)),
  nodeId: toGlobalId(event.entityType, event.entityId),
  version: event.version,
  payload: payloadFor(key, event),
  changes: event.changes.map(({ field, before, after, withheld }) => ({
    field,
    before: reasonIn(key.locale, before) ?? null,
    after: reasonIn(key.locale, after) ?? null,
    withheld: withheld === true,
  })),
});

/** A test has no place among the events. */
const toldOfTest = ({ type, createdAt, entityType, entityId }: WebhookDelivery) => ({
  type,
  occurredAt: createdAt.toISOString(),
  sequence: null,
  cursor: null,
  nodeId: toGlobalId(entityType, entityId),
  version: null,
  payload: {},
  changes: [],
});

/** What a document answered; `errors` only where there were some. */
const answered = (answer: DocumentAnswer | null) =>
  answer && { data: answer.data, ...(answer.errors.length > 0 ? { errors: answer.errors } : {}) };
