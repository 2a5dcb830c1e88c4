// Whose matter webhooks are, and what becomes of them when rights are lost.

import { describe, expect, test } from 'vitest';
import { seesEvent, visibleEvents } from '../../src/analytics/access.ts';
import { anonymous } from '../../src/core/actor.ts';
import { db } from '../../src/core/db.ts';
import type { LogEvent } from '../../src/core/event-log.ts';
import { fromGlobalId } from '../../src/core/ids.ts';
import { actorOfKey, keyRights } from '../../src/partners/actions/key-actors.ts';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { newKey } from '../setup/given.ts';
import { receiver, scopes, waits, webhooksIn } from './receivers.ts';

const app = await startApp();
const { admin, given, sql } = app;
const hooks = webhooksIn(app);

const idOf = (globalId: string): string => fromGlobalId(globalId)?.id ?? '';
const url = 'http://127.0.0.1:1/hook';
const wish = { url, types: ['order.*'] };

describe('who may', () => {
  test('a key has webhooks of its own only, and none without the permission', async () => {
    const hook = await hooks.open(url);
    const partner = hook.key.partnerId;
    const sibling = await given.key({ partner, scopes });
    for (const mutation of [
      'webhookRotate',
      'webhookArchive',
      'webhookTest',
      'webhookDisable',
      'webhookEnable',
    ])
      expect(brief(await sibling.refusal(mutation, { webhookId: hook.webhookId })), mutation).toEqual([
        'NOT_FOUND input.webhookId',
      ]);
    expect(brief(await sibling.refusal('webhookOpen', { ...wish, keyId: hook.key.keyId }))).toEqual([
      'NOT_FOUND input.keyId',
    ]);
    const list = '{ webhooks { totalCount edges { node { id } } } }';
    expect(await hook.key.ok(list)).toMatchObject({
      webhooks: { edges: [{ node: { id: hook.webhookId } }] },
    });
    expect(await sibling.ok(list)).toMatchObject({ webhooks: { totalCount: 0 } });
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    expect((await sibling.run(node, { id: hook.webhookId })).data).toEqual({ node: null });
    const without = await given.key({ partner, scopes: ['partners:write', 'orders:read'] });
    expect(await without.codes(list)).toEqual(['FORBIDDEN']);
  });

  test('nobody lets a key send what they may not read themselves, or where they do not act', async () => {
    const [near, far] = [await given.store(), await given.store()];
    const key = await given.key({ scopes: ['orders:read', 'contacts.read'], stores: [near], locations: [] });
    const clerk = await given.staff({ permissions: ['webhooks.manage', 'orders.read'] });
    const input = { ...wish, keyId: key.keyId };
    const refused = await clerk.refusal('webhookOpen', input);
    expect(brief(refused)).toEqual(['GRANT_EXCEEDS_OWN input.keyId']);
    expect(refused[0]?.message).toContain('contacts.read');
    const permissions = ['webhooks.manage', 'orders.read', 'contacts.read', 'events.read', 'board.read'];
    const elsewhere = await given.staff({ permissions, stores: [far], locations: [] });
    expect(brief(await elsewhere.refusal('webhookOpen', input))).toEqual(['NOT_FOUND input.keyId']);
    const { scopes: own } = { scopes: ['orders.read', 'contacts.read'] };
    const plain = await given.key({ scopes: own, stores: [near], locations: [] });
    const manager = await given.staff({ permissions, stores: [near], locations: [] });
    const hook = await hooks.open(url, { key: plain, by: manager, types: ['order.*'] });
    const change = { webhookId: hook.webhookId, expectedVersion: 1, url: 'https://mine.example/' };
    expect(brief(await clerk.refusal('webhookChange', change))).toEqual([
      'GRANT_EXCEEDS_OWN input.webhookId',
    ]);
    expect(brief(await elsewhere.refusal('webhookChange', change))).toEqual(['NOT_FOUND input.webhookId']);
    await manager.act('webhookChange', change);
    expect(brief(await manager.refusal('webhookOpen', wish))).toEqual(['NOT_FOUND input.keyId']);
  });

  test('a key that ended has no new webhooks, and one that is rotated hands its own on', async () => {
    const hook = await hooks.open(url);
    const { apiKey, webhooks } = await admin.act<{ apiKey: { id: string }; webhooks: object[] }>(
      'keyRotate',
      { keyId: hook.key.keyId },
      'apiKey { id } webhooks { id url timeline(first: 1) { edges { node { actor { kind } } } } }',
    );
    const openedBy = { edges: [{ node: { actor: { kind: 'KEY' } } }] };
    expect(webhooks).toEqual([{ id: hook.webhookId, url, timeline: openedBy }]);
    expect(await hooks.read(hook)).toMatchObject({ keyId: apiKey.id, version: 2, isActive: true });
    expect(await hooks.history(hook)).toEqual(['webhook.opened', 'webhook.changed']);
    await admin.act('keyRevoke', { keyId: apiKey.id, reason: 'Lost' });
    expect(await hooks.read(hook)).toMatchObject({ state: 'ACTIVE', isActive: false });
    expect(brief(await admin.refusal('webhookOpen', { ...wish, keyId: apiKey.id }))).toEqual([
      'KEY_ENDED input.keyId',
    ]);
    expect(brief(await admin.refusal('webhookTest', { webhookId: hook.webhookId }))).toEqual([
      'KEY_ENDED input.webhookId',
    ]);
  });

  test('what happens to a webhook is in the feed of those who may see it', async () => {
    const key = await given.key({ scopes: [...scopes, 'events.read'] });
    const other = await given.key({ partner: key.partnerId, scopes });
    const own = key.subscribe<{ webhookEvents: { type: string; webhook: { id: string } | null } }>(
      'subscription { webhookEvents { type webhook { id state } payload } }',
    );
    await own.next();
    const foreign = other.subscribe<{ webhookEvents: { type: string } }>(
      'subscription { webhookEvents { type } }',
    );
    await foreign.next();
    const hook = await hooks.open(url, { key });
    await admin.act('webhookDisable', { webhookId: hook.webhookId, reason: 'We talk to them first' });
    const disabled = await own.next((item) => item.webhookEvents.type === 'webhook.disabled');
    expect(disabled.webhookEvents).toEqual({
      type: 'webhook.disabled',
      webhook: { id: hook.webhookId, state: 'DISABLED' },
      // What colleagues note is theirs.
      payload: {
        partnerNodeId: key.partnerId,
        keyNodeId: key.keyId,
        reason: 'BY_HAND',
        failures: 0,
        failingSince: null,
      },
    });
    await hooks.open(url, { key: other });
    const seen = await foreign.next((item) => item.webhookEvents.type !== 'heartbeat');
    expect(seen.webhookEvents.type).toBe('webhook.opened');
    expect(foreign.items.map((item) => item.webhookEvents.type)).toEqual(['heartbeat', 'webhook.opened']);
  });
});

