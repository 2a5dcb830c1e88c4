// Setting up variants in stores: their numbers on the platform, and how much of the stock the store may sell.

import type { Actor } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import {
  DomainError,
  notFound,
  type Problem,
  refuseIf,
  staleProblems,
  takenProblem,
} from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import type { ListingItem } from '../../generated/prisma/client.ts';
import { visibleVariants } from '../access.ts';
import type { ListingItemSet } from '../inputs/listings.ts';
import { catalogProblem } from '../texts.ts';
import { storeProblems } from './listings.ts';
import { lockProduct } from './locked-rows.ts';

/**
 * Set up a variant in a store where its product is listed (NOT_LISTED). What is left out stays; repeating it changes
 * nothing. Refuses stores in which the actor does not act (NOT_PERMITTED) and a number on the platform that another
 * variant of the store has (ALREADY_EXISTS). A new share or buffer holds for orders from then on. Locks the product.
 */
export async function setListingItem(
  tx: Tx,
  actor: Actor,
  input: ListingItemSet,
  at: Date,
): Promise<{ id: string }> {
  const { storeId, variantId } = input;
  const variant = await tx.variant.findFirst({ where: { AND: [{ id: variantId }, visibleVariants(actor)] } });
  if (!variant) throw new DomainError([notFound('Variant', ['variantId'])]);
  const { productId, sku } = variant;
  await lockProduct(tx, actor, productId);
  refuseIf(await storeProblems(tx, actor, storeId));
  const listing = await tx.listing.findUnique({ where: { productId_storeId: { productId, storeId } } });
  if (!listing) throw new DomainError([catalogProblem('NOT_LISTED', { path: ['storeId'] })]);
  const before = await tx.listingItem.findUnique({ where: { storeId_variantId: { storeId, variantId } } });
  const facts = factsAfter(before, input);
  refuseIf([...staleProblems(listing, input.expectedVersion), ...(await numberProblems(tx, input))]);
  const changes = changesBetween<Facts>(before, facts, ['platformItemId', 'shareBasisPoints', 'bufferUnits']);
  if (before && changes.length === 0) return { id: before.id };
  const write = tx.listingItem.upsert({
    where: { storeId_variantId: { storeId, variantId } },
    create: { id: newId(), listingId: listing.id, storeId, variantId, ...facts, createdAt: at },
    update: facts,
  });
  const { id } = await writeUnique(write, {
    listing_item_store_id_platform_item_id_key: numberTaken(facts.platformItemId ?? ''),
  });
  const { version } = await tx.listing.update({
    where: { id: listing.id },
    data: { version: { increment: 1 } },
  });
  await emit(tx, actor, {
    type: 'listing.itemChanged',
    entityId: listing.id,
    version,
    payload: {
      variantNodeId: toGlobalId('Variant', variantId),
      storeNodeId: toGlobalId('Store', storeId),
      sku,
    },
    changes,
    facets: { state: listing.state },
    storeId,
    occurredAt: at,
  });
  return { id };
}

type Facts = Pick<ListingItem, 'platformItemId' | 'shareBasisPoints' | 'bufferUnits'>;

const factsAfter = (before: Facts | null, input: ListingItemSet): Facts => ({
  platformItemId: input.withoutPlatformItemId
    ? null
    : (input.platformItemId ?? before?.platformItemId ?? null),
  shareBasisPoints: input.withoutShare ? null : (input.shareBasisPoints ?? before?.shareBasisPoints ?? null),
  bufferUnits: input.withoutBuffer ? null : (input.bufferUnits ?? before?.bufferUnits ?? null),
});

async function numberProblems(
  tx: Tx,
  { storeId, variantId, platformItemId }: ListingItemSet,
): Promise<Problem[]> {
  if (platformItemId === undefined) return [];
  const others = await tx.listingItem.count({
    where: { storeId, platformItemId, variantId: { not: variantId } },
  });
  return others > 0 ? [numberTaken(platformItemId)] : [];
}

const numberTaken = (platformItemId: string): Problem => takenProblem(['platformItemId'], platformItemId);
