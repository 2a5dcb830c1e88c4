// What follows from orders and from the way of their parcels. Reactions call these verbs; repeating one changes nothing.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { toGlobalId } from '../../core/ids.ts';
import { reasonWith } from '../../core/texts.ts';
import type { Shipment, ShipmentLine } from '../../generated/prisma/client.ts';
import { placeHold } from '../../orders/actions/change-order.ts';
import { deliverOrder } from '../../orders/actions/fulfil-order.ts';
import { factsOf, lockOrderRow } from '../../orders/actions/lock-order.ts';
import { refusals } from '../../orders/rules/moves.ts';
import { fitParcels, type Trouble, type Units } from '../rules.ts';
import { troubleReasons } from '../texts.ts';
import { endShipment } from './dispatch-shipment.ts';
import { unwritten } from './parcels.ts';
import { shipmentEvent } from './shipment-events.ts';
import { allocatedUnits } from './shippable-units.ts';

/** Lower what is prepared of an order to what is still allocated to it; a parcel with nothing left is cancelled. */
export async function fitShipments(tx: Tx, actor: Actor, orderId: string, at: Date): Promise<void> {
  await lockOrderRow(tx, orderId);
  await tx.$queryRaw`
    SELECT 1 FROM shipment WHERE order_id = ${orderId}::uuid AND state = 'PREPARED' ORDER BY id FOR UPDATE`;
  const prepared = await tx.shipment.findMany({
    where: { orderId, state: 'PREPARED' },
    orderBy: [{ preparedAt: 'asc' }, { id: 'asc' }],
    include: { lines: { orderBy: { id: 'asc' } } },
  });
  if (prepared.length === 0) return;
  const allocated = await allocatedUnits(tx, orderId);
  for (const [locationId, parcels] of Map.groupBy(prepared, (shipment) => shipment.locationId)) {
    for (const { parcel, units } of fitParcels(parcels, allocated.get(locationId) ?? new Map())) {
      const { lines, ...shipment } = parcel;
      if (units.size === 0) await endShipment(tx, actor, shipment, at);
      else await lowerShipment(tx, actor, shipment, { lines, units }, at);
    }
  }
}

/** Leave in a prepared shipment only some units of its lines. */
async function lowerShipment(
  tx: Tx,
  actor: Actor,
  before: Shipment,
  { lines, units }: { lines: readonly ShipmentLine[]; units: Units },
  at: Date,
): Promise<void> {
  const kept = [...units.keys()];
  await tx.shipmentLine.deleteMany({ where: { shipmentId: before.id, orderLineId: { notIn: kept } } });
  await tx.$executeRaw`
    UPDATE shipment_line l SET quantity = u.quantity
    FROM unnest(${kept}::uuid[], ${[...units.values()]}::int[]) AS u (order_line_id, quantity)
    WHERE l.shipment_id = ${before.id}::uuid AND l.order_line_id = u.order_line_id`;
  const after = await tx.shipment.update({
    where: { id: before.id },
    data: { version: { increment: 1 } },
  });
  const event = shipmentEvent('shipment.changed', before, after, { number: after.number }, at);
  const held = lines.map(({ orderLineId, quantity }) => [orderLineId, quantity] as const);
  const changes = changesBetween({ lines: listed(held) }, { lines: listed([...units]) }, ['lines']);
  await emit(tx, actor, { ...event, changes });
}

const listed = (units: readonly (readonly [orderLineId: string, quantity: number])[]) =>
  units.map(([orderLineId, quantity]) => ({ orderLineId: toGlobalId('OrderLine', orderLineId), quantity }));

/** Record that an order has arrived, once all that was sent of it has. */
export async function followParcels(tx: Tx, actor: Actor, orderId: string, at: Date): Promise<void> {
  // Locked before the parcels are counted, so that none leaves meanwhile.
  await lockOrderRow(tx, orderId);
  const sent = await tx.shipment.groupBy({
    by: ['state'],
    where: { orderId, dispatchedAt: { not: null } },
  });
  if (sent.length === 1 && sent[0]?.state === 'DELIVERED') await deliverOrder(tx, actor, orderId, at);
}

/** Stop an order whose parcel was refused, came back or got lost, until after-sales has settled it. */
export async function holdTroubled(
  tx: Tx,
  actor: Actor,
  { orderId, number, trouble }: { orderId: string; number: string; trouble: Trouble },
  at: Date,
): Promise<void> {
  const order = await lockOrderRow(tx, orderId);
  if (refusals('HOLD', factsOf(actor, order)).length > 0) return;
  const reason = reasonWith(troubleReasons[trouble], { number });
  await placeHold(tx, actor, order, { kind: 'AFTER_SALES', reason }, at);
}

/** Forget what carriers wrote about the parcels of an order, which may name the receiver. */
export async function forgetDescriptions(tx: Tx, orderId: string): Promise<void> {
  // Tracking events that are just being kept are kept under these locks, by who may not have seen the erasure yet.
  await tx.$queryRaw`SELECT 1 FROM shipment WHERE order_id = ${orderId}::uuid ORDER BY id FOR UPDATE`;
  await tx.trackingEvent.updateMany({ where: { shipment: { orderId } }, data: unwritten });
}
