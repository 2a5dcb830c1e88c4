// Webhooks: opened with the rights of a key, changed, archived, and whose matter they are.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { scopes, WEBHOOK, webhooksIn } from './receivers.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, given, sql } = app;
const hooks = webhooksIn(app);

const url = 'https://receiver.example/orders?token=t0k3n';
const wish = { url, types: ['order.*'] };

describe('a webhook', () => {
  test('C59 G38 has a secret that is told once and stands nowhere in clear', async () => {
    const key = await given.key({ scopes });
    const store = await given.store();
    const { webhook, secret } = await key.act<{ webhook: object; secret: string }>(
      'webhookOpen',
      { ...wish, types: ['order.placed', 'shipment.*'], storeIds: [store], locale: 'zh' },
      `webhook { ${WEBHOOK} } secret`,
    );
    expect(webhook).toEqual({
      id: expect.any(String),
      keyId: key.keyId,
      url,
      types: ['order.placed', 'shipment.*'],
      stores: [{ id: store }],
      document: null,
      locale: 'zh',
      formerSecretUntil: null,
      state: 'ACTIVE',
      isActive: true,
      disabledReason: null,
      disabledAt: null,
      failures: 0,
      failingSince: null,
      pausedUntil: null,
      version: 1,
    });
    const [, encoded = ''] = /^whsec_(.+)$/.exec(secret) ?? [];
    expect(Buffer.from(encoded, 'base64')).toHaveLength(32);
    const tables = await sql<{ name: string }>(
      `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
       WHERE table_schema IN ('public', 'pgboss') AND table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const found = await sql(
        `SELECT 1 FROM ${name.replace('.', '."')}" AS r WHERE strpos(r::text, $1) > 0`,
        [encoded],
      );
      expect(found, name).toEqual([]);
    }
  });

  test('C59 everything that it cannot have is told at once', async () => {
    const key = await given.key({ scopes: ['webhooks.manage', 'orders:read'] });
    const input = {
      url,
      types: ['order.placed', 'order.dreamt', 'stock.*', 'session.*'],
      storeIds: [await given.store(), 'bm9ib2R5'],
      document:
        'query ($nodeId: ID!) { node(id: $nodeId) { ... on Order { number } ... on Stock { sellable } } }',
    };
    expect(brief(await key.refusal('webhookOpen', input))).toEqual(['INVALID_ID input.storeIds.1']);
    const far = await given.store();
    const local = await given.key({
      scopes: ['webhooks.manage', 'orders:read'],
      stores: [await given.store()],
    });
    const problems = await local.refusal('webhookOpen', { ...input, storeIds: [far] });
    expect(brief(problems)).toEqual([
      'UNKNOWN_EVENT_TYPE input.types.1',
      'EVENT_BEYOND_KEY input.types.2',
      'EVENT_BEYOND_KEY input.types.3',
      'NOT_FOUND input.storeIds.0',
      'DOCUMENT_BEYOND_KEY input.document',
    ]);
    expect(problems.map(({ message }) => message).slice(1, 3)).toEqual([
      'The key may not see stock.*: it needs stock.read.',
      'The key may not see session.*: it is kept from keys.',
    ]);
    expect(
      (
        await admin.ok<{ webhooks: { totalCount: number } }>(
          'query ($id: ID!) { webhooks(where: { keyId: $id }) { totalCount } }',
          { id: local.keyId },
        )
      ).webhooks.totalCount,
    ).toBe(0);
  });

  test('C59 sends to https on the public internet only, whatever the address is written like', async () => {
    const forms = [
      'ftp://receiver.example/',
      'https://user:word@receiver.example/',
      'https://receiver.example/#part',
      'receiver.example',
      `https://receiver.example/${'x'.repeat(1000)}`,
      'https://receiver .example/',
    ];
    const key = await given.key({ scopes });
    for (const bad of forms)
      expect(brief(await key.refusal('webhookOpen', { ...wish, url: bad })), bad).toEqual([
        'INVALID input.url',
      ]);
  });

  test('has at most ten of its kind on a key', async () => {
    const key = await given.key({ scopes });
    const opened = [];
    for (let i = 0; i < 10; i++) opened.push(await hooks.open(url, { key }));
    expect(brief(await key.refusal('webhookOpen', wish))).toEqual(['WEBHOOK_LIMIT input.keyId']);
    await key.act('webhookArchive', { webhookId: opened[0]?.webhookId });
    await hooks.open(url, { key });
  });

  test('is changed from the version that was read, and its history says what', async () => {
    const hook = await hooks.open(url, { types: ['order.*'], document: '{ eventCursor }' });
    const change = (changes: object) =>
      hook.key.act<{ webhook: object }>(
        'webhookChange',
        { webhookId: hook.webhookId, ...changes },
        `webhook { ${WEBHOOK} }`,
      );
    const store = await given.store();
    expect(
      await change({
        expectedVersion: 1,
        url: 'https://other.example/',
        storeIds: [store],
        withoutDocument: true,
      }),
    ).toMatchObject({
      webhook: { url: 'https://other.example/', stores: [{ id: store }], document: null, version: 2 },
    });
    const { node } = await admin.ok<{ node: { timeline: { edges: { node: unknown }[] } } }>(
      `query ($id: ID!) { node(id: $id) { ... on Webhook { timeline(last: 1) { edges { node {
        type payload changes { field before after } } } } } } }`,
      { id: hook.webhookId },
    );
    expect(node.timeline.edges[0]?.node).toEqual({
      type: 'webhook.changed',
      payload: { partnerNodeId: hook.key.partnerId, keyNodeId: hook.key.keyId },
      changes: [
        { field: 'url', before: url, after: 'https://other.example/' },
        { field: 'stores', before: [], after: [store] },
        { field: 'document', before: '{ eventCursor }', after: null },
      ],
    });
    const { webhookId } = hook;
    const refusals = [
      await hook.key.refusal('webhookChange', { webhookId, expectedVersion: 1, types: ['stock.*'] }),
      await hook.key.refusal('webhookChange', {
        webhookId,
        expectedVersion: 2,
        types: ['nothing.*'],
        document: '{ eventCursor }',
        withoutDocument: true,
      }),
      await hook.key.refusal('webhookChange', {
        webhookId,
        expectedVersion: 2,
        types: ['nothing.*', 'any.*'],
      }),
    ];
    expect(refusals.map(brief)).toEqual([
      ['STALE_VERSION input.expectedVersion'],
      ['INVALID input.document'],
      ['UNKNOWN_EVENT_TYPE input.types.0', 'UNKNOWN_EVENT_TYPE input.types.1'],
    ]);
    await hook.key.act('webhookArchive', { webhookId });
    await hook.key.act('webhookArchive', { webhookId });
    for (const [mutation, more] of [
      ['webhookChange', { expectedVersion: 3 }],
      ['webhookRotate', {}],
      ['webhookEnable', {}],
      ['webhookDisable', {}],
      ['webhookTest', {}],
      ['webhookReplay', { from: new Date().toISOString() }],
    ] as const)
      expect(brief(await hook.key.refusal(mutation, { webhookId, ...more })), mutation).toEqual([
        'WEBHOOK_ARCHIVED input.webhookId',
      ]);
    expect(await hooks.history(hook)).toEqual(['webhook.opened', 'webhook.changed', 'webhook.archived']);
  });
});

