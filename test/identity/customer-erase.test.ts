// Erasing customers: nothing stays of the person, what they did stays, and nobody is erased while orders are open.

import { expect, test, vi } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey, PASSWORD } from '../setup/given.ts';
import { address } from '../setup/goods.ts';
import { greetedSocket, inTime } from './endings.ts';

const app = await startApp();
const { admin, anonymous, clientFor, given, sql } = app;
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [100]);

const erase = (client: Client) =>
  client.act('customerErase', { customerId: client.customerId, password: PASSWORD });
const stateOf = async (client: Client) => {
  const document = `query ($id: ID!) { node(id: $id) { ... on Customer {
    state name email phone erasedAt version addresses { totalCount } } } }`;
  return (await admin.ok<{ node: Record<string, unknown> }>(document, { id: client.customerId })).node;
};

/** Tables in which a text stands, in whatever column. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await sql<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await sql(`SELECT 1 FROM "${name}" t WHERE t::text ILIKE '%' || $1 || '%' LIMIT 1`, [text]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

const placeFor = async (client: Client, wishes: object = {}) => {
  const customer = { customerId: client.customerId, ...wishes };
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }], customer);
  return (await admin.act<{ order: { id: string } }>('orderPlace', input, 'order { id }')).order.id;
};

const cancel = (orderId: string) =>
  admin.act('orderCancel', { idempotencyKey: newKey(), orderId, reason: 'CUSTOMER_REQUEST' });

test('T25 a customer erases themself: nothing of the person is left in any table, orders included, and the account is closed', async () => {
  const person = { name: 'Nora Unmistakable', email: 'nora.u@test.example', phone: '13987654321' };
  const client = await given.customer(person);
  const receiver = {
    name: 'Otto Unmistakable',
    phone: '13800138000',
    address: { ...address, lines: ['Unmistakable Road 1'] },
  };
  await client.act('customerAddressKeep', receiver);
  const { name, phone } = receiver;
  await cancel(await placeFor(client, { contact: { name, phone }, address: receiver.address }));
  const traces = ['unmistakable', 'nora.u@', '13987654321'];
  expect(await tablesWith('unmistakable')).toEqual([
    'person_customer',
    'person_customer_address',
    'person_order',
  ]);
  const socket = await greetedSocket(app.wsUrl, client);
  await erase(client);
  expect((await client.run('{ __typename }')).status).toBe(401);
  expect(await inTime(socket.closed)).toMatchObject({ code: 4403 });
  // Orders follow the event.
  const left = async () => (await Promise.all(traces.map(tablesWith))).flat();
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 20_000, interval: 200 });
  expect(await stateOf(client)).toEqual({
    state: 'ERASED',
    name: '',
    email: null,
    phone: null,
    erasedAt: expect.any(String),
    version: 3,
    addresses: { totalCount: 0 },
  });
  const sessions = await sql('SELECT address, user_agent, revoked_at IS NULL AS live FROM customer_session');
  expect(sessions).toEqual([{ address: null, user_agent: null, live: false }]);
});

test('T25 C60 what happened stays in the log, with who erased and why, and without what was erased', async () => {
  const client = await given.customer();
  const officer = await given.staff({ permissions: ['customers.read', 'customers.erase'] });
  const input = { customerId: client.customerId, reason: 'Request of 22 November' };
  await officer.act('customerErase', input, 'customer { state }');
  const document = `query ($id: ID!) { node(id: $id) { ... on Customer { timeline(last: 1) { edges { node {
    type payload actor { nodeId } changes { field before after withheld } } } } } } }`;
  const withheld = (field: string) => ({ field, before: null, after: null, withheld: true });
  expect(await admin.ok(document, { id: client.customerId })).toEqual({
    node: {
      timeline: {
        edges: [
          {
            node: {
              type: 'customer.erased',
              payload: { reason: input.reason },
              actor: { nodeId: officer.staffId },
              changes: [
                { field: 'state', before: 'ACTIVE', after: 'ERASED', withheld: false },
                ...['name', 'email', 'phone', 'addresses'].map(withheld),
              ],
            },
          },
        ],
      },
    },
  });
});

test('T25 customers prove their password, staff need the permission and a reason', async () => {
  const [client, other] = [await given.customer(), await given.customer()];
  const { customerId } = client;
  const refused = async (who: Client, input: object) =>
    brief(await who.refusal('customerErase', { customerId, ...input }));
  expect(await refused(client, {})).toEqual(['REQUIRED input.password']);
  expect(await refused(client, { password: 'not mine at all' })).toEqual(['LOGIN_FAILED input.password']);
  expect(await refused(other, { password: PASSWORD })).toEqual(['NOT_FOUND input.customerId']);
  expect(await refused(given.guest(), { password: PASSWORD })).toEqual(['LOGIN_FAILED input.password']);
  expect(await refused(admin, { password: PASSWORD })).toEqual(['REQUIRED input.reason']);
  const manager = await given.staff({ permissions: ['customers.read', 'customers.manage'] });
  const document =
    'mutation ($input: CustomerEraseInput!) { customerErase(input: $input) { userErrors { code } } }';
  expect(await manager.codes(document, { input: { customerId, reason: 'x' } })).toEqual(['FORBIDDEN']);
  expect(await stateOf(client)).toMatchObject({ state: 'ACTIVE', version: 1 });
});

test('T25 nobody is erased while an order of theirs is open', async () => {
  const client = await given.customer();
  const orderId = await placeFor(client);
  const input = { customerId: client.customerId, reason: 'Request' };
  const refused = async () => brief(await admin.refusal('customerErase', input));
  expect(await refused()).toEqual(['OPEN_ORDERS input.customerId']);
  await admin.act('orderConfirm', { orderId });
  expect(await refused()).toEqual(['OPEN_ORDERS input.customerId']);
  await cancel(orderId);
  await admin.act('customerErase', input);
  expect(await stateOf(client)).toMatchObject({ state: 'ERASED' });
});

test('T25 nobody is erased while an order of theirs is not paid, or money of one goes back', async () => {
  const client = await given.customer();
  const orderId = await placeFor(client);
  await cancel(orderId);
  const input = { customerId: client.customerId, reason: 'Request' };
  // As an order on credit that was completed, and one whose refund is under way.
  const uuid = Buffer.from(orderId, 'base64url').toString().split(':')[1];
  for (const money of [
    'due_minor = 100',
    'due_minor = 0, captured_minor = 100, refunding_minor = 100',
    'due_minor = 100, captured_minor = 100, refunding_minor = 0, refunded_minor = 100',
  ]) {
    await sql(`UPDATE payment_account SET ${money} WHERE order_id = $1`, [uuid]);
    expect(brief(await admin.refusal('customerErase', input)), money).toEqual([
      'OPEN_ORDERS input.customerId',
    ]);
  }
  await sql('UPDATE payment_account SET due_minor = 0 WHERE order_id = $1', [uuid]);
  await admin.act('customerErase', input);
});

test('erasing again changes nothing, an erased customer cannot be changed, and the e-mail address is free', async () => {
  const email = 'again@test.example';
  const client = await given.customer({ email });
  await erase(client);
  const before = await stateOf(client);
  const { customerId } = client;
  await admin.act('customerErase', { customerId, reason: 'Once more' });
  expect(await stateOf(client)).toEqual(before);
  const change = { customerId, expectedVersion: before.version, name: 'X' };
  expect(brief(await admin.refusal('customerChange', change))).toEqual(['ILLEGAL_STATE input.customerId']);
  const again = await given.customer({ email });
  expect(again.customerId).not.toBe(customerId);
});

test('T25 no session outlives the erasure, however the two meet', async () => {
  const email = 'racing@test.example';
  const client = await given.customer({ email });
  const open = () =>
    anonymous
      .run<{ customerSessionOpen: { token: string | null } }>(
        'mutation ($input: CustomerSessionOpenInput!) { customerSessionOpen(input: $input) { token userErrors { code } } }',
        { input: { email, password: PASSWORD } },
      )
      .then(({ data }) => data?.customerSessionOpen.token ?? null);
  const erasing = admin.act('customerErase', { customerId: client.customerId, reason: 'Request' });
  const tokens = (await Promise.all(Array.from({ length: 6 }, open))).filter((token) => token !== null);
  await erasing;
  const statuses = await Promise.all(
    tokens.map(async (token) => (await clientFor(token).run('{ __typename }')).status),
  );
  expect(statuses).toEqual(tokens.map(() => 401));
});
