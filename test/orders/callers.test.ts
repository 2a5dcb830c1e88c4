// The caller on the phone: colleagues find their orders by number, e-mail address or name; nobody guesses with it.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { shopIn } from './shop.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [1_000]);

const to = async (contact: object, address: object = {}): Promise<string> => {
  const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }], { contact });
  const { order } = await app.admin.act<{ order: { id: string } }>(
    'orderPlace',
    { ...input, address: { ...(input.address as object), ...address } },
    'order { id }',
  );
  return order.id;
};

const found = async (where: object, by: Client = app.admin): Promise<string[]> =>
  (
    await by.ok<{ orders: { edges: { node: { id: string } }[] } }>(
      'query ($where: OrderWhere) { orders(first: 100, where: $where) { edges { node { id } } } }',
      { where },
    )
  ).orders.edges.map(({ node }) => node.id);

test('an order is found by the phone number of its receiver, however the two are spelled', async () => {
  const spelled = ['13912345678', '+86 139 1234 5678', '139-1234-5678', '0086 13912345678'];
  const ids: string[] = [];
  for (const phone of spelled) ids.unshift(await to({ name: '韩梅梅', phone }));
  await to({ name: '韩梅梅', phone: '13912345679' });
  for (const phone of [...spelled, '+8613912345678']) expect(await found({ phone }), phone).toEqual(ids);
  expect(await found({ phone: '12345678' })).toEqual([]);
  expect(await found({ phone: 'no digits' })).toEqual([]);
});

test('a number outside China is found with its country code and as dialled there', async () => {
  const london = { country: 'GB', region: undefined, city: 'London', district: undefined };
  const id = await to({ name: 'Ann', phone: '07911 123456' }, london);
  for (const phone of ['+44 7911 123456', '07911123456']) expect(await found({ phone }), phone).toEqual([id]);
});

test('an order is found by e-mail address and by the exact name, and by all that is asked for at once', async () => {
  const id = await to({ name: '魏华', email: 'Hua.Wei@Example.com', phone: '13700000001' });
  const other = await to({ name: '魏华', phone: '13700000002' });
  expect(await found({ email: 'HUA.wei@example.com' })).toEqual([id]);
  expect(await found({ receiverName: '魏华' })).toEqual([other, id]);
  expect(await found({ receiverName: '魏' })).toEqual([]);
  expect(await found({ receiverName: '魏华', phone: '13700000002' })).toEqual([other]);
  expect(await found({ email: 'hua.wei@example.com', phone: '13700000002' })).toEqual([]);
});

test('T24 a clerk of another store finds nobody', async () => {
  await to({ name: '林涛', phone: '13800001111' });
  const elsewhere = await shop.open();
  const permissions = ['orders.read', 'contacts.read'];
  const clerk = await app.given.staff({ permissions, stores: [elsewhere.storeId] });
  expect(await found({ phone: '13800001111' }, clerk)).toEqual([]);
  expect(await found({ receiverName: '林涛' }, clerk)).toEqual([]);
});

test('T25 who reads contacts masked cannot guess them with a filter', async () => {
  const reader = await app.given.staff({ permissions: ['orders.read'] });
  const document = 'query ($where: OrderWhere) { orders(where: $where) { totalCount } }';
  const where = { phone: '13912345678', email: 'a@example.com', receiverName: '韩梅梅' };
  const { errors, data } = await reader.run(document, { where });
  expect(data).toBeNull();
  expect(errors[0]?.extensions).toMatchObject({
    code: 'BAD_INPUT',
    problems: ['phone', 'email', 'receiverName'].map((field) => ({
      code: 'NOT_PERMITTED',
      path: ['where', field],
    })),
  });
  expect(await reader.codes(document, { where: { receiverName: 'x' } })).toEqual(['BAD_INPUT']);
});

test('a search by phone number sends one statement more, whatever it finds', async () => {
  const page = 'query ($where: OrderWhere) { orders(where: $where) { edges { node { number } } } }';
  const count = async (where: object) => (await app.statementsOf(() => app.admin.ok(page, { where }))).length;
  expect(await count({ phone: '13912345678' })).toBe((await count({})) + 1);
});
