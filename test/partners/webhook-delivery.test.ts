// Deliveries: signed, of what the key may see, tried again until they arrive or are given up, and logged.

import { describe, expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { receiver, scopes, verifies, waits, webhooksIn } from './receivers.ts';

const app = await startApp();
const { admin, given, sql } = app;
const hooks = webhooksIn(app);
const shop = shopIn(app);

/** Locations that were opened at once: as many events. */
const openLocations = (count: number) => Promise.all(Array.from({ length: count }, () => given.location()));

describe('a message', () => {
  test('C59 G38 is what a feed tells and a document answers, signed so that the libraries verify it', async () => {
    const at = await shop.open();
    const { variantId } = await shop.variant(at, [10]);
    const [partner, plain] = [await receiver(), await receiver()];
    const document = `query ($nodeId: ID!) { node(id: $nodeId) { ... on Order {
      number state contact { name phone masked } lines { edges { node { quantity variant { sku } } } } } } }`;
    const hook = await hooks.open(partner.url, { types: ['order.*'], document });
    const thin = await hooks.open(plain.url, { types: ['order.placed'] });
    const feed = hook.key.subscribe<{ orderEvents: Record<string, unknown> }>(
      'subscription { orderEvents { type occurredAt cursor nodeId version payload changes { field before after withheld } } }',
    );
    await feed.next();
    const order = await shop.place(at.storeId, [{ variantId, quantity: 2 }]);
    const heard = await partner.hears(({ type }) => type === 'order.placed');
    expect([verifies(hook.secret, heard), verifies(thin.secret, heard)]).toEqual([true, false]);
    const told = (await feed.next((item) => item.orderEvents.type === 'order.placed')).orderEvents;
    expect(heard.json).toEqual({
      ...told,
      sequence: expect.any(Number),
      data: {
        node: {
          number: order.number,
          state: 'PENDING_CONFIRMATION',
          contact: { name: '李*', phone: '+86****5678', masked: true },
          lines: { edges: [{ node: { quantity: 2, variant: { sku: expect.any(String) } } }] },
        },
      },
    });
    const { data, ...event } = heard.json;
    expect((await plain.hears()).json).toEqual(event);
    await admin.act('orderConfirm', { orderId: order.id });
    const confirmed = await partner.hears(({ type }) => type === 'order.confirmed');
    expect(confirmed.json.data).toMatchObject({ node: { state: 'CONFIRMED' } });
    expect(confirmed.json.sequence).toBeGreaterThan(heard.json.sequence ?? Infinity);
    await expect.poll(() => hooks.deliveries(hook, { states: ['PENDING'] }), waits).toEqual([]);
    expect((await hooks.deliveries(thin)).map(({ id, ...delivery }) => delivery)).toEqual([
      {
        messageId: plain.heard[0]?.id,
        type: 'order.placed',
        isTest: false,
        cursor: event.cursor,
        nodeId: order.id,
        state: 'DELIVERED',
        reason: null,
        nextAttemptAt: null,
        attemptCount: 1,
        settledAt: expect.any(String),
        attempts: [
          {
            number: 1,
            status: 204,
            failure: null,
            milliseconds: expect.any(Number),
            bytes: Buffer.byteLength(plain.heard[0]?.body ?? ''),
            answer: null,
          },
        ],
      },
    ]);
  });

  test('C59 is sent of what the key reaches and the webhook asks for, and of nothing before it was opened', async () => {
    const [near, far] = [await shop.open(), await shop.open()];
    const variants = new Map<string, string>();
    for (const at of [near, far]) variants.set(at.storeId, (await shop.variant(at, [10])).variantId);
    const place = (storeId: string) =>
      shop.place(storeId, [{ variantId: variants.get(storeId) ?? '', quantity: 1 }]);
    await place(near.storeId);
    const [all, local, filtered] = [await receiver(), await receiver(), await receiver()];
    const key = await given.key({ scopes, stores: [near.storeId], locations: [] });
    await hooks.open(local.url, { key, types: ['order.*', 'shipment.*'] });
    await hooks.open(filtered.url, { types: ['order.*', 'location.*'], storeIds: [far.storeId] });
    await hooks.open(all.url, { types: ['order.placed', 'location.opened'] });
    await given.location();
    const [first, second] = [await place(near.storeId), await place(far.storeId)];
    await all.hears(({ nodeId }) => nodeId === second.id);
    await local.hears();
    await filtered.hears();
    expect(all.heard.map(({ json }) => json.type)).toEqual([
      'location.opened',
      'order.placed',
      'order.placed',
    ]);
    expect(local.heard.map(({ json }) => json.nodeId)).toEqual([first.id]);
    expect(filtered.heard.map(({ json }) => json.nodeId)).toEqual([second.id]);
  });

  test('C59 is signed with both secrets while a rotation overlaps, and with the new one after it', async () => {
    const partner = await receiver();
    const hook = await hooks.open(partner.url);
    const input = { webhookId: hook.webhookId, overlapHours: 1 };
    const { secret } = await hook.key.act<{ secret: string }>('webhookRotate', input, 'secret');
    await given.location();
    const during = await partner.hears();
    expect(during.signature.split(' ')).toHaveLength(2);
    expect([verifies(hook.secret, during), verifies(secret, during)]).toEqual([true, true]);
    clock.pass({ hours: 1, seconds: 1 });
    const later = await given.location();
    const after = await partner.hears(({ nodeId }) => nodeId === later);
    expect([verifies(hook.secret, after), verifies(secret, after)]).toEqual([false, true]);
  });

  test('of more than 256 KiB is not sent', async () => {
    const partner = await receiver();
    const longName = 'a'.repeat(90);
    const document = `{ titles { ${Array.from({ length: 40 }, (_, i) => `${longName}${i}: title`).join(' ')} } }`;
    const hook = await hooks.open(partner.url, { document });
    await given.location();
    expect(await hooks.settles(hook, 'FAILED')).toMatchObject({ reason: 'TOO_LARGE', attemptCount: 0 });
    expect(partner.heard).toEqual([]);
  });
});

describe('a receiver', () => {
  test('C59 that fails gets the same message again, and the log says what it answered, without secrets', async () => {
    const partner = await receiver();
    const hook = await hooks.open(partner.url);
    const secrets = `token=abc123 ${hook.secret} Bearer ${hook.key.token} {"password":"hush"}`;
    partner.answer((response) => response.writeHead(500).end(`Sorry. ${secrets} ${'.'.repeat(5_000)}`));
    await given.location();
    await partner.hears();
    await expect.poll(async () => (await hooks.deliveries(hook))[0]?.attemptCount, waits).toBe(1);
    const [waiting] = await hooks.deliveries(hook);
    expect(waiting).toMatchObject({ state: 'PENDING', reason: null });
    const wait = new Date(waiting?.nextAttemptAt ?? 0).getTime() - Date.now();
    expect(wait).toBeLessThan(6_000);
    expect(await hooks.read(hook)).toMatchObject({
      failures: 1,
      failingSince: expect.any(String),
      pausedUntil: null,
    });
    partner.answer(200);
    clock.pass({ seconds: 7 });
    const delivered = await hooks.settles(hook, 'DELIVERED');
    expect(new Set(partner.heard.map(({ id }) => id))).toEqual(new Set([delivered.messageId]));
    expect(delivered.attempts.map(({ number, status }) => [number, status])).toEqual([
      [1, 500],
      [2, 200],
    ]);
    const answer = delivered.attempts[0]?.answer ?? '';
    expect(answer).toHaveLength(500);
    expect(answer).toMatch(/^Sorry\. token=\*\*\* \*\*\* \*\*\* \{"password":"\*\*\*"\} \.{3}/);
    expect(await hooks.read(hook)).toMatchObject({ failures: 0, failingSince: null });
  });

  test('C59 is believed by its status alone: what comes after it is neither waited for nor read without bounds', async () => {
    const [endless, cut, moved, target] = [
      await receiver(),
      await receiver(),
      await receiver(),
      await receiver(),
    ];
    let closed = false;
    endless.answer((response) => {
      const more = setInterval(() => response.write('x'.repeat(16 * 1024)), 1);
      response.on('close', () => {
        clearInterval(more);
        closed = true;
      });
    });
    cut.answer((response, request) => {
      response.writeHead(200, { 'content-length': '1000' }).write('half');
      setTimeout(() => request.socket.destroy(), 100);
    });
    moved.answer((response) => response.writeHead(307, { location: target.url }).end());
    const [one, two, three] = [
      await hooks.open(endless.url),
      await hooks.open(cut.url),
      await hooks.open(moved.url),
    ];
    await given.location();
    expect((await hooks.settles(one, 'DELIVERED')).attempts[0]?.answer).toBe('x'.repeat(500));
    await expect.poll(() => closed, waits).toBe(true);
    expect((await hooks.settles(two, 'DELIVERED')).attempts).toMatchObject([{ status: 200 }]);
    await expect
      .poll(async () => (await hooks.deliveries(three))[0]?.attempts, waits)
      .toMatchObject([{ status: 307 }]);
    expect(target.heard).toEqual([]);
  });

  test('C59 that never answers is given ten seconds, and delays nobody else', async () => {
    const [silent, rude, quick] = [await receiver(), await receiver(), await receiver()];
    silent.answer(() => {});
    rude.answer((_response, request) => request.socket.destroy());
    const [hung, broken] = [await hooks.open(silent.url), await hooks.open(rude.url)];
    await hooks.open(quick.url);
    await openLocations(6);
    await expect.poll(() => quick.heard.length, waits).toBe(6);
    // Four at once, and none of them has ended.
    expect(silent.heard.length).toBeLessThanOrEqual(4);
    expect((await hooks.deliveries(hung)).flatMap(({ attempts }) => attempts)).toEqual([]);
    await expect
      .poll(async () => (await hooks.deliveries(hung)).flatMap(({ attempts }) => attempts), {
        timeout: 30_000,
      })
      .toMatchObject([{}, {}, {}, {}].map(() => ({ status: null, failure: 'TIMED_OUT', answer: null })));
    const [attempt] = (await hooks.deliveries(broken)).flatMap(({ attempts }) => attempts);
    expect(attempt).toMatchObject({ status: null, failure: 'UNREACHABLE' });
    silent.stop();
  }, 60_000);

  test('C59 that says 410 is left alone at once, and is sent what waited when its webhook is enabled', async () => {
    const partner = await receiver();
    const hook = await hooks.open(partner.url);
    const feed = hook.key.subscribe<{ webhookEvents: { type: string; payload: unknown } }>(
      'subscription { webhookEvents { type payload } }',
    );
    await feed.next();
    partner.answer(410);
    await given.location();
    const told = await feed.next((item) => item.webhookEvents.type === 'webhook.disabled', 15_000);
    expect(told.webhookEvents.payload).toMatchObject({ reason: 'GONE', failures: 1 });
    expect(await hooks.settles(hook, 'FAILED')).toMatchObject({ reason: 'GONE', attemptCount: 1 });
    expect(await hooks.read(hook)).toMatchObject({
      state: 'DISABLED',
      disabledReason: 'GONE',
      isActive: false,
    });
    await given.location();
    partner.answer(200);
    const { webhookId } = hook;
    await hook.key.act('webhookEnable', { webhookId });
    await hook.key.act('webhookEnable', { webhookId });
    const later = await given.location();
    await partner.hears(({ nodeId }) => nodeId === later);
    // What happened meanwhile was not noted: it is asked for.
    expect(partner.heard).toHaveLength(2);
    expect(await hooks.history(hook)).toEqual(['webhook.opened', 'webhook.disabled', 'webhook.enabled']);
  });

  test('C59 that fails for a day is rested, then probed, then disabled with notice', async () => {
    const partner = await receiver();
    partner.answer(503);
    const hook = await hooks.open(partner.url);
    const fails = (times: number) =>
      expect.poll(async () => (await hooks.read(hook)).failures, waits).toBe(times);
    await given.location();
    await fails(1);
    await sql('UPDATE webhook SET failures = 13 WHERE failures = 1');
    await given.location();
    await fails(14);
    expect(await hooks.read(hook)).toMatchObject({ state: 'ACTIVE', pausedUntil: expect.any(String) });
    await openLocations(3);
    await expect.poll(async () => (await hooks.deliveries(hook)).length, waits).toBe(5);
    clock.pass({ hours: 24, seconds: 1 });
    await expect
      .poll(async () => {
        await hooks.hurry();
        return (await hooks.read(hook)).state;
      }, waits)
      .toBe('DISABLED');
    // It was probed once, and while it rested not at all.
    expect(partner.heard).toHaveLength(3);
    expect(await hooks.read(hook)).toMatchObject({ disabledReason: 'FAILING', failures: 15 });
    partner.answer(200);
    await admin.act('webhookEnable', { webhookId: hook.webhookId });
    await expect.poll(() => hooks.deliveries(hook, { states: ['PENDING'] }), waits).toEqual([]);
    expect(new Set(partner.heard.map(({ id }) => id)).size).toBe(5);
    expect(await hooks.read(hook)).toMatchObject({ state: 'ACTIVE', failures: 0, disabledReason: null });
  }, 40_000);

  test('C59 a delivery is given up after its last try', async () => {
    const partner = await receiver();
    partner.answer(500);
    const hook = await hooks.open(partner.url);
    await given.location();
    await expect.poll(async () => (await hooks.deliveries(hook))[0]?.attemptCount, waits).toBe(1);
    await sql('UPDATE webhook_delivery SET tries = 15, attempt_count = 15 WHERE tries = 1 AND state = $1', [
      'PENDING',
    ]);
    clock.pass({ hours: 1 });
    expect(await hooks.settles(hook, 'FAILED')).toMatchObject({ reason: 'TRIES_OVER', attemptCount: 16 });
  });
});
