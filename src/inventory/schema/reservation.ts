// Reservations of stock before an order: shoppers' and partners' own, and for colleagues those in their stores.

import { principalOf } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { sumQuantities } from '../../core/reads/rows.ts';
import { now } from '../../core/time.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { byMoment, list } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { shows } from '../../graphql/withheld.ts';
import { reservationScope, seesReservation, visibleReservations } from '../access.ts';
import { releaseReservation, reserveStock } from '../actions/reserve-stock.ts';
import {
  reservationWhere,
  stockReservationReleaseInput,
  stockReserveInput,
  viewerReservationWhere,
} from '../inputs.ts';
import { HELD_MINUTES_MAX, PAUSE_MINUTES, reservationState, SHOPPER_UNITS_MAX } from '../rules.ts';
import { reservationStates } from '../texts.ts';

const State = enumType('StockReservationState', 'Where a reservation of stock is.', reservationStates);

interface ReservedLine {
  quantity: number;
  stock: { variantId: string };
}

const Line = builder.prismaObject('StockReservationLine', {
  description: 'Units of a variant that a reservation holds, or held.',
  select: { quantity: true, stock: { select: { variantId: true } } },
  fields: (t) => ({
    variant: t.field({
      type: 'Variant' as never,
      description: 'What is reserved.',
      ...shows,
      select: (_args, _context, nested) => ({ stock: { select: { variant: nested(true) } } }) as never,
      resolve: ({ stock }) => (stock as unknown as { variant: never }).variant,
    }),
    quantity: t.exposeInt('quantity', { description: 'Units of it.' }),
  }),
});

builder.prismaNode('StockReservation', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (reservation, { actor }) => seesReservation(actor, reservation),
  select: { id: true, ...reservationScope },
  fields: (t) => ({
    store: t.relation('store', { description: 'Store in which the units are to be ordered.', ...shows }),
    lines: t.field({
      type: [Line],
      description: 'What is reserved, each variant once; at most 100.',
      select: (_args, _context, nested) =>
        ({ lines: { ...(nested(true) as object), orderBy: { stockId: 'asc' } } }) as never,
      // By variant: where the units lie is the department's own business.
      resolve: (reservation) => {
        const { lines } = reservation as unknown as { lines: ReservedLine[] };
        return sumQuantities(lines, ({ stock }) => stock.variantId) as never[];
      },
    }),
    state: t.field({
      type: State,
      description: 'Whether it holds units now, and if not, why.',
      select: { expiresAt: true, endedAt: true, orderId: true },
      resolve: (reservation) => reservationState(reservation, now()),
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    heldSince: t.expose('heldSince', {
      type: 'DateTime',
      description: `Since when units of its variants have been reserved, renewals included. They may stay so for ${HELD_MINUTES_MAX} minutes. All guests who call from one address (of IPv6, one /64) count as one: it is since when any of them has.`,
    }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

const listed = {
  type: 'StockReservation',
  ...byMoment('createdAt'),
  find: (query: never) => db.stockReservation.findMany(query),
  count: (query: { where: never }) => db.stockReservation.count(query),
};

/** Live ones, the others, or all. */
const liveness = (live: boolean | undefined) => {
  const isLive = { endedAt: null, expiresAt: { gt: now() } };
  return live === undefined ? {} : live ? isLive : { NOT: isLive };
};

list('viewerStockReservations', {
  ...listed,
  description: 'The reservations of whoever asks, those of the last day; for a key those of its partner.',
  scope: 'stock.reserve',
  where: viewerReservationWhere,
  whereType: 'ViewerStockReservationWhere',
  filter: (actor, where) => ({ AND: [{ principal: principalOf(actor) }, liveness(where?.live)] }),
});

list('stockReservations', {
  ...listed,
  description:
    'Reservations in the stores in which the caller acts, those of the last day; for partners only their own.',
  scope: 'stock.read',
  where: reservationWhere,
  filter: (actor, where) => ({
    AND: [
      visibleReservations(actor),
      liveness(where?.live),
      where?.storeId ? { storeId: where.storeId } : {},
      where?.variantId ? { lines: { some: { stock: { variantId: where.variantId } } } } : {},
    ],
  }),
});

mutation('stockReserve', {
  description: `Reserve stock for some minutes before it is ordered, all lines or none: nobody else can have the units meanwhile. It ends by itself. Renewing is reserving again, which replaces the former reservation and counts its units as free; units of a variant stay reserved for at most ${HELD_MINUTES_MAX} minutes on end, then for ${PAUSE_MINUTES} minutes they do not. Shoppers have at most ${SHOPPER_UNITS_MAX} units of a variant reserved at once, or what the store allows for a line where that is less. Limits are those of the customer, of the key, and of all guests who call from one address (of IPv6, one /64) together: one guest’s reservations count against the others’, and so does \`heldSince\`. Refused with NOT_FOUND, INVALID, ILLEGAL_STATE, VARIANT_NOT_SOLD, RESERVED_UNITS_LIMIT, RESERVED_FOR_LONG, TOO_MANY_RESERVATIONS, INSUFFICIENT_STOCK (type \`InsufficientStock\`).`,
  scope: 'stock.reserve',
  input: stockReserveInput,
  returns: 'StockReservation',
  run: reserveStock,
});

mutation('stockReservationRelease', {
  description:
    'Give back what a reservation holds before it ends by itself: one’s own, and for colleagues with `stock.read` one in their stores. Repeating it changes nothing. Refused with NOT_FOUND, ILLEGAL_STATE for one that was ordered.',
  scope: 'stock.reserve',
  input: stockReservationReleaseInput,
  returns: 'StockReservation',
  run: (tx, actor, input, at) => releaseReservation(tx, actor, input.stockReservationId, at),
});
