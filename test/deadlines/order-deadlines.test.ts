// The deadlines of orders as the world sees them.

import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);

interface Deadline {
  kind: string;
  title: string;
  state: string;
  startedAt: string;
  dueAt: string;
}

const DEADLINES = 'deadlines { kind title state startedAt dueAt pausedAt settledAt }';

test('an order tells colleagues its deadlines in their language, newest first, with one statement for a page', async () => {
  const at = await shop.open({ policies: { payWithinMinutes: 30, confirmWithinMinutes: 15 } });
  const { variantId } = await shop.variant(at, [10]);
  const orders = [];
  for (let i = 0; i < 5; i++) orders.push(await shop.place(at.storeId, [{ variantId, quantity: 1 }]));
  const [order] = orders;
  const read = `query ($id: ID!) { node(id: $id) { ... on Order { ${DEADLINES} } } }`;
  const { node } = await app.admin
    .speaking('zh')
    .ok<{ node: { deadlines: Deadline[] } }>(read, { id: order?.id });
  const minutes = ({ startedAt, dueAt }: Deadline) => (Date.parse(dueAt) - Date.parse(startedAt)) / 60_000;
  expect(node.deadlines.map((one) => [one.kind, one.title, one.state, minutes(one)])).toEqual([
    ['order.confirmation', '订单确认', 'RUNNING', 15],
    ['order.payment', '付款', 'RUNNING', 30],
  ]);
  const page = (first: number) =>
    app.statementsOf(() =>
      app.admin.ok(`{ orders(first: ${first}) { edges { node { id ${DEADLINES} } } } }`),
    );
  expect((await page(5)).length).toBe((await page(1)).length);
});

test('C57 shoppers do not see the department’s own clocks', async () => {
  const at = await shop.open({ policies: { payWithinMinutes: 30 } });
  const { variantId } = await shop.variant(at, [10]);
  const customer = await app.given.customer();
  const { id } = await shop.place(at.storeId, [{ variantId, quantity: 1 }], customer);
  const read = 'query ($id: ID!) { node(id: $id) { ... on Order { number deadlines { kind } } } }';
  expect(await customer.ok(read, { id })).toEqual({ node: { number: expect.any(String), deadlines: [] } });
});
