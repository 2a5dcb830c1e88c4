// What inventory does later: forgetting reservations that are over.

import type { Chore } from '../core/chores.ts';
import { transact } from '../core/db.ts';
import { addDays } from '../core/time.ts';
import { forgetReservations } from './actions/reserve-stock.ts';

const KEPT_DAYS = 1;

/** Forget some reservations that were over a day ago. Nothing depends on it: one that is over holds nothing, forgotten or not. */
export const forgetOldReservations = (at: Date): Promise<number> =>
  transact((tx) => forgetReservations(tx, addDays(at, -KEPT_DAYS)));

export const inventoryChores: readonly Chore[] = [
  { name: 'inventory.forgetReservations', everySeconds: 3_600, forget: forgetOldReservations },
];
