// What colleagues write about money stays among them, and the ledger is for who may see the account.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { tillIn } from './till.ts';

const app = await startApp();
const till = tillIn(app);

const WORDS = 'Sesame opens';

test('O58 remarks on payments and refunds are for colleagues: partners and shoppers read none', async () => {
  const customer = await app.given.customer();
  const gateway = await till.gateway({ callable: false });
  const order = await till.order({ by: customer });
  await till.sell(order, gateway);
  await till.record(order, '5.00', { note: WORDS });
  await till.refund(order, { lines: [{ orderLineId: order.lineId, quantity: 1 }], note: WORDS });
  const notesOf = async (client: typeof customer) => {
    const { node } = await client.ok<{
      node: { payment: Record<'payments' | 'refunds', { edges: { node: { note: string | null } }[] }> };
    }>(
      `query ($id: ID!) { node(id: $id) { ... on Order { payment {
        payments { edges { node { note } } } refunds { edges { node { note } } } } } } }`,
      { id: order.id },
    );
    const { payments, refunds } = node.payment;
    return [...payments.edges, ...refunds.edges]
      .map((edge) => edge.node.note)
      .filter((note) => note !== null);
  };
  expect(new Set(await notesOf(app.admin))).toEqual(new Set([WORDS]));
  const key = await app.given.key({ scopes: ['payments.read', 'orders.read'] });
  expect(await notesOf(key)).toEqual([]);
  expect(await notesOf(customer)).toEqual([]);
});

test('G12 an entry of the ledger is for those who may see its account: its store’s staff, no shopper', async () => {
  const customer = await app.given.customer();
  const [order, elsewhere] = [await till.order({ by: customer }), await till.order()];
  const { node } = await app.admin.ok<{
    node: { payment: { ledger: { edges: { node: { id: string } }[] } } };
  }>('query ($id: ID!) { node(id: $id) { ... on Order { payment { ledger { edges { node { id } } } } } } }', {
    id: order.id,
  });
  const id = node.payment.ledger.edges[0]?.node.id;
  const permissions = ['orders.read', 'payments.read'];
  const own = await app.given.staff({ permissions, stores: [order.storeId] });
  const strangers = [
    await app.given.staff({ permissions, stores: [elsewhere.storeId] }),
    await app.given.staff({ permissions: ['orders.read'] }),
    await app.given.key({ scopes: permissions, stores: [elsewhere.storeId] }),
    customer,
    app.given.guest(),
    app.anonymous,
  ];
  const document =
    'query ($id: ID!) { node(id: $id) { ... on PaymentLedgerEntry { delta { amount } actorId requestId } } }';
  expect((await own.run(document, { id })).data).toMatchObject({ node: { delta: { amount: '30.00' } } });
  for (const stranger of strangers) {
    const { data } = await stranger.run<{ node: object | null }>(document, { id });
    expect(data?.node ?? null).toBeNull();
  }
});
