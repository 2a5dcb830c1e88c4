// Partners: other companies whose systems work with the department.

import { z } from 'zod';
import { db } from '../../core/db.ts';
import { boolean, oneOf } from '../../core/inputs.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { nameFields } from '../../graphql/text.ts';
import { timeline } from '../../graphql/timeline.ts';
import { seesPartner, visibleConnections, visibleKeys, visiblePartners } from '../access.ts';
import { archivePartner, changePartner, openPartner } from '../actions/partners.ts';
import { partnerArchiveInput, partnerChangeInput, partnerOpenInput } from '../inputs/partners.ts';
import { partnerKinds } from '../texts.ts';

const PartnerKind = enumType('PartnerKind', 'What a partner does for the department.', partnerKinds);

const NEWEST = [
  ['createdAt', 'desc'],
  ['id', 'desc'],
] as const;

builder.prismaNode('Partner', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (partner, { actor }) => seesPartner(actor, partner),
  select: { id: true },
  fields: (t) => ({
    code: t.exposeString('code'),
    ...nameFields(t),
    kind: t.expose('kind', { type: PartnerKind, description: 'What the partner does for the department.' }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the work with the partner ended.',
    }),
    keys: nestedList(t, {
      type: 'ApiKey',
      description: 'Keys of the partner that the caller manages, and the one that asks; newest first.',
      relation: 'keys',
      ordering: NEWEST,
      filter: visibleKeys,
      count: ({ id }, actor) => db.apiKey.count({ where: { AND: [{ partnerId: id }, visibleKeys(actor)] } }),
    }),
    connections: nestedList(t, {
      type: 'Connection',
      description: 'Connections of the partner’s machines, for those who manage them; newest first.',
      relation: 'connections',
      ordering: NEWEST,
      filter: visibleConnections,
      count: ({ id }, actor) =>
        db.connection.count({ where: { AND: [{ partnerId: id }, visibleConnections(actor)] } }),
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

list('partners', {
  type: 'Partner',
  description: 'Partners of the department. Keys find their own.',
  scope: 'partners.read',
  where: z.object({
    kind: oneOf('PartnerKind', partnerKinds).optional().describe('Only partners of this kind.'),
    archived: boolean().optional().describe('True: only archived ones. False: only those in use.'),
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
      visiblePartners(actor),
      where?.kind ? { kind: where.kind } : {},
      where?.archived === undefined ? {} : { archivedAt: where.archived ? { not: null } : null },
    ],
  }),
  find: (query) => db.partner.findMany(query),
  count: (query) => db.partner.count(query),
});

mutation('partnerOpen', {
  description: 'Open a partner. Keys are refused with NOT_PERMITTED. Refused with ALREADY_EXISTS.',
  scope: 'partners.manage',
  input: partnerOpenInput,
  run: openPartner,
  returns: 'Partner',
});

mutation('partnerChange', {
  description:
    'Change a partner’s kind and names; keys, their own partner’s. Refused with NOT_FOUND, STALE_VERSION.',
  scope: 'partners.manage',
  input: partnerChangeInput,
  run: changePartner,
  returns: 'Partner',
});

mutation('partnerArchive', {
  description:
    'End the work with a partner; every key of theirs is revoked, with its open streams. Needs all stores and locations; keys are refused with NOT_PERMITTED. Refused with NOT_FOUND, NOT_PERMITTED, PARTNER_CONNECTED.',
  scope: 'partners.manage',
  input: partnerArchiveInput,
  run: (tx, actor, input, at) => archivePartner(tx, actor, input.partnerId, at),
  returns: 'Partner',
});
