// Where personal data of an order lies: in the one table that is made to be overwritten, and nowhere else.

import pino from 'pino';
import { afterAll, expect, test, vi } from 'vitest';
import { log } from '../../src/core/log.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';
import { ORDER, type PlacedOrder, shopIn } from './shop.ts';

const lines: string[] = [];
const stream = (log as unknown as Record<symbol, { write(line: string): void }>)[pino.symbols.streamSym];
if (!stream) throw new Error('the log has no stream');
const written = vi.spyOn(stream, 'write').mockImplementation((line) => void lines.push(line));
afterAll(() => written.mockRestore());

const app = await startApp({ env: { LOG_LEVEL: 'trace' } });
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [10_000]);

const receiver = {
  contact: { name: '欧阳锦瑟', phone: '13987654321', email: 'jinse.ouyang@private.example' },
  address: {
    country: 'CN',
    region: '江苏省',
    city: '苏州市',
    district: '姑苏区',
    lines: ['听雨巷 77 号'],
    postalCode: '215006',
  },
};
const secrets = ['欧阳锦瑟', '13987654321', 'jinse.ouyang', '听雨巷'];
const told = (text: string): string[] => secrets.filter((secret) => text.includes(secret));

/** Every column of text in which one of the secrets stands, with how many rows have it. */
async function traces(): Promise<Record<string, number>> {
  const columns = await app.sql<{ schema: string; table: string; column: string }>(
    `SELECT table_schema AS schema, table_name AS table, column_name AS column FROM information_schema.columns
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
       AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY')`,
  );
  const found: Record<string, number> = {};
  for (const { schema, table, column } of columns) {
    const [row] = await app.sql<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM "${schema}"."${table}"
       WHERE EXISTS (SELECT FROM unnest($1::text[]) AS secret WHERE position(secret IN "${column}"::text) > 0)`,
      [secrets],
    );
    if (row?.rows) found[`${table}.${column}`] = row.rows;
  }
  return found;
}

const input = (wishes: object = {}) =>
  shop.orderInput(at.storeId, [{ variantId, quantity: 1 }], { ...receiver, ...wishes });

const place = async (by: Client) =>
  (await by.act<{ order: PlacedOrder }>('orderPlace', input(), ORDER)).order;

/** What colleagues do with any order. */
async function note(orderId: string): Promise<void> {
  const { admin } = app;
  const named = await app.given.staff({ posts: ['customer_service'] });
  const mentionIds = [named.staffId];
  await admin.act('orderRemark', { orderId, text: 'Calls back.', mentionIds, idempotencyKey: newKey() }, '');
  await admin.act('orderFlag', { orderId, flag: 'RED' });
  await admin.act('contactReveal', { orderId, reason: 'To call them.' }, 'contact { name phone email }');
  const hold = { orderId, kind: 'ADDRESS', reason: 'Which building?', idempotencyKey: newKey() };
  const { order } = await admin.act<{ order: { holds: { edges: { node: { id: string } }[] } } }>(
    'orderHold',
    hold,
    'order { holds { edges { node { id } } } }',
  );
  await admin.act('orderRelease', { orderHoldId: order.holds.edges[0]?.node.id, reason: 'The second.' });
}

const cancel = (orderId: string) =>
  app.admin.act('orderCancel', { orderId, reason: 'CUSTOMER_REQUEST', idempotencyKey: newKey() });

async function fulfil(order: PlacedOrder): Promise<void> {
  await shop.fulfil(order, at.locationId);
  await app.admin.act('orderComplete', { orderId: order.id, idempotencyKey: newKey() });
}

const erase = (orderId: string) =>
  app.admin.act('contactErase', { orderId, reason: 'The customer asked for it.' }, 'order { id }');

test('T25 after the life of an order its personal data lies in one table, and after its erasure in none', async () => {
  const [sent, cancelled] = [await place(app.given.guest()), await place(app.admin)];
  for (const { id } of [sent, cancelled]) await note(id);
  await fulfil(sent);
  await cancel(cancelled.id);
  const columns = ['name', 'phone', 'email', 'lines'].map((column) => `person_order.${column}`);
  const everywhere = (rows: number) => Object.fromEntries(columns.map((column) => [column, rows]));
  expect(await traces()).toEqual(everywhere(2));
  await erase(sent.id);
  expect(await traces()).toEqual(everywhere(1));
  await erase(cancelled.id);
  expect(await traces()).toEqual({});
  expect(lines.length).toBeGreaterThan(10);
  expect(told(lines.join(''))).toEqual([]);
});

test('T25 a refusal says what is wrong with personal data without repeating it', async () => {
  const bad = input({
    contact: {
      ...receiver.contact,
      name: `${receiver.contact.name}${'x'.repeat(100)}`,
      phone: '1398765432100',
    },
    address: { ...receiver.address, lines: [...receiver.address.lines, ' '], postalCode: 'x' },
  });
  const refused = await app.admin.refusal('orderPlace', bad);
  expect(refused.map(({ code }) => code).sort()).toEqual([
    'PHONE_INVALID',
    'POSTAL_CODE_INVALID',
    'REQUIRED',
    'TOO_LONG',
  ]);
  expect(told(JSON.stringify(refused))).toEqual([]);
});

test('T25 an order that fails unexpectedly leaves no personal data in the answer or in the log', async () => {
  await app.sql(`ALTER TABLE person_order ADD CONSTRAINT broken CHECK (name NOT LIKE '欧阳%')`);
  lines.length = 0;
  const answer = await app.admin.run(
    'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { userErrors { code } } }',
    { input: input() },
  );
  expect(answer.errors[0]?.extensions).toMatchObject({ code: 'INTERNAL', errorId: expect.any(String) });
  expect(told(JSON.stringify(answer))).toEqual([]);
  const logged = lines.filter((line) => line.includes(String(answer.errors[0]?.extensions?.errorId)));
  expect(logged).toHaveLength(1);
  expect(told(lines.join(''))).toEqual([]);
});
