// What inventory does later: forgetting reservations that are over.

import { transact } from '../core/db.ts';
import { repeat } from '../core/repeat.ts';
import { addDays, now } from '../core/time.ts';
import { forgetReservations } from './actions/reserve-stock.ts';

const KEPT_DAYS = 1;
const FORGET_MS = 3_600_000;

/** Forget reservations that were over a day ago. Nothing depends on it: one that is over holds nothing, forgotten or not. */
export async function forgetOldReservations(): Promise<void> {
  const before = addDays(now(), -KEPT_DAYS);
  while ((await transact((tx) => forgetReservations(tx, before))) > 0);
}

/** Forget old reservations once an hour. Returns the function that stops it. */
export const keepReservationsShort = (): (() => Promise<void>) =>
  repeat(FORGET_MS, forgetOldReservations, 'old reservations could not be forgotten');
