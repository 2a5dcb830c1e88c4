// Products in stores, and their variants there, as the world sees them.

import { z } from 'zod';
import { db } from '../../core/db.ts';
import { idOf, oneOf } from '../../core/inputs.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { timeline } from '../../graphql/timeline.ts';
import { seesListing, seesListingItem, visibleListings } from '../access.ts';
import { setListingItem } from '../actions/listing-items.ts';
import { setListing } from '../actions/listings.ts';
import { listingItemSetInput, listingSetInput } from '../inputs/listings.ts';
import { listingStates } from '../texts.ts';

const ListingState = enumType('ListingState', 'Whether a product is on sale in a store.', listingStates);

/** What decides who may see a listing. */
const listingFacts = {
  state: true,
  store: { select: { id: true, platform: true } },
  product: { select: { publishedVersionId: true, archivedAt: true } },
} as const satisfies Prisma.ListingSelect;

builder.prismaNode('Listing', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (listing, { actor }) => seesListing(actor, listing),
  select: { id: true, ...listingFacts },
  fields: (t) => ({
    product: t.relation('product', { description: 'The product.' }),
    store: t.relation('store', { description: 'The store.' }),
    state: t.expose('state', {
      type: ListingState,
      description: 'Whether it is on sale there. Only what is also published can be ordered.',
    }),
    items: nestedList(t, {
      type: 'ListingItem',
      description: 'Variants that are set up here, oldest first. Hidden from shoppers.',
      scope: 'internal',
      relation: 'items',
      ordering: [
        ['createdAt', 'asc'],
        ['id', 'asc'],
      ],
      count: ({ id }) => db.listingItem.count({ where: { listingId: id } }),
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

builder.prismaNode('ListingItem', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (item, { actor }) => seesListingItem(actor, item),
  select: { id: true, listing: { select: listingFacts } },
  fields: (t) => ({
    listing: t.relation('listing', { description: 'The product in the store.' }),
    variant: t.relation('variant', { description: 'The variant.' }),
    platformItemId: t.exposeString('platformItemId', { nullable: true }),
    shareBasisPoints: t.exposeInt('shareBasisPoints', { nullable: true }),
    bufferUnits: t.exposeInt('bufferUnits', { nullable: true }),
  }),
});

list('listings', {
  type: 'Listing',
  description:
    'Products in the stores that the caller may see, as far as they may see the products; for shoppers those on sale.',
  scope: 'public',
  where: z.object({
    storeId: idOf('Store').optional().describe('Only this store.'),
    productId: idOf('Product').optional().describe('Only this product.'),
    state: oneOf('ListingState', listingStates).optional().describe('Only products in this state.'),
  }),
  orderings: {
    NEWEST: [
      ['createdAt', 'desc'],
      ['id', 'desc'],
    ],
  },
  orderingTitles: { NEWEST: { en: 'Newest first', zh: '最新优先' } },
  filter: (actor, where) => ({ AND: [visibleListings(actor), where ?? {}] }),
  find: (query) => db.listing.findMany(query),
  count: (query) => db.listing.count(query),
});

mutation('listingSet', {
  description:
    'Put a product on sale in a store, or take it off sale. Repeating it changes nothing. Refused with NOT_FOUND, NOT_PERMITTED, STALE_VERSION, NOT_PUBLISHED.',
  scope: 'listings.set',
  input: listingSetInput,
  run: setListing,
  returns: 'Listing',
});

mutation('listingItemSet', {
  description:
    'Set up a variant in a store: its number on the platform, and how much of the stock the store may sell. What is left out stays; repeating it changes nothing. Raises the version of the listing. Refused with NOT_FOUND, NOT_PERMITTED, NOT_LISTED, STALE_VERSION, ALREADY_EXISTS.',
  scope: 'listings.set',
  input: listingItemSetInput,
  run: setListingItem,
  returns: 'ListingItem',
});
