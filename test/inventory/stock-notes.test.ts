// Why stock was corrected is what colleagues wrote for each other: partners see what changed, not why.

import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();

const WORDS = 'Sesame opens';

test('O58 a partner’s key reads no reason of a stock, in its ledger, its feed or the audit log', async () => {
  const key = await app.given.key({ scopes: ['stock.read', 'events.read'] });
  const stream = key.subscribe<{ stockEvents: { type: string; payload: object | null } }>(
    'subscription { stockEvents { type payload changes { field before after } } }',
  );
  await stream.next(({ stockEvents }) => stockEvents.type === 'heartbeat');
  const { variantId } = await shop.variant(at, [10]);
  const place = { variantId, locationId: at.locationId };
  const change = (mutation: string, input: object) =>
    app.admin.act(mutation, { idempotencyKey: newKey(), ...place, ...input });
  await app.admin.act('stockPlan', { ...place, lowStockAt: 5, recoveredAt: 6 });
  await change('stockSet', { quantity: 3, expectedQuantity: 10, note: WORDS });
  await change('stockSet', { quantity: 0, expectedQuantity: 3, note: WORDS });
  await stream.next(({ stockEvents }) => stockEvents.type === 'stock.soldOut');
  const read = async (client: Client) =>
    JSON.stringify(
      await client.ok(
        `query ($variant: ID) {
          stocks(first: 5, where: { variantId: $variant }) { edges { node { ledger { edges { node { delta cause reason } } } } } }
          events(first: 100) { edges { node { type payload } } }
        }`,
        { variant: variantId },
      ),
    );
  expect(await read(app.admin)).toContain(WORDS);
  const told = await read(key);
  expect(told).toContain('"COUNT"');
  expect(told + JSON.stringify(stream.items)).not.toContain(WORDS);
  expect(stream.items.map(({ stockEvents }) => stockEvents.type)).toEqual(
    expect.arrayContaining(['stock.set', 'stock.ranLow', 'stock.soldOut']),
  );
});
