// Stores, and products in them, as the world sees them.

import { z } from 'zod';
import { db } from '../../core/db.ts';
import { idOf, oneOf } from '../../core/inputs.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { nameFields } from '../../graphql/text.ts';
import { timeline } from '../../graphql/timeline.ts';
import { seesListing, seesStore, visibleListings, visibleStores } from '../access.ts';
import { setListing } from '../actions/listings.ts';
import { changeStore, openStore } from '../actions/stores.ts';
import { listingSetInput, storeChangeInput, storeOpenInput } from '../inputs/stores.ts';
import { listingStates, platforms } from '../texts.ts';

const Platform = enumType('Platform', 'Where a store is.', platforms);
const ListingState = enumType('ListingState', 'Whether a product is on sale in a store.', listingStates);

builder.prismaNode('Store', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (store, { actor }) => seesStore(actor, store),
  select: { id: true },
  fields: (t) => ({
    code: t.exposeString('code'),
    ...nameFields(t),
    platform: t.expose('platform', { type: Platform, description: 'Where the store is.' }),
    timeZone: t.exposeString('timeZone'),
    currencies: t.exposeStringList('currencies'),
    freight: t.field({
      type: 'Money',
      description: 'Freight of an order, tax included.',
      select: { freightMinor: true, currencies: true },
      resolve: ({ freightMinor, currencies }) => ({ minor: freightMinor, currency: currencies[0] ?? '' }),
    }),
    freightFreeFrom: t.field({
      type: 'Money',
      nullable: true,
      description: 'Merchandise total from which freight is free; null when it never is.',
      select: { freightFreeFromMinor: true, currencies: true },
      resolve: ({ freightFreeFromMinor: minor, currencies }) =>
        minor === null ? null : { minor, currency: currencies[0] ?? '' },
    }),
    lineQuantityMax: t.exposeInt('lineQuantityMax'),
    listings: nestedList(t, {
      type: 'Listing',
      description: 'Products in this store, newest first.',
      relation: 'listings',
      ordering: [
        ['createdAt', 'desc'],
        ['id', 'desc'],
      ],
      filter: visibleListings,
      count: ({ id }, actor) =>
        db.listing.count({ where: { AND: [{ storeId: id }, visibleListings(actor)] } }),
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

builder.prismaNode('Listing', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (listing, { actor }) => seesListing(actor, listing),
  select: { id: true, storeId: true, product: { select: { publishedVersionId: true, archivedAt: true } } },
  fields: (t) => ({
    product: t.relation('product', { description: 'The product.' }),
    store: t.relation('store', { description: 'The store.' }),
    state: t.expose('state', {
      type: ListingState,
      description: 'Whether it is on sale there. Only what is also published can be ordered.',
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

list('stores', {
  type: 'Store',
  description: 'Stores in which the caller acts.',
  scope: 'signedIn',
  where: z.object({
    platform: oneOf('Platform', platforms).optional().describe('Only stores on this platform.'),
  }),
  orderings: {
    CODE: [
      ['code', 'asc'],
      ['id', 'asc'],
    ],
  },
  orderingTitles: { CODE: { en: 'By code', zh: '按代码' } },
  filter: (actor, where) => ({
    AND: [visibleStores(actor), where?.platform ? { platform: where.platform } : {}],
  }),
  find: (query) => db.store.findMany(query),
  count: (query) => db.store.count(query),
});

list('listings', {
  type: 'Listing',
  description: 'Products in the stores in which the caller acts, as far as they may see the products.',
  scope: 'signedIn',
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

mutation('storeOpen', {
  description:
    'Open a store. Needs all stores. Refused with NOT_PERMITTED, ALREADY_EXISTS, FREIGHT_CURRENCY.',
  scope: 'stores.manage',
  input: storeOpenInput,
  run: openStore,
  returns: 'Store',
});

mutation('storeChange', {
  description:
    'Change a store. Whoever changes the first currency gives freight anew. Refused with NOT_FOUND, STALE_VERSION, ALREADY_EXISTS, FREIGHT_CURRENCY.',
  scope: 'stores.manage',
  input: storeChangeInput,
  run: changeStore,
  returns: 'Store',
});

mutation('listingSet', {
  description:
    'Put a product on sale in a store, or take it off sale. Repeating it changes nothing. Refused with NOT_FOUND, NOT_PERMITTED, STALE_VERSION, NOT_PUBLISHED.',
  scope: 'listings.set',
  input: listingSetInput,
  run: setListing,
  returns: 'Listing',
});
