// What colleagues note on orders: remarks that name each other, and flags. Neither shoppers nor partners see remarks.

import { type Actor, can } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { queryWords } from '../../core/words.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { badInput, builder, enumType } from '../../graphql/builder.ts';
import { nestedList } from '../../graphql/connection.ts';
import { isVisible } from '../../graphql/nodes.ts';
import { mutation } from '../../graphql/payload.ts';
import { orNull } from '../../graphql/withheld.ts';
import { orderScope, seesRemark, visibleRemarks } from '../access.ts';
import { flagOrder, remarkOrder } from '../actions/remarks.ts';
import { orderFlagInput, orderRemarkInput } from '../inputs/remarks.ts';
import { orderFlags } from '../texts.ts';
import { Colleague } from './colleague.ts';

const Flag = enumType('OrderFlag', 'Colour by which colleagues mark an order.', orderFlags);

builder.prismaNode('OrderRemark', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (remark, { actor }) => seesRemark(actor, remark),
  select: { id: true, order: { select: orderScope } },
  fields: (t) => ({
    order: t.relation('order', { description: 'The order it is about.' }),
    author: t.relation('author', { type: Colleague, description: 'Who wrote it.' }),
    text: t.exposeString('text', { description: 'What colleagues should know.' }),
    mentioned: t.field({
      type: [Colleague],
      description: 'Colleagues whom it names; at most 20.',
      select: (_args, _context, nested) =>
        ({ mentions: { take: 20, orderBy: { id: 'asc' }, select: { staff: nested(true) } } }) as never,
      resolve: (remark) =>
        (remark as unknown as { mentions: { staff: never }[] }).mentions.map(({ staff }) => staff),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was written.' }),
  }),
});

builder.prismaObjectFields('Order', (t) => ({
  flag: t.expose('flag', {
    type: Flag,
    nullable: true,
    description: 'Colour by which colleagues mark the order; null without a flag, and for shoppers.',
    ...orNull({ internal: true }),
  }),
  remarks: nestedList(t, {
    type: 'OrderRemark',
    description:
      'What colleagues noted, newest first. Empty for partners, shoppers and all others without `orders.readRemarks`.',
    scope: 'orders.readRemarks',
    relation: 'remarks',
    ordering: [
      ['createdAt', 'desc'],
      ['id', 'desc'],
    ],
    filter: visibleRemarks,
    count: ({ id }, actor) =>
      db.orderRemark.count({ where: { AND: [{ orderId: id }, visibleRemarks(actor)] } }),
  }),
}));

/** Orders with a remark that has all the words. A search for nothing but signs finds nothing. */
export function remarkedWith(actor: Actor, search: string): Prisma.OrderWhereInput {
  if (!can(actor, 'orders.readRemarks'))
    throw badInput({
      en: 'To search in remarks needs the permission orders.readRemarks.',
      zh: '搜索内部备注需要权限 orders.readRemarks。',
    });
  const words = queryWords(search);
  if (words.length === 0) return { id: { in: [] } };
  return { remarks: { some: { AND: [{ searchWords: { hasEvery: words } }, visibleRemarks(actor)] } } };
}

mutation('orderRemark', {
  description:
    'Write a remark on an order for colleagues and tell those whom it names. Only for people of the department. Refused with NOT_PERMITTED, NOT_FOUND (the order, or a colleague who may not read remarks on it).',
  scope: 'orders.remark',
  input: orderRemarkInput,
  returns: 'Order',
  run: remarkOrder,
  payload: (t) => ({
    orderRemark: t.prismaField({
      type: 'OrderRemark',
      nullable: true,
      description: 'The remark; null when it was refused, and when the caller may not read it.',
      resolve: async (query, { result }, _args, context, info) => {
        const selected = { ...query };
        if (!result) return null;
        const row = await db.orderRemark.findUnique({ ...selected, where: { id: result.orderRemarkId } });
        return row && isVisible(row, 'OrderRemark', context, info) ? row : null;
      },
    }),
  }),
});

mutation('orderFlag', {
  description:
    'Mark an order with a flag, or take its flag off. Marking it as it is marked already changes nothing. Refused with NOT_FOUND.',
  scope: 'orders.remark',
  input: orderFlagInput,
  returns: 'Order',
  run: flagOrder,
});
