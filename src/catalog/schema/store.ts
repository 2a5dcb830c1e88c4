// Stores as the world sees them.

import { z } from 'zod';
import { isInternal } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { oneOf } from '../../core/inputs.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { nameFields } from '../../graphql/text.ts';
import { timeline } from '../../graphql/timeline.ts';
import { ifShown } from '../../graphql/withheld.ts';
import { seesStore, visibleListings, visibleStores } from '../access.ts';
import { changeStore, openStore } from '../actions/stores.ts';
import { storeChangeInput, storeOpenInput } from '../inputs/stores.ts';
import { platforms, policyExecutors, storeConfirmations, storeLimits } from '../texts.ts';

const Platform = enumType('Platform', 'Where a store is.', platforms);
const StoreConfirmation = enumType(
  'StoreConfirmation',
  'Whether an order can be confirmed before it is paid.',
  storeConfirmations,
);
const PolicyExecutor = enumType(
  'PolicyExecutor',
  'Who does something for a store. What the platform does is only mirrored here.',
  policyExecutors,
);

enumType('StoreLimit', 'A limit of a store that can be switched off.', storeLimits);

const StorePolicies = builder.prismaObject('Store', {
  variant: 'StorePolicies',
  description: 'How a store treats its orders, for those who work for the department.',
  authScopes: { internal: true },
  select: { id: true },
  fields: (t) => ({
    confirmation: t.expose('confirmation', { type: StoreConfirmation }),
    confirmWithinMinutes: t.exposeInt('confirmWithinMinutes', {
      nullable: true,
      description:
        'Minutes within which an order is to be confirmed: from its placing, or from its payment where it is confirmed only then. Null: no limit.',
    }),
    payWithinMinutes: t.exposeInt('payWithinMinutes', { nullable: true }),
    expiryBy: t.expose('expiryBy', { type: PolicyExecutor }),
    refundsBy: t.expose('refundsBy', { type: PolicyExecutor }),
    creditDays: t.exposeInt('creditDays', { nullable: true }),
    cashOnDelivery: t.exposeBoolean('cashOnDelivery'),
    completeAfterDays: t.exposeInt('completeAfterDays', { nullable: true }),
  }),
});

builder.prismaNode('Store', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (store, { actor }) => seesStore(actor, store) || ifShown,
  select: { id: true, platform: true },
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
    policies: t.variant(StorePolicies, {
      description: 'How the store treats its orders; null for all who do not work for the department.',
      isNull: (_store, _args, { actor }) => !isInternal(actor),
    }),
    listings: nestedList(t, {
      type: 'Listing',
      description: 'Products in this store, newest first; for shoppers those on sale.',
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

list('stores', {
  type: 'Store',
  description: 'Stores in which the caller acts; for shoppers the department’s own sites.',
  scope: 'public',
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

mutation('storeOpen', {
  description:
    'Open a store. Needs all stores. Refused with NOT_PERMITTED, ALREADY_EXISTS, FREIGHT_CURRENCY, POLICY_NEEDS_PLATFORM.',
  scope: 'stores.manage',
  input: storeOpenInput,
  run: openStore,
  returns: 'Store',
});

mutation('storeChange', {
  description:
    'Change a store. Whoever changes the first currency gives freight anew. Refused with NOT_FOUND, STALE_VERSION, ALREADY_EXISTS, FREIGHT_CURRENCY, POLICY_NEEDS_PLATFORM.',
  scope: 'stores.manage',
  input: storeChangeInput,
  run: changeStore,
  returns: 'Store',
});
