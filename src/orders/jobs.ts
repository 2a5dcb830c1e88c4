// What orders do later: follow money and stock, forget customers who were erased, import files, and act when their clocks run out.

import { type Actor, systemActor } from '../core/actor.ts';
import { type Tx, transact } from '../core/db.ts';
import type { LogEvent } from '../core/event-log.ts';
import { defineJob, enqueue } from '../core/jobs.ts';
import type { ReactionDefinition } from '../core/reactions.ts';
import { now } from '../core/time.ts';
import { eraseContactsOf } from './actions/contacts.ts';
import { expireUnpaid, followPayment } from './actions/follow-payment.ts';
import { endOrder } from './actions/fulfil-order.ts';
import { factsOf, type LockedOrder, lockOrderRow } from './actions/lock-order.ts';
import { tellOverdue } from './actions/order-deadlines.ts';
import { allocateToWaiting } from './actions/wait-for-stock.ts';
import { importJob } from './jobs/import-upload.ts';
import { refusals } from './rules/moves.ts';

declare module '../core/jobs.ts' {
  interface JobMap {
    'orders.allocateWaiting': { variantId: string };
    'orders.import': { orderImportId: string };
  }
}

/** Serve orders that miss a variant, and queue the rest where many do: locks are held for short times only. */
async function serveWaiting(tx: Tx, variantId: string): Promise<void> {
  const isMore = await allocateToWaiting(tx, variantId, now());
  if (isMore) await enqueue(tx, 'orders.allocateWaiting', { variantId }, { key: variantId });
}

export const orderJobs = [
  defineJob({
    name: 'orders.allocateWaiting',
    retries: 5,
    retrySeconds: { first: 1, max: 60 },
    runSecondsMax: 60,
    work: ({ variantId }) => transact((tx) => serveWaiting(tx, variantId)),
    // The next change of the stock serves them.
    giveUp: async () => {},
  }),
  importJob,
];

export const orderReactions: readonly ReactionDefinition[] = [
  {
    name: 'orders.followPayments',
    types: ['payment.captured', 'payment.corrected', 'refund.created', 'refund.succeeded', 'refund.failed'],
    handle: (tx, { facets }) =>
      followPayment(tx, systemActor('orders.followPayments'), String(facets.orderId), now()),
  },
  {
    name: 'orders.allocateWaiting',
    types: [
      'stock.received',
      'stock.adjusted',
      'stock.set',
      'stock.planned',
      'stock.released',
      'stock.returned',
      'stock.transferredIn',
    ],
    handle: (tx, { facets }) => serveWaiting(tx, String(facets.variantId)),
  },
  {
    name: 'orders.eraseContacts',
    types: ['customer.erased'],
    handle: (tx, { entityId }: LogEvent) =>
      eraseContactsOf(tx, systemActor('orders.eraseContacts'), entityId, now()),
  },
];

/** A clock of orders: the order is locked first, and found anew when the clock runs out. */
const orderTimer = (
  kind: string,
  act: (tx: Tx, actor: Actor, order: LockedOrder, at: Date) => Promise<void>,
) => ({
  kind,
  lock: (tx: Tx, orderId: string) => lockOrderRow(tx, orderId),
  fire: async (tx: Tx, actor: Actor, { entityId }: { entityId: string }, at: Date) =>
    act(tx, actor, await lockOrderRow(tx, entityId), at),
});

export const orderTimers = [
  orderTimer('order.payment', expireUnpaid),
  orderTimer('order.confirmation', (tx, actor, order, at) =>
    tellOverdue(tx, actor, order, 'order.confirmationOverdue', at),
  ),
  orderTimer('order.credit', (tx, actor, order, at) =>
    tellOverdue(tx, actor, order, 'order.creditOverdue', at),
  ),
  orderTimer('order.completion', async (tx, actor, order, at) => {
    if (refusals('COMPLETE', factsOf(actor, order)).length === 0) await endOrder(tx, actor, order, at);
  }),
];
