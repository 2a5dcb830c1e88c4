// Carriers.

import { db } from '../../core/db.ts';
import { builder } from '../../graphql/builder.ts';
import { list } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { nameFields } from '../../graphql/text.ts';
import { timeline } from '../../graphql/timeline.ts';
import { orNull } from '../../graphql/withheld.ts';
import { archiveCarrier, changeCarrier, defineCarrier } from '../actions/carriers.ts';
import { carrierArchiveInput, carrierChangeInput, carrierDefineInput, carrierWhere } from '../inputs.ts';

builder.prismaNode('Carrier', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: { internal: true, shopper: true },
  select: { id: true },
  fields: (t) => ({
    code: t.exposeString('code'),
    ...nameFields(t),
    reference: t.exposeBoolean('reference'),
    connection: t.relation('connection', {
      nullable: true,
      description:
        'Connection on which the carrier’s machines report tracking; null when none does, and for those without `connections.manage`.',
      ...orNull({ can: 'connections.manage' } as const),
    }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the carrier was archived; no new shipment goes with it since.',
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

list('carriers', {
  type: 'Carrier',
  description: 'Carriers that the department works with.',
  scope: 'internal',
  where: carrierWhere,
  orderings: {
    CODE: [
      ['code', 'asc'],
      ['id', 'asc'],
    ],
  },
  orderingTitles: { CODE: { en: 'By code', zh: '按代码' } },
  filter: (_actor, where) =>
    where?.archived === undefined ? {} : { archivedAt: where.archived ? { not: null } : null },
  find: (query) => db.carrier.findMany(query),
  count: (query) => db.carrier.count(query),
});

mutation('carrierDefine', {
  description: 'Define a carrier. Refused with ALREADY_EXISTS, NOT_FOUND.',
  scope: 'carriers.manage',
  input: carrierDefineInput,
  returns: 'Carrier',
  run: defineCarrier,
});

mutation('carrierChange', {
  description:
    'Change a carrier’s names and the connection on which it reports. Refused with STALE_VERSION, NOT_FOUND.',
  scope: 'carriers.manage',
  input: carrierChangeInput,
  returns: 'Carrier',
  run: changeCarrier,
});

mutation('carrierArchive', {
  description: 'Archive a carrier. Parcels under way are tracked to their end. Refused with NOT_FOUND.',
  scope: 'carriers.manage',
  input: carrierArchiveInput,
  returns: 'Carrier',
  run: (tx, actor, input, at) => archiveCarrier(tx, actor, input.carrierId, at),
});