test('one event is for a key when it is in the log that the key would read', async () => {
  const [store, location] = [await given.store(), await given.location()];
  const partner = await given.partner();
  const keys = [
    await given.key({
      partner,
      scopes: [...scopes, 'keys.manage', 'partners.read', 'orders.readRemarks', 'orders.import'],
    }),
    await given.key({ partner, scopes, stores: [store], locations: [] }),
    await given.key({ scopes, stores: [], locations: [location] }),
    await given.key({
      scopes: ['webhooks.manage', 'customers:read'],
      stores: [store],
      locations: [location],
    }),
  ];
  for (const key of keys) await hooks.open(url, { key });
  await given.customer();
  const { storeId, variantId } = await given.stockedVariant();
  for (const whose of [partner, await given.partner()]) {
    const own = await given.key({ partner: whose, scopes: ['stock.reserve', 'orders.import'] });
    const lines = [{ variantId, quantity: 1 }];
    await own.act('stockReserve', { idempotencyKey: newKey(), storeId, lines });
    await own.act('orderImportRequest', { storeId });
  }
  await admin.ok('{ eventCursor }');
  const events = (await db.event.findMany()) as unknown as LogEvent[];
  const counts: number[] = [];
  for (const key of keys) {
    const row = await db.apiKey.findUniqueOrThrow({ where: { id: idOf(key.keyId) }, select: keyRights });
    const actor = actorOfKey(row, anonymous());
    const read = await db.event.findMany({ where: visibleEvents(actor), select: { seq: true } });
    const seen = events.filter((event) => seesEvent(actor, event)).map(({ seq }) => seq);
    expect(seen.toSorted()).toEqual(read.map(({ seq }) => seq).toSorted());
    counts.push(seen.length);
  }
  expect(new Set(counts).size).toBeGreaterThan(2);
  expect(Math.max(...counts)).toBeLessThan(events.length);
});

describe('a right that was lost', () => {
  /** A webhook whose receiver failed once, and a delivery that waits for it. */
  async function failed(wishes: Record<string, unknown> = {}) {
    const partner = await receiver();
    partner.answer(500);
    return { partner, hook: await hooks.open(partner.url, wishes) };
  }

  test('C59 G38 withholds what waits, and notes nothing more: a key that ended, an archived partner, a lost scope', async () => {
    const expiresAt = new Date(clock.now().getTime() + 3_600_000).toISOString();
    const cases = {
      revoked: await failed(),
      expired: await failed({ key: await given.key({ scopes, expiresAt }) }),
      archived: await failed(),
      closed: await failed(),
      unread: await failed({ document: '{ stocks(first: 1) { totalCount } }' }),
      unseen: await failed(),
    };
    const all = Object.values(cases);
    await given.location();
    for (const { hook } of all)
      await expect.poll(async () => (await hooks.deliveries(hook))[0]?.attemptCount, waits).toBe(1);
    for (const { partner } of all) partner.answer(200);
    const { revoked, archived, closed, unread, unseen } = cases;
    await admin.act('keyRevoke', { keyId: revoked.hook.key.keyId, reason: 'Lost' });
    await admin.act('partnerArchive', { partnerId: archived.hook.key.partnerId });
    await closed.hook.key.act('webhookArchive', { webhookId: closed.hook.webhookId });
    await sql('UPDATE api_key SET scopes = $2 WHERE id = $1', [
      idOf(unread.hook.key.keyId),
      ['webhooks.manage', 'orders:read'],
    ]);
    await sql('UPDATE api_key SET all_locations = false, all_stores = false WHERE id = $1', [
      idOf(unseen.hook.key.keyId),
    ]);
    clock.pass({ hours: 1, seconds: 1 });
    const reasons = await Promise.all(
      all.map(async ({ hook }) => (await hooks.settles(hook, 'WITHHELD')).reason),
    );
    expect(Object.fromEntries(Object.keys(cases).map((name, i) => [name, reasons[i]]))).toEqual({
      revoked: 'KEY_ENDED',
      expired: 'KEY_ENDED',
      archived: 'KEY_ENDED',
      closed: 'WEBHOOK_ARCHIVED',
      unread: 'DOCUMENT_REFUSED',
      unseen: 'NOT_VISIBLE',
    });
    const witness = await receiver();
    await hooks.open(witness.url);
    await given.location();
    await witness.hears();
    const { unread: _, ...ended } = cases;
    for (const { hook } of Object.values(ended)) expect(await hooks.deliveries(hook)).toHaveLength(1);
    expect(all.map(({ partner }) => partner.heard.length)).toEqual(all.map(() => 1));
  });
});
