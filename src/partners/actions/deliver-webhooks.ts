// Rounds: what is due of one webhook is sent, a few messages at a time, and the next round is set for when more is due.

import pLimit from 'p-limit';
import { db, type Tx, transact } from '../../core/db.ts';
import { EgressError, post } from '../../core/egress.ts';
import type { LogEvent } from '../../core/event-log.ts';
import { enqueue } from '../../core/jobs.ts';
import { log } from '../../core/log.ts';
import { signedHeaders } from '../../core/signed-messages.ts';
import type { Prisma, WebhookDelivery } from '../../generated/prisma/client.ts';
import { isKeyLive } from '../rules/keys.ts';
import {
  ANSWER_BYTES_MAX,
  type Attempt,
  answerKept,
  failedAttempt,
  isProbed,
  WAITING_MAX,
} from '../rules/webhooks.ts';
import { secretsOf } from './signing-secrets.ts';
import { disableOverrun, recordAttempt, settle, withholdAll } from './webhook-attempts.ts';
import { type Made, messageOf } from './webhook-messages.ts';
import { type WebhookRow, withKey } from './webhook-rows.ts';

/** Time after which a round begins no more messages, so that other webhooks have their turn. */
const ROUND_MS = 10_000;
const BATCH = 20;
const AT_ONCE = 4;

// Receivers are waited for without a connection to the database, and messages of all webhooks take few of them.
const database = pLimit(3);

type Clock = () => Date;

/**
 * Send what is due of a webhook, in the order in which it became due. Call it for one webhook once at a time; a round
 * that dies is done again, and what it had sent and not recorded is sent again under the same id.
 */
export async function deliverRound(webhookId: string, now: Clock, signal: AbortSignal): Promise<void> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(ROUND_MS)]);
  while (!over.aborted) {
    const webhook = await db.webhook.findUniqueOrThrow({ where: { id: webhookId }, include: withKey });
    if (await isEnded(webhook, now())) return;
    const due = await dueOf(webhook, now());
    if (due.length === 0) break;
    await sendAll(webhook, due, now, over);
  }
  await transact((tx) => setNextRound(tx, webhookId, now()));
}

/** Whether nothing is sent any more; what waited is then withheld. */
async function isEnded(webhook: WebhookRow, at: Date): Promise<boolean> {
  const isArchived = webhook.state === 'ARCHIVED';
  if (!isArchived && isKeyLive(webhook.key, at)) return false;
  await transact((tx) => withholdAll(tx, webhook.id, isArchived ? 'WEBHOOK_ARCHIVED' : 'KEY_ENDED', at));
  return true;
}

/** What waits for a webhook and may be sent to it: while it is disabled, tests alone. */
const waiting = ({ id, state }: Pick<WebhookRow, 'id' | 'state'>): Prisma.WebhookDeliveryWhereInput => ({
  webhookId: id,
  state: 'PENDING',
  ...(state === 'ACTIVE' ? {} : { seq: null }),
});

async function dueOf(webhook: WebhookRow, at: Date): Promise<WebhookDelivery[]> {
  const isPaused = webhook.pausedUntil !== null && webhook.pausedUntil > at;
  return db.webhookDelivery.findMany({
    where: { ...waiting(webhook), nextAttemptAt: { lte: at }, ...(isPaused ? { seq: null } : {}) },
    orderBy: [{ nextAttemptAt: 'asc' }, { id: 'asc' }],
    take: isProbed(webhook) ? 1 : BATCH,
  });
}

async function sendAll(
  webhook: WebhookRow,
  due: readonly WebhookDelivery[],
  now: Clock,
  over: AbortSignal,
): Promise<void> {
  const seqs = due.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  const events = (await db.event.findMany({ where: { seq: { in: seqs } } })) as unknown as LogEvent[];
  const some = pLimit(AT_ONCE);
  const sent = due.map((delivery) =>
    some(async () => {
      if (over.aborted) return;
      const event = events.find(({ seq }) => seq === delivery.seq);
      await send(webhook, delivery, event, now);
    }),
  );
  // All of them end before the round does, also when one failed for reasons of ours.
  for (const outcome of await Promise.allSettled(sent))
    if (outcome.status === 'rejected') throw outcome.reason;
}

async function send(
  webhook: WebhookRow,
  delivery: WebhookDelivery,
  event: LogEvent | undefined,
  now: Clock,
): Promise<void> {
  const made = await database(() => make(webhook, delivery, event));
  const record = (work: (tx: Tx) => Promise<void>) => database(() => transact(work));
  if (made === null)
    return record((tx) => recordAttempt(tx, delivery, failedAttempt('NO_PAYLOAD', 0, 0), now()));
  if ('reason' in made) return record((tx) => settle(tx, delivery.id, made, now()));
  const attempt = await call(webhook, delivery, made.body, now());
  await record((tx) => recordAttempt(tx, delivery, attempt, now()));
}

const MAKE_MS = 15_000;

/** The message of a delivery; null when it could not be made, which is tried again. */
async function make(
  webhook: WebhookRow,
  delivery: WebhookDelivery,
  event: LogEvent | undefined,
): Promise<Made | null> {
  return messageOf(webhook, delivery, event, AbortSignal.timeout(MAKE_MS)).catch((error: unknown) => {
    log.error({ error, webhookDeliveryId: delivery.id }, 'the message of a webhook could not be made');
    return null;
  });
}

/** POST a message. The status alone says whether it has come: the answer is read as far as it is kept. */
async function call(webhook: WebhookRow, { id }: WebhookDelivery, body: string, at: Date): Promise<Attempt> {
  const headers = signedHeaders(`msg_${id}`, secretsOf(webhook, at), body);
  const bytes = Buffer.byteLength(body);
  const started = performance.now();
  const milliseconds = () => Math.round(performance.now() - started);
  try {
    const answer = await post(webhook.url, { headers, body, answerBytesMax: ANSWER_BYTES_MAX });
    const { status, text } = answer;
    return { status, failure: null, milliseconds: milliseconds(), bytes, answer: answerKept(text) };
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    return failedAttempt(error.failure, milliseconds(), bytes);
  }
}

/** Queue the next round, for when something is due again; with too much that waits, disable the webhook instead. */
async function setNextRound(tx: Tx, webhookId: string, at: Date): Promise<void> {
  const webhook = await tx.webhook.findUniqueOrThrow({ where: { id: webhookId } });
  const next = await tx.webhookDelivery.findFirst({
    where: waiting(webhook),
    orderBy: [{ nextAttemptAt: 'asc' }, { id: 'asc' }],
    select: { nextAttemptAt: true, seq: true },
  });
  if (!next) return;
  if (await isOverrun(tx, webhook)) return disableOverrun(tx, webhookId, at);
  const { pausedUntil } = webhook;
  const isPaused = next.seq !== null && pausedUntil !== null && pausedUntil > next.nextAttemptAt;
  const moment = isPaused ? pausedUntil : next.nextAttemptAt;
  const inSeconds = Math.max(0, Math.ceil((moment.getTime() - at.getTime()) / 1000));
  await enqueue(tx, 'webhooks.deliver', { webhookId }, { key: webhookId, inSeconds });
}

async function isOverrun(tx: Tx, { id, state }: Pick<WebhookRow, 'id' | 'state'>): Promise<boolean> {
  if (state !== 'ACTIVE') return false;
  const [row] = await tx.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) FROM (
      SELECT 1 FROM webhook_delivery WHERE webhook_id = ${id}::uuid AND state = 'PENDING' LIMIT ${WAITING_MAX + 1}
    ) AS waits`;
  return (row?.count ?? 0n) > WAITING_MAX;
}
