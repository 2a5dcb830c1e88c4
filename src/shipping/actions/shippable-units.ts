// What can be put into parcels: units of an order's lines that are allocated at a location.

import type { Tx } from '../../core/db.ts';
import type { OrderLine } from '../../generated/prisma/client.ts';
import { openUnits } from '../../orders/rules/moves.ts';
import type { Shippable, Units } from '../rules.ts';

/** Units of an order's lines that are allocated at each location. */
export async function allocatedUnits(tx: Tx, orderId: string): Promise<ReadonlyMap<string, Units>> {
  const rows = await tx.allocation.findMany({
    where: { orderId, state: 'OPEN' },
    select: { orderLineId: true, quantity: true, stock: { select: { locationId: true } } },
  });
  const byLocation = Map.groupBy(rows, ({ stock }) => stock.locationId);
  return new Map([...byLocation].map(([locationId, allocations]) => [locationId, sumByLine(allocations)]));
}

/** What there is of each line of an order to be sent from a location. The caller holds the order's lock. */
export async function shippableUnits(
  tx: Tx,
  orderId: string,
  lines: readonly OrderLine[],
  locationId: string,
): Promise<Shippable[]> {
  const allocated = (await allocatedUnits(tx, orderId)).get(locationId);
  const prepared = await tx.shipmentLine.findMany({
    where: { shipment: { orderId, locationId, state: 'PREPARED' } },
    select: { orderLineId: true, quantity: true },
  });
  const promised = sumByLine(prepared);
  return lines.map((line) => ({
    orderLineId: line.id,
    open: openUnits(line),
    free: Math.max(0, (allocated?.get(line.id) ?? 0) - (promised.get(line.id) ?? 0)),
  }));
}

function sumByLine(parts: readonly { orderLineId: string; quantity: number }[]): Units {
  const sums = new Map<string, number>();
  for (const { orderLineId, quantity } of parts)
    sums.set(orderLineId, (sums.get(orderLineId) ?? 0) + quantity);
  return sums;
}
