// How many SQL statements reads of shipments send, whatever the number of rows.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { dockIn } from './dock.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const dock = dockIn(app);
const at = await dock.open();

/** Documents, and the most statements each may send; the session is one of them. */
const reads: [name: string, most: number, document: string][] = [
  [
    'shipments with all that hangs on them',
    4,
    `query ($first: Int!) { shipments(first: $first) { totalCount edges { node {
      number state trackingNumber dispatchedAt firstScanAt deliveredAt allowedActions { action allowed }
      order { number state store { name } } location { name } carrier { name }
      lines(first: 3) { totalCount edges { node { quantity orderLine { sku variant { sku } } } } }
      trackingEvents(first: 3) { totalCount edges { node { title occurredAt shipment { number } } } }
      timeline(first: 2) { edges { node { type } } } } } } }`,
  ],
  [
    'orders with their shipments',
    2,
    `query ($first: Int!) { orders(first: $first) { edges { node {
      number shipments(first: 3) { totalCount edges { node { number state carrier { name } } } } } } } }`,
  ],
  ['carriers', 2, 'query ($first: Int!) { carriers(first: $first) { edges { node { code name } } } }'],
];

test('no read of shipments sends more statements for 30 rows than for 1', {
  timeout: 120_000,
}, async () => {
  for (let i = 0; i < 30; i++) {
    const { trackingNumber } = await dock.send(await dock.order(at, { quantity: 1 }));
    await dock.track(trackingNumber, [['PICKED_UP', new Date().toISOString()]]);
  }
  for (const [name, most, document] of reads) {
    await app.admin.ok(document, { first: 30 });
    const counts: number[] = [];
    for (const first of [1, 10, 30])
      counts.push((await app.statementsOf(() => app.admin.ok(document, { first }))).length);
    expect(counts, name).toEqual(Array(3).fill(counts[0]));
    expect(counts[0], name).toBeLessThanOrEqual(most);
  }
});

test('the way of an order is read in one statement', async () => {
  const order = await dock.order(at);
  const { trackingNumber } = await dock.send(order);
  await dock.track(trackingNumber, [['PICKED_UP', new Date().toISOString()]]);
  const read = () =>
    app.admin.ok(
      'query ($id: ID) { orderTrack(orderId: $id) { number shipments { carrier events { title } } } }',
      { id: order.id },
    );
  await read();
  expect(await app.statementsOf(read)).toHaveLength(2);
});
