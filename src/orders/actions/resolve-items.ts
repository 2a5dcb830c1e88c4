// Which variants the lines of a push mean: by our SKU, or by the platform's number in the store's listings.

import { nameVariants } from '../../catalog/actions/quote-lines.ts';
import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { refuseIf } from '../../core/errors.ts';
import type { PlatformLine } from '../inputs/push.ts';
import { orderProblem } from '../texts.ts';

export interface Item {
  variantId: string;
  sku: string;
  name: string;
  taxRateBasisPoints: number;
}

/** The variants of lines, in their order, sold here or not: the sale is a fact. Refuses with ITEM_UNKNOWN for each line that names none. */
export async function resolveItems(
  tx: Tx,
  actor: Actor,
  storeId: string,
  lines: readonly PlatformLine[],
): Promise<Item[]> {
  const numbers = lines.flatMap(({ platformItemId }) => platformItemId ?? []);
  const listed = await tx.listingItem.findMany({
    where: { storeId, platformItemId: { in: numbers } },
    select: { platformItemId: true, variantId: true },
  });
  const skus = lines.flatMap(({ sku }) => sku ?? []);
  const variants = await tx.variant.findMany({
    where: { OR: [{ sku: { in: skus } }, { id: { in: listed.map(({ variantId }) => variantId) } }] },
    select: { id: true, sku: true },
  });
  const idBySku = new Map(variants.map(({ id, sku }) => [sku, id]));
  const idByNumber = new Map(listed.map(({ platformItemId, variantId }) => [platformItemId, variantId]));
  const ids = lines.map(({ sku, platformItemId }) =>
    sku ? idBySku.get(sku) : idByNumber.get(platformItemId ?? ''),
  );
  refuseIf(
    lines.flatMap(({ sku, platformItemId }, i) => {
      if (ids[i]) return [];
      const path = ['lines', i, sku ? 'sku' : 'platformItemId'];
      return [orderProblem('ITEM_UNKNOWN', { path, params: { number: sku ?? platformItemId ?? '' } })];
    }),
  );
  return nameVariants(tx, actor, ids as string[]);
}
