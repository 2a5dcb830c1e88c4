// The order of locks: an order's row, its account, then stock. Who kept to another would wait for others in a circle.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { newKey, uniqueName } from '../setup/given.ts';
import { platformIn } from './platform.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const platform = platformIn(app);
const at = await shop.open({ platform: 'TMALL' });

const other = new pg.Client(app.databaseUrl);
await other.connect();
afterAll(() => other.end());

/** Hold a row while `work` comes to wait for it, and take another row that it must not have locked by then. */
async function takeTurns(held: string, free: string, work: () => Promise<unknown>): Promise<void> {
  await other.query('BEGIN');
  await other.query(`${held} FOR UPDATE`);
  const done = work();
  const waiting = 'SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))';
  while ((await other.query(waiting)).rowCount === 0) await sleep(20);
  const taken = await other.query(`${free} FOR UPDATE NOWAIT`).catch((error: unknown) => error);
  await other.query('ROLLBACK');
  await done;
  expect(taken).toMatchObject({ rowCount: 1 });
}

test('a push that comes late locks the order before its account', async () => {
  const { skus } = await shop.variant(at, [1]);
  const reference = uniqueName('late');
  const lines = [{ sku: skus[0], quantity: 1, unitPrice: '10.00' }];
  const facts = { reference, state: 'PLACED', lines, buyerPaid: '10.00' };
  const { number } = await platform.push(at.storeId, { ...facts, asOf: platform.minute(9) });
  await takeTurns(
    `SELECT 1 FROM "order" WHERE number = '${number}'`,
    `SELECT 1 FROM payment_account WHERE order_id = (SELECT id FROM "order" WHERE number = '${number}')`,
    () => platform.push(at.storeId, { ...facts, asOf: platform.minute(5) }),
  );
});

test('units of an order that waits are cancelled without locking stock out of turn', async () => {
  const missing = await shop.variant(at, [1]);
  const there = await shop.variant(at, [2]);
  const order = await platform.push(at.storeId, {
    state: 'PAID',
    lines: [missing, there].map(({ skus }) => ({ sku: skus[0], quantity: 2, unitPrice: '10.00' })),
    buyerPaid: '40.00',
  });
  expect(order.awaitingStock).toBe(true);
  const stockOf = ({ skus }: { skus: string[] }) =>
    `SELECT 1 FROM stock WHERE variant_id = (SELECT id FROM variant WHERE sku = '${skus[0]}')`;
  const lines = [{ orderLineId: order.lines.edges[1]?.node.id, quantity: 1 }];
  await takeTurns(stockOf(missing), stockOf(there), () =>
    app.admin.act('orderCancel', { idempotencyKey: newKey(), orderId: order.id, reason: 'OTHER', lines }),
  );
  expect((await shop.stocks(there.variantId)).get(at.locationId)).toMatchObject({ onHand: 2, allocated: 1 });
});
