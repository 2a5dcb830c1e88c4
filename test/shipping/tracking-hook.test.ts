// The door for carriers: signed messages on a connection, for its own carriers only.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Machine } from '../setup/partners.ts';
import { dockIn } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);
const at = await dock.open();

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
const eventsOf = (...statuses: string[]) =>
  statuses.map((status, i) => ({ status, occurredAt: hoursAgo(statuses.length - i) }));

/** A connection by which a reference carrier reports from now on. */
async function reporting(code: string, expectedVersion = 1): Promise<Machine> {
  const machine = await app.given.connection({ kind: 'TRACKING' });
  await app.admin.act('carrierChange', {
    carrierId: await dock.carrier(code),
    expectedVersion,
    connectionId: machine.connectionId,
  });
  return machine;
}

test('C30 a carrier’s signed message moves its parcel; the same message again moves nothing', async () => {
  const sf = await reporting('sf');
  const { id, trackingNumber } = await dock.send(await dock.order(at));
  const message = { carrier: 'sf', trackingNumber, events: eventsOf('PICKED_UP', 'DELIVERED') };
  expect(await sf.send(message)).toEqual({ status: 200, json: { result: 'DONE', received: 2 } });
  const delivered = await dock.shipment(id);
  expect(delivered).toMatchObject({ state: 'DELIVERED', version: 4 });
  expect(await sf.send(message)).toEqual({ status: 200, json: { result: 'REPEATED', received: 0 } });
  expect(await dock.shipment(id)).toEqual(delivered);
  const { node } = await app.admin.ok<{ node: object }>(
    `query ($id: ID!) { node(id: $id) { ... on Shipment { timeline(last: 1) { edges { node {
      type payload source actor { kind } } } } } } }`,
    { id },
  );
  expect(node).toMatchObject({
    timeline: {
      edges: [
        {
          node: {
            type: 'shipment.delivered',
            payload: { status: 'DELIVERED', occurredAt: message.events[1]?.occurredAt },
            source: 'hook',
            actor: { kind: 'KEY' },
          },
        },
      ],
    },
  });
});

test('moments with any offset mean the same moment', async () => {
  const yto = await reporting('yto');
  const trackingNumber = dock.trackingNumber();
  const event = (occurredAt: string) => ({
    carrier: 'yto',
    trackingNumber,
    events: [{ status: 'PICKED_UP', occurredAt }],
  });
  expect(await yto.send(event('2026-11-01T08:00:00+08:00'))).toMatchObject({ json: { result: 'DONE' } });
  expect(await yto.send(event('2026-11-01T00:00:00.000Z'))).toMatchObject({ json: { result: 'REPEATED' } });
});

test('two connections that report on one parcel: only the carrier’s own is heard', async () => {
  const [zto, sto] = [await reporting('zto'), await reporting('sto')];
  const { id, trackingNumber } = await dock.send(await dock.order(at), {
    carrierId: await dock.carrier('zto'),
  });
  const message = { carrier: 'zto', trackingNumber, events: eventsOf('PICKED_UP') };
  const [own, foreign] = await Promise.all([zto.send(message), sto.send(message)]);
  expect(own.status).toBe(200);
  expect(foreign).toEqual({
    status: 403,
    json: { message: 'This connection does not report for zto.', problems: [] },
  });
  expect(await sto.send({ ...message, carrier: 'nobody' })).toEqual({
    status: 403,
    json: { message: 'This connection does not report for nobody.', problems: [] },
  });
  expect(await dock.shipment(id)).toMatchObject({ state: 'IN_TRANSIT', version: 3 });
  // Another carrier may have a parcel of the same number.
  expect(await sto.send({ ...message, carrier: 'sto' })).toMatchObject({ json: { result: 'DONE' } });
  expect(await dock.shipment(id)).toMatchObject({ version: 3 });
});

test('forged, altered and old messages, unknown connections and those of payments change nothing', async () => {
  const ems = await reporting('ems');
  const payment = await app.given.connection({ kind: 'PAYMENT' });
  const { id, trackingNumber } = await dock.send(await dock.order(at), {
    carrierId: await dock.carrier('ems'),
  });
  const message = { carrier: 'ems', trackingNumber, events: eventsOf('PICKED_UP') };
  const altered = JSON.stringify({ ...message, events: eventsOf('LOST') });
  expect(await ems.send(message, { secret: payment.secret })).toMatchObject({ status: 401 });
  expect(await ems.send(message, { instead: altered })).toMatchObject({ status: 401 });
  expect(await ems.send(message, { signedAt: new Date(Date.now() - 6 * 60_000) })).toMatchObject({
    status: 401,
  });
  const post = (path: string, init: RequestInit = { method: 'POST', body: '{}' }) =>
    fetch(`${app.origin}${path}`, init).then(({ status }) => status);
  expect(await post('/hooks/tracking/nobody')).toBe(401);
  expect(await post(`/hooks/tracking/${payment.code}`)).toBe(401);
  expect(await post(ems.path)).toBe(401);
  expect(await post(ems.path, {})).toBe(405);
  expect(await post(ems.path, { method: 'POST', body: 'x'.repeat(600 * 1024) })).toBe(413);
  expect(await dock.shipment(id)).toMatchObject({ state: 'DISPATCHED', version: 2 });
});

test('what is wrong with a signed message is said at once, with its place', async () => {
  const dhl = await reporting('dhl');
  expect(await dhl.send('no json')).toMatchObject({ status: 400 });
  const wrong = await dhl.send({
    carrier: 'dhl',
    trackingNumber: '!',
    events: [{ status: 'TELEPORTED', occurredAt: 'yesterday' }],
  });
  expect(wrong.status).toBe(400);
  const { problems } = wrong.json as { problems: { code: string; path: unknown[] }[] };
  expect(problems.map(({ code, path }) => `${code} ${path.join('.')}`).sort()).toEqual([
    'INVALID events.0.occurredAt',
    'INVALID events.0.status',
    'INVALID trackingNumber',
  ]);
  const ahead = await dhl.send({
    carrier: 'dhl',
    trackingNumber: dock.trackingNumber(),
    events: [{ status: 'PICKED_UP', occurredAt: hoursAgo(-30) }],
  });
  expect(ahead).toMatchObject({
    status: 422,
    json: { problems: [{ code: 'OUT_OF_RANGE', path: ['events', 0, 'occurredAt'] }] },
  });
});
