// Sending again what was sent before, or never; and sending a test.

import type { Actor } from '../../core/actor.ts';
import { encodeCursor } from '../../core/cursor.ts';
import type { Tx } from '../../core/db.ts';
import { type Problem, problem, refuseIf } from '../../core/errors.ts';
import { isOfThisLog, placeOf } from '../../core/event-log.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { addDays, addMinutes } from '../../core/time.ts';
import { unknownProblems } from '../../identity/rules.ts';
import type { WebhookReplay, WebhookTest } from '../inputs/webhooks.ts';
import { KEPT_DAYS, REPLAY_MAX, TEST_TYPE } from '../rules/webhooks.ts';
import { requeueEvents, wantedEvents } from './queue-webhooks.ts';
import {
  endedProblems,
  lockWebhook,
  tellWebhook,
  type WebhookRow,
  wakeWebhook,
  withKey,
} from './webhook-rows.ts';

export type Replayed = {
  id: string;
  count: number;
  /** Place after which to go on, when there is more than one replay sends. */
  nextCursor: string | null;
};

/**
 * Queue deliveries, events or a range of them again, as far as the webhook wants them and its key may see them now. All
 * of it is tried at once, and as often as what is new. Refuses with NOT_FOUND, WEBHOOK_ARCHIVED, KEY_ENDED, INVALID for
 * cursors of another database.
 */
export async function replayWebhook(tx: Tx, actor: Actor, input: WebhookReplay, at: Date): Promise<Replayed> {
  const webhook = await lockWebhook(tx, actor, input.webhookId);
  refuseIf([...endedProblems(webhook, at), ...(await placeProblems(input))]);
  const { count, nextCursor } = input.deliveryIds
    ? await requeueDeliveries(tx, webhook, input.deliveryIds, at)
    : await requeueWanted(tx, webhook, input, at);
  const after = await tx.webhook.update({
    where: { id: webhook.id },
    data: { version: { increment: 1 } },
    include: withKey,
  });
  await tellWebhook(tx, actor, 'webhook.replayed', after, { count }, at);
  await wakeWebhook(tx, webhook.id);
  return { id: webhook.id, count, nextCursor };
}

const foreign = { en: 'the cursor belongs to another database', zh: '游标属于另一个数据库' };

async function placeProblems({ after, until }: WebhookReplay): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [name, place] of Object.entries({ after, until }))
    if (place && !(await isOfThisLog(place)))
      problems.push(problem('INVALID', { path: [name], params: { why: foreign } }));
  return problems;
}

type Requeued = Omit<Replayed, 'id'>;

/** Queue named deliveries again, also those that were delivered. */
async function requeueDeliveries(
  tx: Tx,
  { id: webhookId }: WebhookRow,
  ids: readonly string[],
  at: Date,
): Promise<Requeued> {
  const where = { webhookId, id: { in: [...ids] } };
  const deliveries = await tx.webhookDelivery.findMany({ where, select: { id: true } });
  refuseIf(unknownProblems(ids, deliveries, 'deliveryIds', 'WebhookDelivery'));
  const { count } = await tx.webhookDelivery.updateMany({
    where,
    data: { state: 'PENDING', reason: null, tries: 0, settledAt: null, nextAttemptAt: at },
  });
  return { count, nextCursor: null };
}

/** Queue the events that are asked for; of a range, which reaches back 30 days, the first ones, and say where to go on. */
async function requeueWanted(
  tx: Tx,
  webhook: WebhookRow,
  { cursors, after, until, from, before, includeDelivered }: WebhookReplay,
  at: Date,
): Promise<Requeued> {
  const oldest = addDays(at, -KEPT_DAYS);
  const first = from && from > oldest ? from : oldest;
  const since = await placeBefore(tx, first);
  const chosen = cursors
    ? { seq: { in: cursors.map(({ seq }) => seq) } }
    : {
        seq: { gt: after && after.seq > since ? after.seq : since, ...(until ? { lte: until.seq } : {}) },
        occurredAt: { gte: first, ...(before ? { lt: before } : {}) },
      };
  const rows = await tx.event.findMany({
    where: { AND: [chosen, wantedEvents(webhook)] },
    select: { seq: true, eventId: true, type: true, entityType: true, entityId: true },
    orderBy: { seq: 'asc' },
    take: REPLAY_MAX + 1,
  });
  const isMeant = (event: (typeof rows)[number]) =>
    !cursors || cursors.some((place) => encodeCursor(place) === encodeCursor(placeOf(event)));
  const events = rows.slice(0, REPLAY_MAX);
  const count = await requeueEvents(tx, webhook, events.filter(isMeant), includeDelivered, at);
  const last = rows.length > events.length ? events.at(-1) : undefined;
  return { count, nextCursor: last ? encodeCursor(placeOf(last)) : null };
}

/** Clocks of instances may differ by so much. */
const CLOCKS_DIFFER_MINUTES = 1;

/** A place in the log before all that happened since a moment, found by halving: the log is in the order of time. */
async function placeBefore(tx: Tx, moment: Date): Promise<bigint> {
  const since = addMinutes(moment, -CLOCKS_DIFFER_MINUTES);
  let [low, high] = [0n, (await tx.eventHead.findFirstOrThrow()).seq];
  while (low < high) {
    const middle = (low + high) / 2n;
    const next = await tx.event.findFirst({
      where: { seq: { gt: middle, lte: high } },
      orderBy: { seq: 'asc' },
      select: { seq: true, loggedAt: true },
    });
    if (!next || next.loggedAt >= since) high = middle;
    else low = next.seq;
  }
  return low;
}

/**
 * Send a test: one message, tried once, also while the webhook is disabled. Its document is executed with a given object.
 * Refuses with NOT_FOUND, WEBHOOK_ARCHIVED, KEY_ENDED.
 */
export async function testWebhook(
  tx: Tx,
  actor: Actor,
  { webhookId, nodeId }: WebhookTest,
  at: Date,
): Promise<{ id: string }> {
  const webhook = await lockWebhook(tx, actor, webhookId);
  refuseIf(endedProblems(webhook, at));
  const { type: entityType, id: entityId } = nodeId ?? { type: 'Webhook', id: webhookId };
  const id = newId();
  await tx.webhookDelivery.create({
    data: { id, webhookId, type: TEST_TYPE, entityType, entityId, nextAttemptAt: at, createdAt: at },
  });
  const after = await tx.webhook.update({
    where: { id: webhookId },
    data: { version: { increment: 1 } },
    include: withKey,
  });
  const webhookDeliveryNodeId = toGlobalId('WebhookDelivery', id);
  await tellWebhook(tx, actor, 'webhook.tested', after, { webhookDeliveryNodeId }, at);
  await wakeWebhook(tx, webhookId);
  return { id };
}
