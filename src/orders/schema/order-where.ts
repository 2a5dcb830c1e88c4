// What `orders` can be asked for, as conditions on rows.

import { type Actor, can } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { problem } from '../../core/errors.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { badInput } from '../../graphql/builder.ts';
import { openAllocations } from '../access.ts';
import type { OrderWhere } from '../inputs/lists.ts';
import { phoneSpellings } from '../rules/contacts.ts';
import { orderMoves, termsPaidLater } from '../rules/moves.ts';
import { remarkedWith } from './remark.ts';

/** Orders that are all that a caller asks for. Who may see them is another condition. */
export const ordersMatching = async (actor: Actor, where: OrderWhere): Promise<Prisma.OrderWhereInput> => ({
  AND: [
    columnsOf(where),
    where.remark === undefined ? {} : remarkedWith(actor, where.remark),
    where.locationId === undefined ? {} : allocatedAt(actor, where.locationId),
    where.dispatchable === undefined ? {} : where.dispatchable ? dispatchable : { NOT: dispatchable },
    await contactedAs(actor, where),
  ],
});

const columnsOf = (where: OrderWhere): Prisma.OrderWhereInput => ({
  ...(where.storeId ? { storeId: where.storeId } : {}),
  ...(where.states ? { state: { in: where.states } } : {}),
  ...(where.paymentStates ? { paymentState: { in: where.paymentStates } } : {}),
  ...(where.fulfilmentStates ? { fulfilmentState: { in: where.fulfilmentStates } } : {}),
  ...(where.held === undefined ? {} : { held: where.held }),
  ...(where.flags ? { flag: { in: where.flags } } : {}),
  ...(where.number ? { number: where.number } : {}),
  ...(where.externalReference ? { externalReference: where.externalReference } : {}),
  ...(where.platformReference ? { platformOrder: { reference: where.platformReference } } : {}),
  ...(where.customerId ? { customerId: where.customerId } : {}),
  ...(where.awaitingStock === undefined ? {} : { awaitingStock: where.awaitingStock }),
  ...(where.hasDiscrepancy === undefined ? {} : discrepancyWhere(where.hasDiscrepancy)),
  ...(where.shipByBefore ? { shipBy: { lt: where.shipByBefore } } : {}),
  ...(where.variantId ? { lines: { some: { variantId: where.variantId } } } : {}),
  placedAt: {
    ...(where.placedFrom ? { gte: where.placedFrom } : {}),
    ...(where.placedBefore ? { lt: where.placedBefore } : {}),
  },
});

const discrepancyWhere = (differs: boolean): Prisma.OrderWhereInput =>
  differs
    ? { platformOrder: { discrepancyMinor: { not: 0n } } }
    : { OR: [{ platformOrder: null }, { platformOrder: { discrepancyMinor: 0n } }] };

const allocatedAt = (actor: Actor, locationId: string): Prisma.OrderWhereInput => ({
  lines: { some: { allocations: { some: { AND: [{ stock: { locationId } }, openAllocations(actor)] } } } },
});

/** As close to the rule of DISPATCH as columns say it: money on its way back is not taken off what came in. */
const dispatchable: Prisma.OrderWhereInput = {
  state: { in: [...orderMoves.DISPATCH] },
  held: false,
  fulfilmentState: { in: ['UNFULFILLED', 'PARTIALLY_DISPATCHED'] },
  OR: [
    { paymentState: { in: ['PAID', 'PARTIALLY_REFUNDED'] } },
    { account: { terms: { in: [...termsPaidLater] } } },
  ],
};

/** Newest orders of one phone number that are looked at. */
const CALLER_ORDERS_MAX = 1_000;

const contactFilterText = {
  en: 'Filters by contact need the permission contacts.read.',
  zh: '按联系信息筛选需要权限 contacts.read。',
};

/** Orders that go to a person. Who reads contacts masked could guess them from the answers to a filter, and so has none. */
async function contactedAs(actor: Actor, { phone, email, receiverName: name }: OrderWhere) {
  const given = { phone, email, receiverName: name };
  const guesses = can(actor, 'contacts.read')
    ? []
    : Object.entries(given).flatMap(([field, value]) => (value === undefined ? [] : [field]));
  if (guesses.length > 0) {
    const problems = guesses.map((field) => problem('NOT_PERMITTED', { path: ['where', field] }));
    throw badInput(contactFilterText, problems);
  }
  return {
    ...(phone === undefined ? {} : { id: { in: await ordersOfPhone(phone) } }),
    ...(email || name ? { person: { ...(email ? { email } : {}), ...(name ? { name } : {}) } } : {}),
  };
}

/** Numbers are kept as they were given, so their digits are compared: an index has them. */
async function ordersOfPhone(phone: string): Promise<string[]> {
  const spellings = phoneSpellings(phone);
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT order_id AS id FROM person_order
    WHERE regexp_replace(phone, '\\D', '', 'g') = ANY (${spellings})
    ORDER BY order_id DESC LIMIT ${CALLER_ORDERS_MAX}`;
  return rows.map(({ id }) => id);
}
