// A field that is not for a caller is null or empty; what else they asked for of the order comes all the same.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [100]);

const READ = `query ($id: ID!) { node(id: $id) { ... on Order {
  number customer { id name } payment { terms due { amount } } remarks { totalCount edges { node { text } } }
  holds { edges { node { kind reason } } } } } }`;

test('C57 an order is read by those who may see neither its customer, nor its money, nor remarks, without them', async () => {
  const customer = await app.given.customer();
  const order = await shop.place(at.storeId, [{ variantId, quantity: 1 }], customer);
  await app.admin.act('orderRemark', { orderId: order.id, text: 'For colleagues.' }, 'order { id }');
  await app.admin.act('orderHold', { orderId: order.id, kind: 'RISK', reason: 'Looks odd.' });
  const reader = await app.given.staff({ permissions: ['orders.read'] });
  const { number } = order;
  const none = { totalCount: 0, edges: [] };
  expect(await reader.ok(READ, { id: order.id })).toEqual({
    node: {
      number,
      customer: null,
      payment: null,
      remarks: none,
      holds: { edges: [{ node: { kind: 'RISK', reason: 'Looks odd.' } }] },
    },
  });
  const key = await app.given.key({ scopes: ['orders.read'] });
  expect(await key.ok(READ, { id: order.id })).toEqual({
    node: {
      number,
      customer: null,
      payment: null,
      remarks: none,
      holds: { edges: [{ node: { kind: 'RISK', reason: '' } }] },
    },
  });
  expect(await customer.ok(READ, { id: order.id })).toEqual({
    node: {
      number,
      customer: { id: customer.customerId, name: 'A customer' },
      payment: { terms: 'PREPAID', due: { amount: '10.00' } },
      remarks: none,
      holds: { edges: [] },
    },
  });
});

test('G8 a list that is not for the caller is not read', async () => {
  await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  const reader = await app.given.staff({ permissions: ['orders.read'] });
  const ask =
    '{ orders(first: 1) { edges { node { number remarks { totalCount edges { node { text } } } } } } }';
  const statements = await app.statementsOf(() => reader.ok(ask));
  expect(statements.filter((sql) => sql.includes('order_remark'))).toEqual([]);
});

test('C57 who may do a thing and not see it is answered that it was done, with null or nothing for what it was done to', async () => {
  const place = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }]);
  const receive = {
    idempotencyKey: newKey(),
    locationId: at.locationIds[0],
    lines: [{ variantId, quantity: 1 }],
  };
  const writer = await app.given.key({ scopes: ['orders.place', 'stock.receive'] });
  const done = { order: null, userErrors: [] };
  expect(await writer.act('orderPlace', place, 'order { id lines { edges { node { id } } } }')).toEqual(done);
  // A repeated call as well; and to those who may, it shows.
  expect(await writer.act('orderPlace', place, 'order { __typename }')).toEqual(done);
  expect(await app.sql('SELECT FROM idempotency_record WHERE key = $1', [place.idempotencyKey])).toHaveLength(
    1,
  );
  expect(await writer.act('stockReceive', receive, 'location { id } stocks { id onHand }')).toMatchObject({
    stocks: [],
    userErrors: [],
  });
  const stocks = await app.admin.act<{ stocks: object[] }>(
    'stockReceive',
    { ...receive, idempotencyKey: newKey() },
    'stocks { onHand }',
  );
  expect(stocks.stocks).toEqual([{ onHand: 102 }]);
});
