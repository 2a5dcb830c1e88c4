// Reservations that are used up: found and locked before, ended by what comes in their place.

import { type Actor, isShopper, partnerIn, principalOf } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { notFound, type Problem, problem } from '../../core/errors.ts';
import { emitAll } from '../../core/events.ts';
import { toGlobalId } from '../../core/ids.ts';
import type { Prisma, StockReservation } from '../../generated/prisma/client.ts';
import { seesReservation } from '../access.ts';
import { reservationState } from '../rules.ts';
import { ofAnotherStore, reservationStates } from '../texts.ts';

/** An order or a reservation to be made, and the reservations that it names. */
interface ReservationUse {
  storeId: string;
  lines: readonly { variantId: string }[];
  stockReservationIds?: readonly string[] | undefined;
}

export interface LockedReservations {
  /** Those that hold units now. */
  live: StockReservation[];
  /** All that were named and may be used, expired ones too. */
  named: StockReservation[];
  problems: Problem[];
}

/**
 * Lock the reservations that an order or another reservation uses. Where a shopper names none, they are the shopper's
 * own in the store that hold one of the variants: it would be odd to be refused for what oneself reserved. Others
 * reserve for many, so nobody knows which of theirs would be meant. One that has expired is no problem, it only holds
 * nothing. Problems: NOT_FOUND, INVALID for one of another store, ILLEGAL_STATE for one that was released or ordered.
 * Their locks come before those of stock.
 */
export async function lockReservations(
  tx: Tx,
  actor: Actor,
  use: ReservationUse,
  at: Date,
): Promise<LockedReservations> {
  const wanted = use.stockReservationIds ?? (isShopper(actor) ? await touchedBy(tx, actor, use, at) : []);
  const rows = await lockRows(tx, actor, [...new Set(wanted)]);
  const named = (use.stockReservationIds ?? []).map((id) => rows.find((row) => row.id === id) ?? null);
  return {
    live: rows.filter((row) => row.storeId === use.storeId && reservationState(row, at) === 'LIVE'),
    named: named.flatMap((row) => row ?? []),
    problems: named.flatMap((row, i) => useProblems(row, use.storeId, ['stockReservationIds', i], at)),
  };
}

/** Lock reservations, by id, as far as the actor may see them. */
export async function lockRows(tx: Tx, actor: Actor, ids: readonly string[]): Promise<StockReservation[]> {
  if (ids.length === 0) return [];
  await tx.$queryRaw`SELECT 1 FROM stock_reservation WHERE id = ANY (${ids}::uuid[]) ORDER BY id FOR UPDATE`;
  const rows = await tx.stockReservation.findMany({
    where: { id: { in: [...ids] } },
    orderBy: { id: 'asc' },
  });
  return rows.filter((row) => seesReservation(actor, row));
}

/**
 * End reservations before they expire, for an order or for nobody. What they held is free from now on. The caller has
 * locked them.
 */
export async function endReservations(
  tx: Tx,
  actor: Actor,
  reservations: readonly { id: string }[],
  orderId: string | null,
  at: Date,
): Promise<void> {
  if (reservations.length === 0) return;
  const ids = reservations.map(({ id }) => id);
  await tx.stockReservationLine.updateMany({
    where: { stockReservationId: { in: ids } },
    data: { heldUntil: null },
  });
  const ended = await tx.stockReservation.updateManyAndReturn({
    where: { id: { in: ids } },
    data: { endedAt: at, orderId, version: { increment: 1 } },
  });
  const events = ended.map(({ id, version, storeId, principal }) => {
    const storeNodeId = toGlobalId('Store', storeId);
    const facets = { storeId, partnerId: partnerIn(principal) };
    const about = { entityId: id, version, facets, storeId, occurredAt: at };
    const change = (after: string) => ({ changes: [{ field: 'state', before: 'LIVE', after }] });
    return orderId === null
      ? {
          type: 'stockReservation.released' as const,
          payload: { storeNodeId },
          ...change('RELEASED'),
          ...about,
        }
      : {
          type: 'stockReservation.ordered' as const,
          payload: { storeNodeId, orderNodeId: toGlobalId('Order', orderId) },
          ...change('ORDERED'),
          ...about,
        };
  });
  await emitAll(tx, actor, events);
}

/** Live reservations that the actor made. Reads only. */
export const ownReservations = (
  tx: Tx,
  actor: Actor,
  about: Prisma.StockReservationWhereInput,
  at: Date,
): Promise<{ id: string; storeId: string }[]> =>
  tx.stockReservation.findMany({
    where: { principal: principalOf(actor), endedAt: null, expiresAt: { gt: at }, AND: [about] },
    select: { id: true, storeId: true },
  });

async function touchedBy(
  tx: Tx,
  actor: Actor,
  { storeId, lines }: ReservationUse,
  at: Date,
): Promise<string[]> {
  const variantId = { in: lines.map((line) => line.variantId) };
  const about = { storeId, lines: { some: { stock: { variantId } } } };
  return (await ownReservations(tx, actor, about, at)).map(({ id }) => id);
}

function useProblems(
  row: StockReservation | null,
  storeId: string,
  path: (string | number)[],
  at: Date,
): Problem[] {
  if (!row) return [notFound('StockReservation', path)];
  if (row.storeId !== storeId) return [problem('INVALID', { path, params: { why: ofAnotherStore } })];
  const state = reservationState(row, at);
  return state === 'LIVE' || state === 'EXPIRED'
    ? []
    : [problem('ILLEGAL_STATE', { path, params: { state: reservationStates[state] } })];
}
