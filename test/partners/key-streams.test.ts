// Streams that a key opened end with it, over either door.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { clock } from '../setup/clock.ts';
import type { Stream } from '../setup/stream.ts';

const app = await startApp();
const { admin, clientFor, given } = app;

/** Two seconds are promised; tests allow three times that. */
const PROMISED_MS = 3 * 2_000;
const FEED = 'subscription { stockEvents { cursor type stock { onHand } } }';
const scopes = ['stock:read'];

/** Open streams over both doors and wait until they run. */
async function watch(client: Client): Promise<Stream<unknown>[]> {
  const streams = [client.subscribe(FEED), client.subscribeSse(FEED)];
  for (const stream of streams) await stream.next();
  return streams;
}

async function expectEnded([socket, sse]: Stream<unknown>[]): Promise<void> {
  const within = <Value>(promise: Promise<Value> | undefined) =>
    Promise.race([promise, sleep(PROMISED_MS, 'still open', { ref: false })]);
  expect(await within(socket?.closed)).toMatchObject({ code: 4403 });
  expect(await within(sse?.ended)).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
}

test('C48 C57 G28 G36 end within two seconds when the key is revoked, and those of others go on', async () => {
  const key = await given.key({ scopes });
  const other = await given.key({ scopes, partner: key.partnerId });
  const [streams, others] = [await watch(key), await watch(other)];
  const { variantId, locationId } = await given.stockedVariant({ onHand: 0 });
  await given.receive(variantId, locationId, 3);
  for (const stream of [...streams, ...others])
    await stream.next((item) => JSON.stringify(item).includes('"type":"stock.received"'));
  await admin.act('keyRevoke', { keyId: key.keyId, reason: 'Lost' });
  await expectEnded(streams);
  await given.receive(variantId, locationId, 4);
  for (const stream of others) await stream.next((item) => JSON.stringify(item).includes('"onHand":7'));
  const [socket, sse] = streams;
  for (const stream of [socket, sse]) expect(JSON.stringify(stream?.items)).not.toContain('"onHand":7');
  expect(await key.codes('{ __typename }')).toEqual(['UNAUTHENTICATED']);
});

test('C57 G28 end within two seconds when the key expires', async () => {
  const expiresAt = new Date(Date.now() + 2_500).toISOString();
  const key = await given.key({ scopes, expiresAt });
  const streams = await watch(key);
  expect(streams.map(({ errors }) => errors)).toEqual([[], []]);
  await expectEnded(streams);
  expect(Date.now()).toBeGreaterThanOrEqual(new Date(expiresAt).getTime());
});

test('C48 G28 end when the partner is archived', async () => {
  const key = await given.key({ scopes });
  const streams = await watch(key);
  await admin.act('partnerArchive', { partnerId: key.partnerId });
  await expectEnded(streams);
});

test('G36 C57 G28 end when the key is rotated; they open again within the overlap, and end when that is over', async () => {
  const key = await given.key({ scopes });
  const streams = await watch(key);
  // An overlap of an hour that began an hour ago but for three seconds.
  clock.pass({ hours: -1, seconds: 3 });
  const { secret } = await admin.act<{ secret: string }>(
    'keyRotate',
    { keyId: key.keyId, overlapHours: 1 },
    'apiKey { id } secret',
  );
  clock.reset();
  await expectEnded(streams);
  const successor = await watch(clientFor(secret));
  await expectEnded(await watch(key));
  expect(await key.codes('{ __typename }')).toEqual(['UNAUTHENTICATED']);
  expect(successor.map(({ errors }) => errors)).toEqual([[], []]);
});

test('G28 C57 a key without the permission of a feed is refused on subscribing, and the missing one is named', async () => {
  const key = await given.key({ scopes: ['orders:read'] });
  for (const stream of [key.subscribe(FEED), key.subscribeSse(FEED)])
    expect(await stream.ended).toMatchObject([
      { extensions: { code: 'FORBIDDEN', requiredPermission: 'stock.read' } },
    ]);
});
