// Placing an order.

import { quoteLines } from '../../catalog/actions/quote-lines.ts';
import { type Actor, can, isShopper, principalOf, reaches } from '../../core/actor.ts';
import { constraintOf, lockName, type Tx } from '../../core/db.ts';
import { DomainError, notFound, type Problem, problem, refuseIf } from '../../core/errors.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { formatMinor } from '../../core/money.ts';
import type { Store } from '../../generated/prisma/client.ts';
import { holdCustomer } from '../../identity/actions/customers.ts';
import { allocateStock } from '../../inventory/actions/allocate-stock.ts';
import { openAccount } from '../../payments/actions/accounts.ts';
import { seesOrder, visibleOrders } from '../access.ts';
import type { OrderPlace } from '../inputs/place.ts';
import {
  freightOf,
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
 * many unpaid orders, EXTERNAL_REFERENCE_TAKEN, then
 * INSUFFICIENT_STOCK. Locks stock last.
 */
export async function placeOrder(tx: Tx, actor: Actor, input: OrderPlace, at: Date): Promise<{ id: string }> {
  const store = await storeOf(tx, actor, input.storeId);
  const currency = input.currency ?? store.currencies[0] ?? '';
  const terms = input.terms ?? 'PREPAID';
  const { quoted, problems } = await quoteLines(tx, actor, { id: store.id, currency }, input.lines, at);
  refuseIf([
    ...(store.currencies.includes(currency)
      ? problems
      : [orderProblem('CURRENCY_NOT_USED', { path: ['currency'], params: { currency } })]),
    ...quantityProblems(input.lines, store.lineQuantityMax),
    ...termsProblems(actor, store, terms),
    ...(await customerProblems(tx, actor, input.customerId)),
    ...(await hoardingProblems(tx, actor)),
    ...(await referenceProblems(tx, actor, input.externalReference)),
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
  await allocateStock(tx, actor, { id: orderId, storeId: store.id, lines: wanted }, at);
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

/** Unpaid orders hold stock: nobody who only shops has many of them open at once. */
async function hoardingProblems(tx: Tx, actor: Actor): Promise<Problem[]> {
  if (!isShopper(actor)) return [];
  await lockName(tx, 'shopper', principalOf(actor));
  const open = await tx.order.count({
    where: {
      AND: [visibleOrders(actor)],
      state: 'PENDING_CONFIRMATION',
      paymentState: { in: ['UNPAID', 'PARTIALLY_PAID'] },
    },
  });
  return open < OPEN_ORDERS_MAX
    ? []
    : [orderProblem('TOO_MANY_OPEN_ORDERS', { path: [], params: { max: OPEN_ORDERS_MAX } })];
}

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
