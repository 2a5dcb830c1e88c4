// Placing an order.

import { quoteLines } from '../../catalog/actions/quote-lines.ts';
import { type Actor, can, isShopper, principalOf, reaches } from '../../core/actor.ts';
import { constraintOf, lockName, type Tx } from '../../core/db.ts';
import { DomainError, notFound, type Problem, problem, refuseIf } from '../../core/errors.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { formatMinor } from '../../core/money.ts';
import { networkHash } from '../../core/networks.ts';
import type { Prisma, Store } from '../../generated/prisma/client.ts';
import { holdCustomer } from '../../identity/actions/customers.ts';
import { allocateStock } from '../../inventory/actions/allocate-stock.ts';
import { lockReservations } from '../../inventory/actions/end-reservations.ts';
import { openAccount } from '../../payments/actions/move-account.ts';
import { seesOrder, visibleOrders } from '../access.ts';
import type { OrderPlace } from '../inputs/place.ts';
import {
  freightOf,
  GUESTS_OPEN_ORDERS_MAX,
  lineAmounts,
  OPEN_ORDERS_MAX,
  orderTotals,
  quantityProblems,
  totalProblems,
} from '../rules/amounts.ts';
import { orderProblem } from '../texts.ts';
import { type DraftLine, insertOrder } from './insert-order.ts';
import { startDeadlines } from './order-deadlines.ts';
import { emitOrder } from './order-events.ts';

/**
 * Place an order: price it, number it, open its account, start its clocks, promise its stock. All or nothing. Staff
 * and partners place in the stores they act in, shoppers for themselves in the department's own sites.
 * Refuses with NOT_FOUND (store, customer), CURRENCY_NOT_USED, VARIANT_NOT_SOLD, PRICE_MISSING,
 * QUANTITY_EXCEEDS_LIMIT, TOTAL_TOO_LARGE, TERMS_NOT_OFFERED, NOT_PERMITTED, TOO_MANY_OPEN_ORDERS for shoppers with
 * many unpaid orders and for guests of a network that has, EXTERNAL_REFERENCE_TAKEN, INVALID and ILLEGAL_STATE for reservations, then INSUFFICIENT_STOCK.
 * Locks the name of a shopper, with guests their network's as well; then reservations, the customer, and stock last.
 */
export async function placeOrder(tx: Tx, actor: Actor, input: OrderPlace, at: Date): Promise<{ id: string }> {
  const store = await storeOf(tx, actor, input.storeId);
  const currency = input.currency ?? store.currencies[0] ?? '';
  const terms = input.terms ?? 'PREPAID';
  const { quoted, problems } = await quoteLines(tx, actor, { id: store.id, currency }, input.lines, at);
  const hoarding = await hoardingProblems(tx, actor);
  const reservations = await lockReservations(tx, actor, input, at);
  refuseIf([
    ...(store.currencies.includes(currency)
      ? problems
      : [orderProblem('CURRENCY_NOT_USED', { path: ['currency'], params: { currency } })]),
    ...quantityProblems(input.lines, store.lineQuantityMax),
    ...termsProblems(actor, store, terms),
    ...(await customerProblems(tx, actor, input.customerId)),
    ...hoarding,
    ...(await referenceProblems(tx, actor, input.externalReference)),
    ...reservations.problems,
  ]);
  const lines: DraftLine[] = input.lines.map(({ variantId, quantity }, i) => {
    const quote = quoted[i] ?? missing(variantId);
    const priced = { ...quote, id: newId(), variantId, quantity, cancelled: 0, position: i + 1 };
    return { ...priced, ...lineAmounts(priced) };
  });
  const merchandise = orderTotals(lines, 0n).merchandiseMinor;
  const totals = orderTotals(lines, freightOf(store, currency, merchandise));
  refuseIf(totalProblems(totals));
  const isFree = totals.totalMinor === 0n;
  const order = await insertOrder(tx, {
    order: {
      storeId: store.id,
      customerId: actor.kind === 'CUSTOMER' ? actor.id : (input.customerId ?? null),
      guestHash: actor.guestHash,
      guestNetwork: guestNetworkOf(actor),
      partnerId: actor.partnerId,
      externalReference: input.externalReference ?? null,
      currency,
      ...totals,
      ...(isFree ? { paymentState: 'PAID', paidAt: at } : {}),
      placedAt: at,
    },
    person: { ...input.contact, ...input.address },
    lines,
  }).catch((error: unknown) => {
    // Two calls with one reference at the same time: the index lets only the first through.
    throw constraintOf(error)?.includes('external_reference')
      ? new DomainError([referenceTaken(null)])
      : error;
  });
  const { id: orderId } = order;
  await openAccount(
    tx,
    actor,
    { orderId, storeId: store.id, currency, terms, dueMinor: totals.totalMinor },
    at,
  );
  await startDeadlines(tx, { order, store, terms, isPaid: isFree }, at);
  const total = formatMinor(order.totalMinor, currency);
  const payload = { number: order.number, total, currency, lineCount: lines.length };
  await emitOrder(tx, actor, 'order.placed', null, order, payload, at);
  const wanted = lines.map(({ id, variantId, quantity }) => ({ orderLineId: id, variantId, quantity }));
  const { live } = reservations;
  await allocateStock(tx, actor, { id: orderId, storeId: store.id, lines: wanted, reservations: live }, at);
  return { id: orderId };
}

