// What callers hand in about products and variants in stores.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  expectedVersion,
  externalReference,
  idOf,
  integer,
  issue,
  oneOf,
} from '../../core/inputs.ts';
import { listingStates } from '../texts.ts';

export const listingSetInput = z.object({
  productId: idOf('Product').describe('Product to put on sale or take off sale.'),
  storeId: idOf('Store').describe('Store in which.'),
  state: oneOf('ListingState', listingStates).describe('Whether the product is on sale in the store.'),
  expectedVersion: expectedVersion().optional(),
});
export type ListingSet = z.output<typeof listingSetInput>;

/** Values of an item, and the flag that takes each away. */
const flags = [
  ['platformItemId', 'withoutPlatformItemId'],
  ['shareBasisPoints', 'withoutShare'],
  ['bufferUnits', 'withoutBuffer'],
] as const;

export const listingItemSetInput = z
  .object({
    storeId: idOf('Store').describe('Store in which the product of the variant is listed.'),
    variantId: idOf('Variant').describe('Variant to set up there.'),
    platformItemId: externalReference()
      .optional()
      .describe('The platform’s own number of this variant. Unique in the store.'),
    withoutPlatformItemId: boolean().optional().describe('True: it has no number on the platform.'),
    shareBasisPoints: integer(0, 10_000)
      .optional()
      .describe(
        'Part of the stock that the orders of this store may hold, in basis points: 3000 is 30 % of what is fit for sale at its locations.',
      ),
    withoutShare: boolean().optional().describe('True: its orders may hold all of it.'),
    bufferUnits: integer(0, 1_000_000)
      .optional()
      .describe('Units at its locations that this store leaves to others.'),
    withoutBuffer: boolean().optional().describe('True: it leaves none.'),
    expectedVersion: expectedVersion()
      .optional()
      .describe(
        '`version` of the listing as last read. Refused with STALE_VERSION when it has changed since.',
      ),
  })
  .superRefine((input, context) => {
    for (const [value, flag] of flags) {
      const why = { en: `not together with ${flag}`, zh: `不能与 ${flag} 同时使用` };
      if (input[flag] && input[value] !== undefined) issue(context, 'INVALID', { why }, [value]);
    }
  }, ALWAYS);
export type ListingItemSet = z.output<typeof listingItemSetInput>;
