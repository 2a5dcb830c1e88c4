// Setting prices.

import { type Actor, reaches } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { notFound, type Problem, problem, refuseIf, staleProblems } from '../../core/errors.ts';
import { emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { formatMinor } from '../../core/money.ts';
import { ofVariant } from '../events.ts';
import type { PriceSet } from '../inputs/variants.ts';
import { latestPriceStart } from '../rules.ts';
import { catalogProblem } from '../texts.ts';
import { lockVariant } from './locked-rows.ts';

/**
 * Set the price of a variant from a moment on, in one store or in all that have none of their own. Prices are only
 * added: what held before stays readable. A general price needs all stores, another one that store (NOT_PERMITTED);
 * the currency must be sold there (CURRENCY_NOT_SOLD).
 */
export async function setPrice(tx: Tx, actor: Actor, input: PriceSet, at: Date): Promise<{ id: string }> {
  const before = await lockVariant(tx, actor, input.variantId);
  const startsAt = input.startsAt ?? at;
  const storeId = input.storeId ?? null;
  const { minor, currency } = input.price;
  refuseIf([
    ...staleProblems(before, input.expectedVersion),
    ...(before.archivedAt ? [catalogProblem('VARIANT_ARCHIVED', { path: ['variantId'] })] : []),
    ...(await storeProblems(tx, actor, storeId, currency)),
    ...startProblems(startsAt, at),
  ]);
  const former = await tx.price.findFirst({
    where: { variantId: before.id, storeId, currency, startsAt: { lte: startsAt } },
    orderBy: [{ startsAt: 'desc' }, { id: 'desc' }],
    select: { amountMinor: true },
  });
  const amount = formatMinor(minor, currency);
  await tx.price.create({
    data: {
      id: newId(),
      variantId: before.id,
      storeId,
      currency,
      amountMinor: minor,
      startsAt,
      createdAt: at,
    },
  });
  const after = await tx.variant.update({ where: { id: before.id }, data: { version: { increment: 1 } } });
  await emit(tx, actor, {
    type: 'variant.priced',
    entityId: after.id,
    version: after.version,
    payload: {
      ...ofVariant(after),
      storeNodeId: storeId && toGlobalId('Store', storeId),
      currency,
      amount,
      startsAt: startsAt.toISOString(),
    },
    changes: [
      { field: 'price', before: former ? formatMinor(former.amountMinor, currency) : null, after: amount },
    ],
    storeId,
    occurredAt: at,
  });
  return { id: after.id };
}

async function storeProblems(
  tx: Tx,
  actor: Actor,
  storeId: string | null,
  currency: string,
): Promise<Problem[]> {
  if (storeId === null ? actor.stores !== 'ALL' : !reaches(actor.stores, storeId)) {
    return [problem('NOT_PERMITTED', { path: ['storeId'] })];
  }
  const stores = await tx.store.findMany({
    where: storeId === null ? { currencies: { has: currency } } : { id: storeId },
    take: 1,
    select: { currencies: true },
  });
  if (storeId !== null && stores.length === 0) return [notFound('Store', ['storeId'])];
  const isSold = stores.some((store) => store.currencies.includes(currency));
  return isSold
    ? []
    : [catalogProblem('CURRENCY_NOT_SOLD', { path: ['price', 'currency'], params: { currency } })];
}

function startProblems(startsAt: Date, at: Date): Problem[] {
  const latest = latestPriceStart(at);
  if (startsAt >= at && startsAt <= latest) return [];
  const params = { min: at.toISOString(), max: latest.toISOString() };
  return [problem('OUT_OF_RANGE', { path: ['startsAt'], params })];
}
