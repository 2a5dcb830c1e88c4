// The audit log: who finds which events in it.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';

const { admin, given } = await startApp({ env: { BACKGROUND: 'off' } });

const typesFor = async (client: Client, where: object = {}): Promise<Set<string>> => {
  const { events } = await client.ok<{ events: { edges: { node: { type: string } }[] } }>(
    'query ($where: EventWhere) { events(first: 100, where: $where) { edges { node { type } } } }',
    { where },
  );
  return new Set(events.edges.map(({ node }) => node.type));
};

await given.customer();
const goods = await given.stockedVariant();
await given.order({ storeId: goods.storeId, lines: [{ variantId: goods.variantId, quantity: 1 }] });

test('C60 C57 events are found by those who may read what they are about', async () => {
  const entity = async (permission?: string) => {
    const permissions = ['events.read', ...(permission ? [permission] : [])];
    return [...(await typesFor(await given.staff({ permissions })))].map((type) => type.split('.')[0]);
  };
  const ofAll = ['carrier', 'category', 'location', 'store'];
  expect(ofAll).toEqual(expect.arrayContaining([...new Set(await entity())]));
  expect(await entity('orders.read')).toContain('order');
  expect(await entity('orders.read')).not.toContain('stock');
  expect(await entity('stock.read')).toContain('stock');
  expect(await entity('staff.read')).toEqual(expect.arrayContaining(['staff', 'post']));
  expect(await entity('staff.read')).not.toContain('session');
  expect(await entity('customers.read')).toContain('customer');
  expect([...(await typesFor(admin))].map((type) => type.split('.')[0])).toEqual(
    expect.arrayContaining(['staff', 'post', 'session', 'customer', 'order', 'stock', 'store']),
  );
});

test('C60 C57 an event of a store and a location is found by those who act in both', async () => {
  const permissions = ['events.read', 'stock.read', 'orders.read', 'shipments.read', 'payments.read'];
  const [store, location] = [await given.store(), await given.location()];
  const find = async (stores: string[], locations: string[]) =>
    typesFor(await given.staff({ permissions, stores, locations }));
  expect((await find([goods.storeId], [goods.locationId])).has('order.placed')).toBe(true);
  expect((await find([store], [goods.locationId])).has('order.placed')).toBe(false);
  expect((await find([goods.storeId], [location])).has('stock.received')).toBe(false);
  expect((await find([store], [goods.locationId])).has('stock.received')).toBe(true);
});

test('C60 C57 a key finds events of its own partner’s program only, and none of sessions', async () => {
  const { viewerPermissions: scopes } = await admin.ok<{ viewerPermissions: string[] }>(
    '{ viewerPermissions }',
  );
  const [key, other] = [await given.key({ scopes }), await given.key({ scopes: ['orders:read'] })];
  expect([...(await typesFor(key, { nodeId: key.keyId }))]).toEqual(['key.issued']);
  expect([...(await typesFor(key, { nodeId: key.partnerId }))]).toEqual(['partner.opened']);
  expect([...(await typesFor(key, { nodeId: other.keyId }))]).toEqual([]);
  expect([...(await typesFor(key, { nodeId: other.partnerId }))]).toEqual([]);
  expect([...(await typesFor(key, { types: ['session.opened', 'customerSession.opened'] }))]).toEqual([]);
  expect([...(await typesFor(admin, { nodeId: other.keyId }))]).toEqual(['key.issued']);

  const sister = await given.key({ scopes, partner: key.partnerId });
  const stranger = await given.key({ scopes });
  const reservationOf = async (by: Client) => {
    const lines = [{ variantId: goods.variantId, quantity: 1 }];
    const input = { idempotencyKey: newKey(), storeId: goods.storeId, lines };
    const { stockReservation } = await by.act<{ stockReservation: { id: string } }>(
      'stockReserve',
      input,
      'stockReservation { id }',
    );
    return stockReservation.id;
  };
  const nodeId = await reservationOf(key);
  // Ended by a colleague, it is still the partner's.
  await admin.act('stockReservationRelease', { stockReservationId: nodeId });
  for (const by of [key, sister, admin])
    expect(await typesFor(by, { nodeId })).toEqual(
      new Set(['stockReservation.placed', 'stockReservation.released']),
    );
  expect(await typesFor(stranger, { nodeId })).toEqual(new Set());
  const shoppers = await reservationOf(await given.customer());
  expect(await typesFor(key, { nodeId: shoppers })).toEqual(new Set());
  expect(await typesFor(admin, { nodeId: shoppers })).toEqual(new Set(['stockReservation.placed']));
});
