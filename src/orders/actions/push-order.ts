// Orders that were made on a marketplace: facts that come in pushes, in any number and order, and are one order.

import { type Actor, reaches } from '../../core/actor.ts';
import { lockName, type Tx } from '../../core/db.ts';
import { DomainError, notFound, type Problem, refuseIf } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { formatMinor } from '../../core/money.ts';
import type { PlatformOrder, Store } from '../../generated/prisma/client.ts';
import { openAccount } from '../../payments/actions/move-account.ts';
import type { OrderPush } from '../inputs/push.ts';
import { lineAmounts, orderTotals, totalProblems } from '../rules/amounts.ts';
import {
  currencyProblems,
  firstPushProblems,
  lineMoney,
  momentProblems,
  platformAmounts,
  receivedProblems,
  refundLineProblems,
} from '../rules/platform.ts';
import { orderProblem } from '../texts.ts';
import { applyPush } from './apply-push.ts';
import { insertOrder } from './insert-order.ts';
import { startDeadlines } from './order-deadlines.ts';
import { emitOrder } from './order-events.ts';
import { resolveItems } from './resolve-items.ts';

/**
 * Take what a marketplace says of one of its orders. Amounts, receiver and times are taken as they are given; a paid
 * order is never refused for want of stock. Pushes of one order may come twice, late and in any order: what changes is
 * taken from the newest (`asOf`), what happened (paid, refunded, closed) stays.
 * Refuses with NOT_FOUND (store), NOT_A_PLATFORM_STORE, CURRENCY_NOT_USED, CURRENCY_DIFFERS, ITEM_UNKNOWN, LINE_UNKNOWN,
 * OUT_OF_RANGE for moments ahead of time, REQUIRED for what a first push lacks, TOTAL_TOO_LARGE, REFUND_EXCEEDS_CAPTURED; nothing is written then.
 */
export async function pushOrder(tx: Tx, actor: Actor, input: OrderPush, at: Date): Promise<{ id: string }> {
  const store = await platformStoreOf(tx, actor, input.storeId);
  const { id: storeId } = store;
  // Pushes of an order that is not there yet have no row to wait at.
  await lockName(tx, 'platform-order', `${storeId} ${input.reference}`);
  const known = await tx.platformOrder.findUnique({
    where: { storeId_reference: { storeId, reference: input.reference } },
    include: { order: { select: { currency: true, lines: { select: { platformReference: true } } } } },
  });
  const currency = known?.order.currency ?? input.currency ?? store.currencies[0] ?? '';
  const lineReferences = known
    ? known.order.lines.map((line) => line.platformReference ?? '')
    : (input.lines ?? []).map((line) => line.reference);
  refuseIf([
    ...(store.currencies.includes(currency)
      ? []
      : [orderProblem('CURRENCY_NOT_USED', { path: ['currency'], params: { currency } })]),
    ...currencyProblems(input, currency),
    ...momentProblems(input, at),
    ...refundLineProblems(input, new Set(lineReferences)),
    ...(known ? [] : firstPushProblems(input)),
  ]);
  const platform = known ?? (await createFromPush(tx, actor, { store, currency, input }, at));
  await applyPush(tx, actor, { platform, input, isNew: !known }, at);
  return { id: platform.orderId };
}

async function platformStoreOf(tx: Tx, actor: Actor, storeId: string): Promise<Store> {
  const store = reaches(actor.stores, storeId) ? await tx.store.findUnique({ where: { id: storeId } }) : null;
  if (!store) throw new DomainError([notFound('Store', ['storeId'])]);
  refuseIf(store.platform === 'OWN_SITE' ? [notAPlatform] : []);
  return store;
}

const notAPlatform: Problem = orderProblem('NOT_A_PLATFORM_STORE', { path: ['storeId'] });

interface FirstPush {
  store: Store;
  currency: string;
  input: OrderPush;
}

/** The order of a first push, unpaid yet: what the push says of payment is applied like that of any later one. */
async function createFromPush(
  tx: Tx,
  actor: Actor,
  { store, currency, input }: FirstPush,
  at: Date,
): Promise<PlatformOrder> {
  const given = input.lines ?? [];
  const items = await resolveItems(tx, actor, store.id, given);
  const lines = given.map((line, i) => {
    const item = items[i];
    if (!item) throw new Error(`line ${i} was not resolved`);
    const priced = { ...item, ...lineMoney(line), quantity: line.quantity, cancelled: 0 };
    const { reference: platformReference } = line;
    return { id: newId(), position: i + 1, platformReference, ...priced, ...lineAmounts(priced) };
  });
  const freightMinor = input.freight?.minor ?? 0n;
  const totals = orderTotals(lines, freightMinor);
  const { receivedMinor, ...amounts } = platformAmounts(lines, {
    freightMinor,
    buyerPaidMinor: input.buyerPaid?.minor ?? 0n,
  });
  refuseIf([...totalProblems(totals), ...receivedProblems(receivedMinor)].slice(0, 1));
  const { receiver, reference, asOf, placedAt, shipBy = null } = input;
  if (!receiver) throw new Error('a first push has a receiver');
  const { id: storeId } = store;
  const { partnerId } = actor;
  const order = await insertOrder(tx, {
    order: { storeId, partnerId, currency, ...totals, placedAt, shipBy },
    person: receiver,
    lines,
  });
  const { id: orderId } = order;
  const platform = await tx.platformOrder.create({ data: { orderId, storeId, reference, asOf, ...amounts } });
  const account = { orderId, storeId, currency, terms: 'PLATFORM', dueMinor: receivedMinor } as const;
  await openAccount(tx, actor, account, at);
  await startDeadlines(tx, { order, store, terms: 'PLATFORM', isPaid: false }, at);
  const total = formatMinor(order.totalMinor, currency);
  const payload = { number: order.number, total, currency, lineCount: lines.length };
  await emitOrder(tx, actor, 'order.placed', null, order, payload, at);
  return platform;
}