/** The store of an order: one the actor acts in, for shoppers one of the department's own sites. */
async function storeOf(tx: Tx, actor: Actor, storeId: string): Promise<Store> {
  const store = await tx.store.findUnique({ where: { id: storeId } });
  const isOpen = store && (isShopper(actor) ? store.platform === 'OWN_SITE' : reaches(actor.stores, storeId));
  if (!store || !isOpen) throw new DomainError([notFound('Store', ['storeId'])]);
  return store;
}

function termsProblems(actor: Actor, store: Store, terms: OrderPlace['terms']): Problem[] {
  const path = ['terms'];
  if (terms === 'CREDIT' && !can(actor, 'orders.credit')) return [problem('NOT_PERMITTED', { path })];
  const isOffered =
    terms === 'CREDIT'
      ? store.creditDays !== null
      : terms === 'CASH_ON_DELIVERY'
        ? store.cashOnDelivery
        : true;
  return isOffered ? [] : [orderProblem('TERMS_NOT_OFFERED', { path })];
}

/** The customer is held, or somebody could erase them while their order is placed. */
async function customerProblems(tx: Tx, actor: Actor, wanted: string | undefined): Promise<Problem[]> {
  if (wanted && isShopper(actor)) return [problem('NOT_PERMITTED', { path: ['customerId'] })];
  const customerId = actor.kind === 'CUSTOMER' ? actor.id : wanted;
  if (!customerId || (await holdCustomer(tx, customerId))) return [];
  return [notFound('Customer', ['customerId'])];
}

/** Unpaid orders hold stock: nobody who only shops has many of them open at once, nor have the guests of one network. */
async function hoardingProblems(tx: Tx, actor: Actor): Promise<Problem[]> {
  if (!isShopper(actor)) return [];
  const own = await openProblems(tx, principalOf(actor), visibleOrders(actor), OPEN_ORDERS_MAX);
  const guestNetwork = guestNetworkOf(actor);
  if (own.length > 0 || guestNetwork === null) return own;
  return openProblems(tx, guestNetwork, { guestNetwork }, GUESTS_OPEN_ORDERS_MAX);
}

async function openProblems(
  tx: Tx,
  holder: string,
  orders: Prisma.OrderWhereInput,
  max: number,
): Promise<Problem[]> {
  await lockName(tx, 'shopper', holder);
  const open = await tx.order.count({
    where: {
      AND: [orders],
      state: 'PENDING_CONFIRMATION',
      paymentState: { in: ['UNPAID', 'PARTIALLY_PAID'] },
    },
  });
  return open < max ? [] : [orderProblem('TOO_MANY_OPEN_ORDERS', { path: [], params: { max } })];
}

const guestNetworkOf = (actor: Actor): string | null =>
  actor.kind === 'GUEST' ? networkHash(actor.address) : null;

async function referenceProblems(tx: Tx, actor: Actor, externalReference: string | undefined) {
  if (!externalReference) return [];
  if (isShopper(actor)) return [problem('NOT_PERMITTED', { path: ['externalReference'] })];
  const first = await tx.order.findFirst({ where: { externalReference, partnerId: actor.partnerId } });
  return first ? [referenceTaken(seesOrder(actor, first) ? first.id : null)] : [];
}

const referenceTaken = (orderId: string | null) =>
  orderProblem('EXTERNAL_REFERENCE_TAKEN', {
    path: ['externalReference'],
    type: 'ExternalReferenceTaken',
    data: { nodeId: orderId ? toGlobalId('Order', orderId) : null },
  });

const missing = (variantId: string): never => {
  throw new Error(`no quote for variant ${variantId}`);
};
