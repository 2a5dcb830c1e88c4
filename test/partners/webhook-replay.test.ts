// Sending again: deliveries, events, ranges of both kinds; and tests.

import { describe, expect, test } from 'vitest';
import { fromGlobalId } from '../../src/core/ids.ts';
import { forgetOldDeliveries } from '../../src/partners/jobs.ts';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { type Hook, receiver, waits, webhooksIn } from './receivers.ts';

const app = await startApp();
const { admin, given, sql } = app;
const hooks = webhooksIn(app);

const replay = ({ webhookId, key }: Hook, what: object) =>
  key.act<{ count: number; nextCursor: string | null }>(
    'webhookReplay',
    { webhookId, ...what },
    'count nextCursor webhook { id }',
  );

const cursorNow = async () => (await admin.ok<{ eventCursor: string }>('{ eventCursor }')).eventCursor;
const quiet = (hook: Hook) =>
  expect.poll(() => hooks.deliveries(hook, { states: ['PENDING'] }), waits).toEqual([]);

describe('a replay', () => {
  test('C59 sends deliveries and events again under their ids, and says in the history how many', async () => {
    const partner = await receiver();
    const hook = await hooks.open(partner.url);
    const [first, second] = [await given.location(), await given.location()];
    await partner.hears(({ nodeId }) => nodeId === second);
    await quiet(hook);
    const [one, two] = await hooks.deliveries(hook);
    expect(await replay(hook, { deliveryIds: [one?.id] })).toMatchObject({ count: 1, nextCursor: null });
    await expect.poll(() => partner.heard.length, waits).toBe(3);
    expect(await replay(hook, { cursors: [two?.cursor] })).toMatchObject({ count: 0 });
    const all = { cursors: [one?.cursor, two?.cursor], includeDelivered: true };
    expect(await replay(hook, all)).toMatchObject({ count: 2 });
    await expect.poll(() => partner.heard.length, waits).toBe(5);
    const ids = new Map(partner.heard.map(({ id, json }) => [json.nodeId, id]));
    expect(ids).toEqual(
      new Map([
        [first, one?.messageId],
        [second, two?.messageId],
      ]),
    );
    expect(new Set(partner.heard.map(({ id }) => id)).size).toBe(2);
    await quiet(hook);
    expect((await hooks.deliveries(hook)).map(({ state, attemptCount }) => [state, attemptCount])).toEqual([
      ['DELIVERED', 3],
      ['DELIVERED', 2],
    ]);
    expect((await hooks.history(hook)).slice(1)).toEqual([
      'webhook.replayed',
      'webhook.replayed',
      'webhook.replayed',
    ]);
  });

  test('C59 of a range sends what was missed, by cursor or by time, and what was delivered on request only', async () => {
    const partner = await receiver();
    const hook = await hooks.open(partner.url, { types: ['location.*'] });
    const [start, before] = [new Date(), await cursorNow()];
    const delivered = await given.location();
    await partner.hears(({ nodeId }) => nodeId === delivered);
    await quiet(hook);
    await hook.key.act('webhookDisable', { webhookId: hook.webhookId });
    const missed = [await given.location(), await given.location()];
    const after = await cursorNow();
    await given.store();
    await hook.key.act('webhookEnable', { webhookId: hook.webhookId });
    expect(await replay(hook, { after: before, until: after })).toMatchObject({ count: 2, nextCursor: null });
    await expect.poll(() => partner.heard.length, waits).toBe(3);
    expect(partner.heard.slice(1).map(({ json }) => json.nodeId)).toEqual(missed);
    await quiet(hook);
    expect(await replay(hook, { from: start.toISOString() })).toMatchObject({ count: 0 });
    const again = { from: start.toISOString(), before: new Date().toISOString(), includeDelivered: true };
    expect(await replay(hook, again)).toMatchObject({ count: 3 });
    await expect.poll(() => partner.heard.length, waits).toBe(6);
    expect(new Set(partner.heard.map(({ id }) => id)).size).toBe(3);
  });

  test('C59 has at most 5,000 events, and says where to go on; what the key may not see is not among them', async () => {
    const partner = await receiver();
    partner.answer(500);
    const hook = await hooks.open(partner.url, { types: ['carrier.*'] });
    await hook.key.act('webhookDisable', { webhookId: hook.webhookId });
    const after = await cursorNow();
    // As the relay writes them, but many.
    await sql(`INSERT INTO event_outbox (event_id, type, entity_type, entity_id, version, actor_kind, request_id, source, location_id, occurred_at)
      SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN 'carrier.changed' ELSE 'key.issued' END,
        CASE WHEN n % 2 = 0 THEN 'Carrier' ELSE 'ApiKey' END, gen_random_uuid(), 1, 'SYSTEM', gen_random_uuid(), 'test', NULL, now()
      FROM generate_series(1, 10020) n`);
    const whole = await cursorNow();
    const { count, nextCursor } = await replay(hook, { after, until: whole });
    expect(count).toBe(5_000);
    expect(await replay(hook, { after: nextCursor, until: whole })).toMatchObject({
      count: 10,
      nextCursor: null,
    });
    await hook.key.act('webhookArchive', { webhookId: hook.webhookId });
    await expect.poll(() => hooks.deliveries(hook, { states: ['PENDING'] }), waits).toEqual([]);
  }, 30_000);

  test('C59 of a range reaches back 30 days, also to before the webhook was opened', async () => {
    const [partner, place] = [await receiver(), await given.location()];
    const days = [40, 31, 29, 1];
    for (const ago of days)
      await sql(
        `INSERT INTO event_outbox (event_id, type, entity_type, entity_id, version, actor_kind, request_id, source, location_id, occurred_at)
         SELECT gen_random_uuid(), 'location.changed', 'Location', id, 1, 'SYSTEM', gen_random_uuid(), 'test', id, now() - $2 * interval '1 day'
         FROM location WHERE id = $1`,
        [fromGlobalId(place)?.id, ago],
      );
    const logged = "SELECT count(*)::int AS count FROM event WHERE entity_id = $1 AND source = 'test'";
    await expect.poll(() => sql(logged, [fromGlobalId(place)?.id]), waits).toEqual([{ count: days.length }]);
    const hook = await hooks.open(partner.url, { types: ['location.changed'] });
    const ago = (count: number) => new Date(Date.now() - count * 86_400_000).toISOString();
    expect(await replay(hook, { from: ago(2) })).toMatchObject({ count: 1, nextCursor: null });
    await quiet(hook);
    expect(await replay(hook, { from: ago(45) })).toMatchObject({ count: 1, nextCursor: null });
    await quiet(hook);
    expect(partner.heard.map(({ json }) => json.nodeId)).toEqual([place, place]);
  });

  test('C59 is refused when it is none', async () => {
    const [hook, other] = [await hooks.open('http://127.0.0.1:1/'), await hooks.open('http://127.0.0.1:1/')];
    await given.location();
    await expect.poll(async () => (await hooks.deliveries(other)).length, waits).toBe(1);
    const [foreign] = await hooks.deliveries(other);
    const { webhookId } = hook;
    const cursor = Buffer.from('1.another.1.0123456789ab').toString('base64url');
    const refusals = [
      {},
      { deliveryIds: [foreign?.id], from: '2026-01-01T00:00:00Z' },
      { deliveryIds: [foreign?.id] },
      { after: cursor, until: cursor },
      { deliveryIds: [] },
    ].map((what) => hook.key.refusal('webhookReplay', { webhookId, ...what }));
    expect((await Promise.all(refusals)).map(brief)).toEqual([
      ['INVALID input.deliveryIds'],
      ['INVALID input.deliveryIds'],
      ['NOT_FOUND input.deliveryIds.0'],
      ['INVALID input.after', 'INVALID input.until'],
      ['TOO_SHORT input.deliveryIds'],
    ]);
  });
});

