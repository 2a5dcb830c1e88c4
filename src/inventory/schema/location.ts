// Locations.

import { z } from 'zod';
import { visibleStores } from '../../catalog/access.ts';
import { reaches } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { builder } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { nameFields } from '../../graphql/text.ts';
import { seesLocation, visibleLocations, visibleStocks } from '../access.ts';
import { archiveLocation, changeLocation, openLocation } from '../actions/locations.ts';
import { locationArchiveInput, locationChangeInput, locationOpenInput } from '../inputs.ts';

const StoreLocation = builder.prismaObject('StoreLocation', {
  description: 'A store that a location serves.',
  select: { storeId: true },
  authScopes: (row, { actor }) => reaches(actor.stores, row.storeId),
  fields: (t) => ({
    store: t.relation('store', { description: 'The store.' }),
    priority: t.exposeInt('priority', { description: 'Orders take from the lowest number first.' }),
  }),
});

builder.prismaNode('Location', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (location, { actor }) => seesLocation(actor, location),
  select: { id: true },
  fields: (t) => ({
    code: t.exposeString('code'),
    ...nameFields(t),
    stores: t.field({
      type: [StoreLocation],
      description:
        'Stores whose orders may be allocated here, of those in which the caller acts; at most 100.',
      select: (_args, { actor }, nested) =>
        ({
          stores: {
            ...(nested(true) as object),
            where: { store: visibleStores(actor) },
            orderBy: { priority: 'asc' },
            take: 100,
          },
        }) as never,
      resolve: (location) => (location as unknown as { stores: never[] }).stores,
    }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the location was archived.',
    }),
    stocks: nestedList(t, {
      type: 'Stock',
      description: 'What is kept here.',
      relation: 'stocks',
      ordering: [
        ['variantId', 'asc'],
        ['id', 'asc'],
      ],
      filter: visibleStocks,
      count: ({ id }, actor) =>
        db.stock.count({ where: { AND: [{ locationId: id }, visibleStocks(actor)] } }),
    }),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

list('locations', {
  type: 'Location',
  description: 'Locations at which the caller acts.',
  scope: 'internal',
  where: z.object({
    archived: z
      .boolean()
      .optional()
      .meta({ graphql: 'Boolean', description: 'True: only archived ones. False: only those in use.' }),
  }),
  orderings: {
    CODE: [
      ['code', 'asc'],
      ['id', 'asc'],
    ],
  },
  orderingTitles: { CODE: { en: 'By code', zh: '按代码' } },
  filter: (actor, where) => ({
    AND: [
      visibleLocations(actor),
      where?.archived === undefined ? {} : { archivedAt: where.archived ? { not: null } : null },
    ],
  }),
  find: (query) => db.location.findMany(query),
  count: (query) => db.location.count(query),
});

mutation('locationOpen', {
  description: 'Open a location. Refused with ALREADY_EXISTS, NOT_FOUND.',
  scope: 'locations.manage',
  input: locationOpenInput,
  returns: 'Location',
  run: openLocation,
});

mutation('locationChange', {
  description: 'Change a location’s names and the stores it serves. Refused with STALE_VERSION, NOT_FOUND.',
  scope: 'locations.manage',
  input: locationChangeInput,
  returns: 'Location',
  run: changeLocation,
});

mutation('locationArchive', {
  description: 'Archive an empty location. Refused with LOCATION_HAS_STOCK, NOT_FOUND.',
  scope: 'locations.manage',
  input: locationArchiveInput,
  returns: 'Location',
  run: (tx, actor, input, at) => archiveLocation(tx, actor, input.locationId, at),
});
