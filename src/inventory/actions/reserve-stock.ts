// Reserving stock before an order, and giving it back.

import { visibleStores } from '../../catalog/access.ts';
import { unsoldProblems } from '../../catalog/actions/quote-lines.ts';
import { type Actor, isShopper, partnerIn, principalOf } from '../../core/actor.ts';
import { lockName, type Tx } from '../../core/db.ts';
import { DomainError, notFound, problem, refuseIf } from '../../core/errors.ts';
import { emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { networkHash } from '../../core/networks.ts';
import { addMinutes, earlier } from '../../core/time.ts';
import type { StockReservation } from '../../generated/prisma/client.ts';
import type { StockReserve } from '../inputs.ts';
import {
  PAUSE_MINUTES,
  RESERVED_MINUTES,
  type ReservedBefore,
  reservationProblems,
  reservationState,
  reservedUnitsMax,
} from '../rules.ts';
import { reservationStates } from '../texts.ts';
import { planWhole, sumByStock } from './allocate-stock.ts';
import { endReservations, type LockedReservations, lockReservations, lockRows } from './end-reservations.ts';
import { unitsReservedBy } from './store-supply.ts';

/**
 * Reserve stock of a store for some minutes, all lines or none, in the place of reservations that it replaces: renewing
 * is reserving again. It ends by itself, because whoever counts stock compares its end with the time. Refuses with
 * NOT_FOUND, INVALID, ILLEGAL_STATE, VARIANT_NOT_SOLD, RESERVED_UNITS_LIMIT, RESERVED_FOR_LONG, TOO_MANY_RESERVATIONS,
 * then INSUFFICIENT_STOCK. Locks whose limits it counts to, then what it replaces, then stock.
 */
export async function reserveStock(
  tx: Tx,
  actor: Actor,
  input: StockReserve,
  at: Date,
): Promise<{ id: string }> {
  const store = await tx.store.findFirst({ where: { AND: [{ id: input.storeId }, visibleStores(actor)] } });
  if (!store) throw new DomainError([notFound('Store', ['storeId'])]);
  const limitedBy = limitedByOf(actor);
  await lockName(tx, 'reservations', limitedBy);
  const minutes = input.minutes ?? RESERVED_MINUTES.default;
  const unitsMax = reservedUnitsMax(store, isShopper(actor));
  const replaced = await lockReservations(tx, actor, input, at);
  const before = await reservedBefore(tx, actor, { ...input, limitedBy }, replaced, at);
  refuseIf([
    ...replaced.problems,
    ...(await unsoldProblems(tx, store.id, input.lines)),
    ...reservationProblems({ by: actor, lines: input.lines, minutes, unitsMax }, before, at),
  ]);
  const lines = input.lines.map(({ variantId, quantity }) => ({ orderLineId: '', variantId, quantity }));
  const takings = await planWhole(tx, { storeId: store.id, lines, reservations: replaced.live }, at);
  await endReservations(tx, actor, replaced.live, null, at);
  const taken = sumByStock(takings);
  await forgetExpired(
    tx,
    taken.map(([stockId]) => stockId),
    at,
  );
  const reservation = {
    id: newId(),
    storeId: store.id,
    principal: principalOf(actor),
    limitedBy,
    expiresAt: addMinutes(at, minutes),
    heldSince: earlier(before.heldSince ?? at, at),
    createdAt: at,
  };
  await tx.stockReservation.createMany({ data: reservation });
  await tx.stockReservationLine.createMany({
    data: taken.map(([stockId, quantity]) => ({
      stockReservationId: reservation.id,
      stockId,
      storeId: store.id,
      quantity,
      heldUntil: reservation.expiresAt,
    })),
  });
  await emitPlaced(tx, actor, reservation, input.lines, at);
  return { id: reservation.id };
}

/**
 * Give back what a reservation holds. Refuses with NOT_FOUND, and with ILLEGAL_STATE for one that was ordered. What has
 * ended by itself or was released before stays as it is.
 */
export async function releaseReservation(
  tx: Tx,
  actor: Actor,
  id: string,
  at: Date,
): Promise<{ id: string }> {
  const path = ['stockReservationId'];
  const [reservation] = await lockRows(tx, actor, [id]);
  if (!reservation) throw new DomainError([notFound('StockReservation', path)]);
  const state = reservationState(reservation, at);
  if (state === 'ORDERED')
    throw new DomainError([problem('ILLEGAL_STATE', { path, params: { state: reservationStates[state] } })]);
  if (state === 'LIVE') await endReservations(tx, actor, [reservation], null, at);
  return { id };
}

/** Reservations that are forgotten in one statement. */
const BATCH = 1_000;

/** Forget reservations that were over before a moment, some of them at a time. How many; nobody counts them any more. */
export const forgetReservations = (tx: Tx, before: Date): Promise<number> =>
  tx.$executeRaw`
    DELETE FROM stock_reservation WHERE id IN (
      SELECT id FROM stock_reservation WHERE expires_at < ${before} ORDER BY expires_at, id LIMIT ${BATCH})`;

/**
 * End for good what has expired of locked stocks. It holds nothing anyway, but an order that uses it may have begun
 * before it expired and wait for these locks: it must not count on units that are reserved anew.
 */
const forgetExpired = (tx: Tx, stockIds: readonly string[], at: Date) =>
  tx.stockReservationLine.updateMany({
    where: { stockId: { in: [...stockIds] }, heldUntil: { lte: at } },
    data: { heldUntil: null },
  });

/** Whose limits a reservation counts to. A guest makes tokens up at will, so the guests of a network have them in common. */
function limitedByOf(actor: Actor): string {
  if (actor.kind === 'GUEST') return `GUESTS:${networkHash(actor.address)}`;
  return `${actor.kind}:${actor.id ?? ''}`;
}

/** What counts with a new reservation: of shoppers all they have and had of its variants, of others what it renews. */
async function reservedBefore(
  tx: Tx,
  actor: Actor,
  { storeId, limitedBy, lines }: { storeId: string; limitedBy: string; lines: StockReserve['lines'] },
  { live, named }: LockedReservations,
  at: Date,
): Promise<ReservedBefore> {
  const replaced = live.map(({ id }) => id);
  const variantIds = lines.map((line) => line.variantId);
  const pauseSince = addMinutes(at, -PAUSE_MINUTES);
  const [row] = await tx.$queryRaw<{ live: number; heldSince: Date | null }[]>`
    SELECT count(*) FILTER (WHERE r.ended_at IS NULL AND r.expires_at > ${at} AND r.id <> ALL (${replaced}::uuid[]))::int
        AS live,
      min(r.held_since) FILTER (WHERE ${isShopper(actor)} AND r.store_id = ${storeId}::uuid AND r.order_id IS NULL
        AND coalesce(r.ended_at, r.expires_at) > ${pauseSince} AND EXISTS (
          SELECT FROM stock_reservation_line l JOIN stock s ON s.id = l.stock_id
          WHERE l.stock_reservation_id = r.id AND s.variant_id = ANY (${variantIds}::uuid[]))) AS "heldSince"
    FROM stock_reservation r
    WHERE r.limited_by = ${limitedBy} AND r.expires_at > ${isShopper(actor) ? pauseSince : at}`;
  const units = isShopper(actor)
    ? await unitsReservedBy(tx, { limitedBy, storeId }, replaced, at)
    : new Map<string, number>();
  const renewed = named.filter(({ expiresAt }) => expiresAt > pauseSince);
  const heldSince = renewed.reduce<Date | null>(
    (since, reservation) => earlier(since, reservation.heldSince),
    row?.heldSince ?? null,
  );
  return { live: row?.live ?? 0, heldSince, units };
}

async function emitPlaced(
  tx: Tx,
  actor: Actor,
  { id, storeId, principal, expiresAt }: Pick<StockReservation, 'id' | 'storeId' | 'principal' | 'expiresAt'>,
  lines: StockReserve['lines'],
  at: Date,
): Promise<void> {
  await emit(tx, actor, {
    type: 'stockReservation.placed',
    entityId: id,
    version: 1,
    payload: {
      storeNodeId: toGlobalId('Store', storeId),
      expiresAt: expiresAt.toISOString(),
      lines: lines.map(({ variantId, quantity }) => ({
        variantNodeId: toGlobalId('Variant', variantId),
        quantity,
      })),
    },
    changes: [{ field: 'state', before: null, after: 'LIVE' }],
    facets: { storeId, partnerId: partnerIn(principal) },
    storeId,
    customerId: actor.kind === 'CUSTOMER' ? actor.id : null,
    occurredAt: at,
  });
}