test('deliveries are forgotten after 30 days, with their attempts', async () => {
  const partner = await receiver();
  const hook = await hooks.open(partner.url);
  await Promise.all([given.location(), given.location()]);
  await expect.poll(() => partner.heard.length, waits).toBe(2);
  await quiet(hook);
  const [old, kept] = await hooks.deliveries(hook);
  await sql(`UPDATE webhook_delivery SET created_at = created_at - interval '30 days' WHERE id = $1`, [
    fromGlobalId(old?.id ?? '')?.id,
  ]);
  await forgetOldDeliveries(clock.now());
  expect((await hooks.deliveries(hook)).map(({ id }) => id)).toEqual([kept?.id]);
  const orphans = 'SELECT 1 FROM webhook_attempt WHERE delivery_id NOT IN (SELECT id FROM webhook_delivery)';
  expect(await sql(orphans)).toEqual([]);
});

describe('a test', () => {
  const send = ({ webhookId, key }: Hook, nodeId?: string) =>
    key.act<{ webhookDelivery: { id: string } }>(
      'webhookTest',
      { webhookId, ...(nodeId ? { nodeId } : {}) },
      'webhookDelivery { id state isTest messageId }',
    );

  test('C59 is one message that is told from an event, with what the document answers for an object', async () => {
    const partner = await receiver();
    const location = await given.location({ name: 'The one' });
    const document = 'query ($nodeId: ID!) { node(id: $nodeId) { __typename ... on Location { name } } }';
    const hook = await hooks.open(partner.url, { document, types: ['location.*', 'webhook.*'] });
    await hook.key.act('webhookDisable', { webhookId: hook.webhookId });
    partner.answer(500);
    await send(hook, location);
    expect(await hooks.settles(hook, 'FAILED')).toMatchObject({
      type: 'webhook.tested',
      isTest: true,
      cursor: null,
      nodeId: location,
      reason: 'TRIES_OVER',
      attemptCount: 1,
    });
    expect(partner.heard[0]?.json).toEqual({
      type: 'webhook.tested',
      occurredAt: expect.any(String),
      sequence: null,
      cursor: null,
      nodeId: location,
      version: null,
      payload: {},
      changes: [],
      data: { node: { __typename: 'Location', name: 'The one' } },
    });
    expect(await hooks.read(hook)).toMatchObject({ state: 'DISABLED', failures: 0 });
    partner.answer(200);
    await send(hook);
    await hooks.settles(hook, 'DELIVERED');
    expect(partner.heard[1]?.json).toMatchObject({
      nodeId: hook.webhookId,
      data: { node: { __typename: 'Webhook' } },
    });
    expect(partner.heard).toHaveLength(2);
    expect((await hooks.history(hook)).slice(2)).toEqual(['webhook.tested', 'webhook.tested']);
  });

  test('shows nothing that the key may not see', async () => {
    const partner = await receiver();
    const document = 'query ($nodeId: ID!) { node(id: $nodeId) { id } }';
    const hook = await hooks.open(partner.url, { document });
    const other = await given.key({ scopes: ['orders:read'] });
    for (const hidden of [other.keyId, admin.staffId ?? '']) await send(hook, hidden);
    await expect.poll(() => partner.heard.length, waits).toBe(2);
    expect(partner.heard.map(({ json }) => json.data)).toEqual([{ node: null }, { node: null }]);
    expect(brief(await hook.key.refusal('webhookTest', { webhookId: hook.webhookId, nodeId: 'x' }))).toEqual([
      'INVALID_ID input.nodeId',
    ]);
  });
});
