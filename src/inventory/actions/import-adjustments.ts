// Adjustments of stock that lie in the past: the ledger tells them, the stock of today stays as it is.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { emitAll } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import type { Stock } from '../../generated/prisma/client.ts';
import { ownReason } from '../texts.ts';
import { ensureStocks } from './stock.ts';

export interface PastAdjustment {
  variantId: string;
  /** Units that were written off. */
  units: number;
  reason: string;
  occurredAt: Date;
}

/**
 * Tell in the ledgers of a location what was written off in the past. Sales of the past never counted here, so neither
 * do these: each stands beside an entry by which its units were there, and no counter and no limit moves. A stock gets
 * one event, whatever the number of its adjustments. Locks stocks by variant, so it belongs last in a transaction.
 */
export async function importAdjustments(
  tx: Tx,
  actor: Actor,
  {
    locationId,
    orderImportId,
    adjustments,
  }: { locationId: string; orderImportId: string; adjustments: readonly PastAdjustment[] },
  at: Date,
): Promise<void> {
  const variantIds = [...new Set(adjustments.map(({ variantId }) => variantId))].sort();
  const stockIds = await ensureStocks(
    tx,
    variantIds.map((variantId) => ({ variantId, locationId })),
    at,
  );
  await tx.$queryRaw`SELECT 1 FROM stock WHERE id = ANY (${stockIds}::uuid[]) ORDER BY variant_id, location_id FOR UPDATE`;
  const stocks = await tx.stock.updateManyAndReturn({
    where: { id: { in: stockIds } },
    data: { version: { increment: 1 } },
  });
  const byVariant = new Map(stocks.map((stock) => [stock.variantId, stock]));
  await tx.stockLedgerEntry.createMany({
    data: adjustments.flatMap((adjustment) =>
      entriesOf(actor, stockOf(byVariant, adjustment.variantId), adjustment, orderImportId),
    ),
  });
  const told = Map.groupBy(adjustments, ({ variantId }) => variantId);
  const events = [...told].map(([variantId, own]) => {
    const stock = stockOf(byVariant, variantId);
    return {
      type: 'stock.imported' as const,
      entityId: stock.id,
      version: stock.version,
      payload: {
        causeNodeId: toGlobalId('OrderImport', orderImportId),
        adjustments: own.length,
        units: own.reduce((sum, { units }) => sum - units, 0),
      },
      facets: { variantId, locationId, low: stock.low, soldOut: stock.soldOut },
      locationId,
      occurredAt: at,
    };
  });
  await emitAll(tx, actor, events);
}

function entriesOf(
  actor: Actor,
  stock: Stock,
  { units, reason, occurredAt }: PastAdjustment,
  orderImportId: string,
) {
  const entry = {
    stockId: stock.id,
    counter: 'ON_HAND',
    causeType: 'OrderImport',
    causeId: orderImportId,
    actorKind: actor.kind,
    actorId: actor.id,
    requestId: actor.requestId,
    stockVersion: stock.version,
    occurredAt,
  } as const;
  const held = {
    cause: 'RECEIPT',
    delta: units,
    after: stock.onHand + units,
    reason: ownReason.heldBefore,
  } as const;
  const writtenOff = { cause: 'ADJUSTMENT', delta: -units, after: stock.onHand, reason } as const;
  return [held, writtenOff].map((own) => ({ ...entry, ...own, id: newId() }));
}

function stockOf(stocks: ReadonlyMap<string, Stock>, variantId: string): Stock {
  const stock = stocks.get(variantId);
  if (!stock) throw new Error(`variant ${variantId} has no stock`);
  return stock;
}
