// Putting products on sale in stores and taking them off sale.

import { type Actor, reaches } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { notFound, type Problem, problem, refuseIf, staleProblems } from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import type { ListingSet } from '../inputs/listings.ts';
import { catalogProblem } from '../texts.ts';
import { lockProduct } from './locked-rows.ts';

/**
 * Say whether a product is on sale in a store. Refuses a product without a published version (NOT_PUBLISHED) and
 * stores in which the actor does not act (NOT_PERMITTED). Repeating it changes nothing. Locks the product.
 */
export async function setListing(tx: Tx, actor: Actor, input: ListingSet, at: Date): Promise<{ id: string }> {
  const { productId, storeId, state } = input;
  const product = await lockProduct(tx, actor, productId);
  const before = await tx.listing.findUnique({ where: { productId_storeId: { productId, storeId } } });
  refuseIf([
    ...(await storeProblems(tx, actor, storeId)),
    ...staleProblems({ version: before?.version ?? 0 }, input.expectedVersion),
    ...(state === 'ON_SALE' && product.publishedVersionId === null
      ? [catalogProblem('NOT_PUBLISHED', { path: ['productId'] })]
      : []),
  ]);
  if (before?.state === state) return { id: before.id };
  const after = await tx.listing.upsert({
    where: { productId_storeId: { productId, storeId } },
    create: { id: newId(), productId, storeId, state, createdAt: at },
    update: { state, version: { increment: 1 } },
  });
  await emit(tx, actor, {
    type: 'listing.changed',
    entityId: after.id,
    version: after.version,
    payload: {
      productNodeId: toGlobalId('Product', productId),
      storeNodeId: toGlobalId('Store', storeId),
      state,
    },
    changes: changesBetween(before, after, ['state']),
    facets: { state },
    storeId,
    occurredAt: at,
  });
  return { id: after.id };
}

/** Why an actor cannot list anything in a store; nothing when they can. */
export async function storeProblems(tx: Tx, actor: Actor, storeId: string): Promise<Problem[]> {
  if (!reaches(actor.stores, storeId)) return [problem('NOT_PERMITTED', { path: ['storeId'] })];
  const known = await tx.store.count({ where: { id: storeId } });
  return known > 0 ? [] : [notFound('Store', ['storeId'])];
}
