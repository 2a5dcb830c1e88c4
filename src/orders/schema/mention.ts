// Mentions: what tells people that a remark names them.

import { reaches } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { builder } from '../../graphql/builder.ts';
import { list } from '../../graphql/connection.ts';
import { feed } from '../../graphql/feed.ts';
import { mutation } from '../../graphql/payload.ts';
import { orderScope, seesMention, visibleMentions } from '../access.ts';
import { readMentions } from '../actions/mentions.ts';
import { mentionEventFilter, mentionReadInput, mentionWhere } from '../inputs/remarks.ts';

builder.prismaNode('Mention', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (mention, { actor }) => seesMention(actor, mention),
  select: { id: true, staffId: true, remark: { select: { order: { select: orderScope } } } },
  fields: (t) => ({
    remark: t.relation('remark', { description: 'The remark that names the caller.' }),
    readAt: t.expose('readAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the caller marked it as read; null before.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the remark was written.' }),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

list('viewerMentions', {
  type: 'Mention',
  description: 'Remarks that name the caller, on orders that they may still see.',
  scope: 'orders.readRemarks',
  where: mentionWhere,
  orderings: {
    NEWEST: [
      ['createdAt', 'desc'],
      ['id', 'desc'],
    ],
  },
  orderingTitles: { NEWEST: { en: 'Newest first', zh: '最新优先' } },
  filter: (actor, where) => ({
    AND: [
      visibleMentions(actor),
      where?.unread === undefined ? {} : { readAt: where.unread ? null : { not: null } },
    ],
  }),
  find: (query) => db.mention.findMany(query),
  count: (query) => db.mention.count(query),
});

mutation('mentionRead', {
  description:
    'Mark mentions of the caller as read, all or none. Those that were read before keep their moment. Refused with NOT_FOUND.',
  scope: 'orders.readRemarks',
  input: mentionReadInput,
  run: readMentions,
  payload: (t) => ({
    mentions: t.prismaField({
      type: ['Mention'],
      description: 'The mentions, in the order of the input.',
      resolve: async (query, { result }) => {
        const ids = result?.mentionIds ?? [];
        const rows = await db.mention.findMany({ ...query, where: { id: { in: ids } } });
        return ids.flatMap((id) => rows.filter((row) => row.id === id));
      },
    }),
  }),
});

feed('mentionEvents', {
  entity: 'Mention',
  noun: 'mention',
  description: 'Remarks that name the caller, live.',
  scope: 'orders.readRemarks',
  filter: mentionEventFilter,
  matches: (filter, facets) =>
    (filter?.orderIds?.includes(String(facets.orderId)) ?? true) &&
    (filter?.storeIds?.includes(String(facets.storeId)) ?? true),
  visible: (actor, event) =>
    actor.kind === 'STAFF' && event.facets.staffId === actor.id && reaches(actor.stores, event.storeId),
  load: (query, id, actor) =>
    db.mention.findFirst({ ...query, where: { AND: [{ id }, visibleMentions(actor)] } }),
});