describe('its document', () => {
  const problemsOf = async (document: string, keyScopes = scopes) => {
    const key = await given.key({ scopes: keyScopes });
    const found = await key.refusal('webhookOpen', { ...wish, document });
    return found.map(({ code, path, message }) => ({ code, path, message }));
  };
  const at = { path: ['input', 'document'] };

  test('C59 is one valid query, and everything that is wrong with it is told at once', async () => {
    expect(await problemsOf('query { node(id: "x") { nothing } nowhere }')).toEqual([
      {
        code: 'DOCUMENT_INVALID',
        ...at,
        message: 'The document is not valid: Cannot query field "nothing" on type "Node". (1:25)',
      },
      {
        code: 'DOCUMENT_INVALID',
        ...at,
        message: 'The document is not valid: Cannot query field "nowhere" on type "Query". (1:35)',
      },
    ]);
    const single = {
      code: 'DOCUMENT_INVALID',
      ...at,
      message: 'The document is not valid: It must be one query, and nothing else.',
    };
    expect(
      await problemsOf('mutation { webhookArchive(input: { webhookId: "x" }) { userErrors { code } } }'),
    ).toEqual([single]);
    expect(await problemsOf('subscription { orderEvents { type } }')).toEqual([single]);
    expect(await problemsOf('query A { eventCursor } query B { eventCursor }')).toEqual([single]);
    const closed = { ...single, message: expect.stringContaining('introspection') };
    expect(await problemsOf('{ __schema { types { name } } }')).toEqual([closed, closed]);
    expect(await problemsOf('{')).toEqual([{ ...single, message: expect.stringContaining('Syntax Error') }]);
  });

  test('C59 asks for no more than is allowed, of nothing but what the key may read, with the variable that there is', async () => {
    const document = `query ($nodeId: ID!, $other: ID!, $at: DateTime, $size: Int = 1) {
        node(id: $nodeId) { ...OfOrder ... on Stock { sellable } }
        other: node(id: $other) { id }
        stocks(first: $size) { totalCount }
        orders(first: 1, where: { placedFrom: $at }) { totalCount }
      }
      fragment OfOrder on Order {
        lines(first: 100) { edges { node { allocations { quantity } } } }
        payment { payments(first: 100) { edges { node { amount { amount } } } } refunds(first: 100) { edges { node { state } } } }
      }`;
    const found = await problemsOf(document, ['webhooks.manage', 'orders:read']);
    expect(found.map(({ code, message }) => [code, message])).toEqual([
      ['DOCUMENT_INVALID', expect.stringContaining('Variable "$other"')],
      ['DOCUMENT_TOO_COSTLY', expect.stringContaining('1000 are allowed')],
      ['DOCUMENT_BEYOND_KEY', 'The key may not read Stock: it needs stock.read.'],
      ['DOCUMENT_BEYOND_KEY', 'The key may not read Query.stocks: it needs stock.read.'],
      ['DOCUMENT_BEYOND_KEY', 'The key may not read Order.payment: it needs payments.read.'],
      ['DOCUMENT_BEYOND_KEY', 'The key may not read Payment: it needs payments.read.'],
      ['DOCUMENT_BEYOND_KEY', 'The key may not read Refund: it needs payments.read.'],
    ]);
  });

  test('is refused when it wants the id of another type', async () => {
    const found = await problemsOf('query ($nodeId: Int!) { orders(first: $nodeId) { totalCount } }');
    expect(found.map(({ code, message }) => [code, message])).toEqual([
      ['DOCUMENT_INVALID', expect.stringContaining('Variable "$nodeId"')],
    ]);
  });

  test('shows what an order shows, also of goods that the key could not read otherwise', async () => {
    const key = await given.key({ scopes: ['webhooks.manage', 'orders:read'] });
    const document =
      'query ($nodeId: ID!) { node(id: $nodeId) { ... on Order { lines { edges { node { variant { sku product { name } } } } } } } viewerKey { name } }';
    await hooks.open(url, { key, types: ['order.*'], document });
  });
});
