// Placing orders again and again: each of its statements is prepared and planned once, whatever the order holds.

import { expect, test } from 'vitest';
import { db } from '../../src/core/db.ts';
import { startApp } from '../setup/app.ts';
import { shopIn } from './shop.ts';

const CONNECTIONS = 2;
/** So many times PostgreSQL plans a prepared statement for its values before it thinks of one plan for all. */
const PLANNED_FOR_VALUES = 5;

const app = await startApp({ env: { DATABASE_POOL_SIZE: String(CONNECTIONS), BACKGROUND: 'off' } });
const shop = shopIn(app);
const at = await shop.open({ locations: 2 });

interface Prepared {
  statement: string;
  generic: number;
  custom: number;
}

/** What the connections of the pool have prepared, each asked for itself. */
async function prepared(): Promise<Prepared[]> {
  const ask = (tx: Pick<typeof db, '$queryRaw'>) =>
    tx.$queryRaw<Prepared[]>`
      SELECT statement, generic_plans::int AS generic, custom_plans::int AS custom, (SELECT pg_sleep(0.3)::text)
      FROM pg_prepared_statements`;
  return (await Promise.all(Array.from({ length: CONNECTIONS }, () => db.$transaction(ask)))).flat();
}

test('G9 what placing an order sends is planned once, whatever the number of its lines', async () => {
  const variants: string[] = [];
  for (let i = 0; i < 4; i++) variants.push((await shop.variant(at, [1_000, 1_000])).variantId);
  for (let i = 0; i < 40; i++) {
    const lines = variants.slice(0, 1 + (i % 4)).map((variantId) => ({ variantId, quantity: 1 }));
    await shop.place(at.storeId, lines);
  }
  const all = await prepared();
  const sent = (part: string) => all.filter(({ statement }) => statement.includes(part));
  const parts = [
    'INSERT INTO idempotency_record',
    'FROM variant v',
    'INSERT INTO order_line',
    'INSERT INTO payment_account',
    'INSERT INTO deadline',
    'INSERT INTO event_outbox',
    'FOR UPDATE OF s',
    'FROM stock_reservation_line reserving',
    'INSERT INTO allocation',
    'INSERT INTO stock_ledger_entry',
  ];
  for (const part of parts) {
    const those = sent(part);
    expect(
      those.some(({ generic }) => generic > 0),
      part,
    ).toBe(true);
    for (const { custom } of those) expect(custom, part).toBeLessThanOrEqual(PLANNED_FOR_VALUES);
  }
}, 60_000);
