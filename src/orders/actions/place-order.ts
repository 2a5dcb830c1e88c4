// Placing an order.

import { quoteLines } from '../../catalog/actions/quote-lines.ts';
import { type Actor, reaches } from '../../core/actor.ts';
import { constraintOf, type Tx } from '../../core/db.ts';
import { DomainError, problem, refuseIf } from '../../core/errors.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { formatMinor } from '../../core/money.ts';
import { allocateStock } from '../../inventory/actions/allocate-stock.ts';
import { seesOrder } from '../access.ts';
import type { OrderPlace } from '../inputs.ts';
import { freightOf, lineAmounts, orderTotals, quantityProblems, totalProblems } from '../rules.ts';
import { orderProblem } from '../texts.ts';
import { emitOrder } from './lock-order.ts';

/**
 * Place an order on a customer's behalf: price it, number it, promise its stock. All or nothing.
 * Refuses with NOT_FOUND (store), CURRENCY_NOT_USED, VARIANT_NOT_SOLD, PRICE_MISSING, QUANTITY_EXCEEDS_LIMIT,
 * TOTAL_TOO_LARGE, EXTERNAL_REFERENCE_TAKEN, then INSUFFICIENT_STOCK. Locks stock last.
 */
export async function placeOrder(tx: Tx, actor: Actor, input: OrderPlace, at: Date): Promise<{ id: string }> {
  const store = await storeOf(tx, actor, input.storeId);
  const currency = input.currency ?? store.currencies[0] ?? '';
  const { quoted, problems } = await quoteLines(tx, actor, { id: store.id, currency }, input.lines, at);
  refuseIf([
    ...(store.currencies.includes(currency)
      ? problems
      : [orderProblem('CURRENCY_NOT_USED', { path: ['currency'], params: { currency } })]),
    ...quantityProblems(input.lines, store.lineQuantityMax),
    ...(await referenceProblems(tx, actor, input.externalReference)),
  ]);
  const lines = input.lines.map(({ variantId, quantity }, i) => {
    const quote = quoted[i] ?? missing(variantId);
    const priced = { ...quote, id: newId(), variantId, quantity, cancelled: 0, position: i + 1 };
    return { ...priced, ...lineAmounts(priced) };
  });
  const merchandise = orderTotals(lines, 0n).merchandiseMinor;
  const totals = orderTotals(lines, freightOf(store, currency, merchandise));
  refuseIf(totalProblems(totals));
  const order = await createOrder(tx, input, { currency, lines, totals, at });
  await emitOrder(
    tx,
    actor,
    'order.placed',
    null,
    order,
    {
      number: order.number,
      total: formatMinor(order.totalMinor, currency),
      currency,
      lineCount: lines.length,
    },
    at,
  );
  const wanted = lines.map(({ id, variantId, quantity }) => ({ orderLineId: id, variantId, quantity }));
  await allocateStock(tx, actor, { id: order.id, storeId: store.id, lines: wanted }, at);
  return { id: order.id };
}

async function storeOf(tx: Tx, actor: Actor, storeId: string) {
  const store = reaches(actor.stores, storeId) ? await tx.store.findUnique({ where: { id: storeId } }) : null;
  if (!store) throw new DomainError([problem('NOT_FOUND', { path: ['storeId'], params: { type: 'Store' } })]);
  return store;
}

async function referenceProblems(tx: Tx, actor: Actor, reference: string | undefined) {
  if (!reference) return [];
  const first = await tx.order.findUnique({
    where: { externalReference: reference },
    select: { id: true, storeId: true },
  });
  return first ? [referenceTaken(seesOrder(actor, first) ? first.id : null)] : [];
}

const referenceTaken = (orderId: string | null) =>
  orderProblem('EXTERNAL_REFERENCE_TAKEN', {
    path: ['externalReference'],
    type: 'ExternalReferenceTaken',
    data: { nodeId: orderId ? toGlobalId('Order', orderId) : null },
  });

interface Draft {
  currency: string;
  lines: {
    id: string;
    position: number;
    variantId: string;
    sku: string;
    name: string;
    quantity: number;
    unitPriceMinor: bigint;
    taxRateBasisPoints: number;
    totalMinor: bigint;
    taxMinor: bigint;
  }[];
  totals: { merchandiseMinor: bigint; freightMinor: bigint; totalMinor: bigint; taxMinor: bigint };
  at: Date;
}

async function createOrder(tx: Tx, input: OrderPlace, { currency, lines, totals, at }: Draft) {
  const [next] = await tx.$queryRaw<{ number: string }[]>`SELECT nextval('order_number')::text AS number`;
  const { country, region, city, district, lines: addressLines, postalCode } = input.address;
  try {
    const order = await tx.order.create({
      data: {
        id: newId(),
        number: next?.number ?? '',
        storeId: input.storeId,
        externalReference: input.externalReference ?? null,
        currency,
        ...totals,
        placedAt: at,
      },
    });
    await tx.orderPerson.createMany({
      data: {
        orderId: order.id,
        name: input.contact.name,
        phone: input.contact.phone ?? null,
        email: input.contact.email ?? null,
        country,
        region: region ?? null,
        city,
        district: district ?? null,
        lines: addressLines,
        postalCode: postalCode ?? null,
      },
    });
    await tx.orderLine.createMany({
      data: lines.map((line) => ({
        id: line.id,
        orderId: order.id,
        position: line.position,
        variantId: line.variantId,
        sku: line.sku,
        name: line.name,
        quantity: line.quantity,
        unitPriceMinor: line.unitPriceMinor,
        taxRateBasisPoints: line.taxRateBasisPoints,
        totalMinor: line.totalMinor,
        taxMinor: line.taxMinor,
      })),
    });
    return order;
  } catch (error) {
    // Two calls with one reference at the same time: the index lets only the first through.
    if (constraintOf(error)?.includes('external_reference')) throw new DomainError([referenceTaken(null)]);
    throw error;
  }
}

const missing = (variantId: string): never => {
  throw new Error(`no quote for variant ${variantId}`);
};
