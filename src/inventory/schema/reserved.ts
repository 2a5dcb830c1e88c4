// What live reservations hold of stocks: read with them, or for all stocks of an operation at once.

import DataLoader from 'dataloader';
import { db } from '../../core/db.ts';
import type { Sums } from '../../core/reads/rows.ts';
import { now } from '../../core/time.ts';
import type { Context } from '../../graphql/context.ts';
import { perContext } from '../../graphql/per-context.ts';
import type { ReadsMore } from '../../graphql/plan.ts';
import { holdingAt, reservedUnits } from '../actions/store-supply.ts';

/** A stock, with what is reserved of it where that was read with it. */
interface Reservable {
  id: string;
  _sum?: { reservations: number };
}

// Not kept: of two acts in one operation the second would be told what was reserved before it.
const reservedIn = perContext(() => new DataLoader(readReserved, { cache: false }));

/** Units of a stock that are reserved now. */
export const reservedOf = (context: Context, { id, _sum }: Reservable): number | Promise<number> =>
  _sum ? _sum.reservations : reservedIn(context).load(id);

async function readReserved(stockIds: readonly string[]): Promise<number[]> {
  const units = await reservedUnits(db, stockIds, now());
  return stockIds.map((id) => units.get(id) ?? 0);
}

/** What is reserved of a stock, read with it. */
export const readsReserved: ReadsMore = () => {
  const _sum: Sums = { reservations: { column: 'quantity', where: holdingAt(now()) } };
  return { _sum };
};
