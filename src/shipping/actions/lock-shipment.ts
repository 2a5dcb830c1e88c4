// Finding and locking a shipment before it changes.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound } from '../../core/errors.ts';
import type { Shipment } from '../../generated/prisma/client.ts';
import { visibleShipments } from '../access.ts';

/** A shipment of the actor's, as it is before any lock. Refuses with NOT_FOUND. */
export async function findShipment(tx: Tx, actor: Actor, shipmentId: string): Promise<Shipment> {
  const shipment = await tx.shipment.findFirst({
    where: { AND: [{ id: shipmentId }, visibleShipments(actor)] },
  });
  if (!shipment) throw new DomainError([notFound('Shipment', ['shipmentId'])]);
  return shipment;
}

/** Lock a shipment's row. Its lock comes after those of parcel and order, and before those of stock. */
export async function lockShipment(tx: Tx, shipmentId: string): Promise<Shipment> {
  await tx.$queryRaw`SELECT 1 FROM shipment WHERE id = ${shipmentId}::uuid FOR UPDATE`;
  return tx.shipment.findUniqueOrThrow({ where: { id: shipmentId } });
}
