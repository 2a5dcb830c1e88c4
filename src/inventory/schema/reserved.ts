// What live reservations hold of stocks, read for all stocks of an operation at once.

import DataLoader from 'dataloader';
import { db } from '../../core/db.ts';
import { now } from '../../core/time.ts';
import type { Context } from '../../graphql/context.ts';
import { perContext } from '../../graphql/per-context.ts';
import { reservedUnits } from '../actions/store-supply.ts';

// Not kept: of two acts in one operation the second would be told what was reserved before it.
const reservedIn = perContext(() => new DataLoader(readReserved, { cache: false }));

/** Units of a stock that are reserved now. */
export const reservedOf = (context: Context, stockId: string): Promise<number> =>
  reservedIn(context).load(stockId);

async function readReserved(stockIds: readonly string[]): Promise<number[]> {
  const units = await reservedUnits(db, stockIds, now());
  return stockIds.map((id) => units.get(id) ?? 0);
}
