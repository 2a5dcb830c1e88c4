// Members of the department as colleagues name them: nothing but who they are.

import { type Actor, isColleague, reachFilter } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { toGlobalId } from '../../core/ids.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { builder } from '../../graphql/builder.ts';
import { list } from '../../graphql/connection.ts';
import { remarkReaders, visibleOrders } from '../access.ts';
import { type ColleagueWhere, colleagueWhere } from '../inputs/remarks.ts';

export const Colleague = builder.prismaObject('Staff', {
  variant: 'Colleague',
  description: 'A member of the department, as colleagues see them.',
  select: { id: true },
  authScopes: (_staff, { actor }) => isColleague(actor),
  fields: (t) => ({
    nodeId: t.id({
      description: 'Id of the person, to name them with.',
      resolve: ({ id }) => toGlobalId('Staff', id),
    }),
    name: t.string({
      description: 'Name of the person.',
      select: { person: { select: { name: true } } },
      resolve: (staff) => staff.person?.name ?? '',
    }),
  }),
});

list('colleagues', {
  type: 'Colleague',
  description:
    'Colleagues whom a remark can name: those who may read remarks in a store in which the caller acts. Partners have none.',
  scope: 'orders.remark',
  where: colleagueWhere,
  orderings: {
    NEWEST: [
      ['createdAt', 'desc'],
      ['id', 'desc'],
    ],
  },
  orderingTitles: { NEWEST: { en: 'Newest first', zh: '最新优先' } },
  filter: async (actor, where) => ({ AND: [await namableBy(actor, where ?? {}), named(where?.name)] }),
  find: (query) => db.staff.findMany(query),
  count: (query) => db.staff.count(query),
});

async function namableBy(actor: Actor, { orderId }: ColleagueWhere): Promise<Prisma.StaffWhereInput> {
  const storeIds = orderId ? await storeOf(actor, orderId) : reachFilter(actor.stores);
  const isNobody = !isColleague(actor) || storeIds?.in.length === 0;
  return isNobody ? { id: { in: [] } } : remarkReaders(storeIds);
}

async function storeOf(actor: Actor, orderId: string): Promise<{ in: string[] }> {
  const orders = await db.order.findMany({
    where: { AND: [{ id: orderId }, visibleOrders(actor)] },
    select: { storeId: true },
  });
  return { in: orders.map(({ storeId }) => storeId) };
}

function named(name: string | undefined): Prisma.StaffWhereInput {
  if (name === undefined) return {};
  // Prisma hands the text to LIKE as it is.
  const literal = name.replace(/[\\%_]/g, '\\$&');
  return { person: { name: { contains: literal, mode: 'insensitive' } } };
}
