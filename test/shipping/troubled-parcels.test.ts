// Parcels that are refused, come back or get lost: their orders wait for after-sales.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { dockIn } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);
const at = await dock.open();

const track = (trackingNumber: string, status: string) =>
  dock.track(trackingNumber, [[status, new Date().toISOString()]]);

test.each([
  ['REFUSED', 'The receiver refused shipment {number}.', '发货单 {number} 被收件人拒收。'],
  ['RETURNED', 'Shipment {number} came back.', '发货单 {number} 已退回。'],
  ['LOST', 'The carrier lost shipment {number}.', '发货单 {number} 已丢失。'],
])('%s stops the order, and everybody reads why in their own language', async (status, en, zh) => {
  const order = await dock.order(at);
  const { number, trackingNumber } = await dock.send(order);
  await track(trackingNumber, status);
  await dock.shop.reaches(order.id, { held: true });
  const { holds } = await dock.orderState(order);
  expect(holds.edges.map(({ node }) => node.kind)).toEqual(['AFTER_SALES']);
  const filled = (text: string) => [text.replace('{number}', number)];
  expect(await dock.shop.reasons(order.id)).toEqual({ en: filled(en), zh: filled(zh) });
});

test('an order that waits for after-sales already is not stopped again', async () => {
  const order = await dock.order(at);
  const { trackingNumber } = await dock.send(order);
  await track(trackingNumber, 'REFUSED');
  await dock.shop.reaches(order.id, { held: true });
  await track(trackingNumber, 'RETURNED');
  // What comes later in the log is handled later: once this one is held, the return was looked at.
  const later = await dock.order(at);
  const lost = await dock.send(later);
  await track(lost.trackingNumber, 'LOST');
  await dock.shop.reaches(later.id, { held: true });
  expect((await dock.orderState(order)).holds.edges).toHaveLength(1);
});
