// Stock of the sample department: enough of most goods, little of some, and limits that tell.

import type { Tx } from '../../../src/core/db.ts';
import { adjustStock, planStock, receiveStock } from '../../../src/inventory/actions/stock.ts';
import type { Variants } from './catalog.ts';
import type { ActorOf } from './people.ts';
import type { Places } from './places.ts';

type Location = keyof Places['locations'];

/** Units of each good by location. The orders of the sample take the last black earbuds. */
const received: Readonly<Record<string, Partial<Record<Location, number>>>> = {
  'TEE-WHITE-S': { shanghai: 60, guangzhou: 40 },
  'TEE-WHITE-M': { shanghai: 80, guangzhou: 60, hangzhou: 20 },
  'TEE-WHITE-L': { shanghai: 80, guangzhou: 60, hangzhou: 20 },
  'TEE-NAVY-S': { shanghai: 40, guangzhou: 30 },
  'TEE-NAVY-M': { shanghai: 60, guangzhou: 40 },
  'TEE-NAVY-L': { shanghai: 60, guangzhou: 40 },
  'SHIRT-NATURAL-M': { shanghai: 30, guangzhou: 25 },
  'SHIRT-NATURAL-L': { shanghai: 30, guangzhou: 25 },
  'SHIRT-BLUE-M': { shanghai: 30, guangzhou: 25 },
  'SHIRT-BLUE-L': { shanghai: 9, guangzhou: 25 },
  'TOTE-NATURAL': { shanghai: 120 },
  'TOTE-BLACK': { shanghai: 120 },
  'BOTTLE-SILVER': { shanghai: 50, guangzhou: 50, hangzhou: 10 },
  'BOTTLE-GREEN': { shanghai: 6, guangzhou: 12 },
  LAMP: { shanghai: 25, guangzhou: 25 },
  'BUDS-WHITE': { shanghai: 40, guangzhou: 40, hangzhou: 30 },
  'BUDS-BLACK': { guangzhou: 3 },
  COOKBOOK: { shanghai: 70 },
  'RICE-5KG': { shanghai: 90, guangzhou: 90 },
  SUNHAT: { guangzhou: 14 },
};

/** Sellable units from which a stock counts as low, and from which as recovered. */
const LOW_AT = 5;
const RECOVERED_AT = 15;

interface Around {
  places: Places;
  variants: Variants;
  at: Date;
}

export async function seedStock(tx: Tx, actorOf: ActorOf, { places, variants, at }: Around): Promise<void> {
  for (const code of Object.keys(places.locations) as Location[]) {
    const locationId = places.locations[code];
    const lines = Object.entries(received).flatMap(([sku, units]) => {
      const [variantId, quantity] = [variants.get(sku), units[code]];
      return variantId && quantity ? [{ variantId, quantity }] : [];
    });
    const receipt = { idempotencyKey: `sample-receipt-${code}`, locationId, lines, note: 'First delivery' };
    await receiveStock(tx, actorOf('buyer'), receipt, at);
    for (const { variantId } of lines) {
      const limits = { variantId, locationId, lowStockAt: LOW_AT, recoveredAt: RECOVERED_AT };
      await planStock(tx, actorOf('buyer'), limits, at);
    }
  }
  const variantId = variants.get('LAMP') ?? '';
  const broken = {
    idempotencyKey: 'sample-broken-lamp',
    variantId,
    locationId: places.locations.shanghai,
    damagedDelta: 2,
    reason: 'DAMAGED' as const,
    note: 'Dropped while unloading',
  };
  await adjustStock(tx, actorOf('warehouse'), broken, at);
}
