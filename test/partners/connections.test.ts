// Connections: opened with a secret that is told once, changed, archived, and whose matter they are.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';

const { admin, given, sql } = await startApp({ env: { BACKGROUND: 'off' } });

const CONNECTION = 'code kind path url formerSecretUntil archivedAt version partner { id }';

describe('a connection', () => {
  test('has a path for its messages, and a secret that is told once and stored nowhere in clear', async () => {
    const partnerId = await given.partner({ kind: 'PAYMENT_GATEWAY' });
    const input = { partnerId, code: uniqueName('gateway'), kind: 'PAYMENT', url: 'https://pay.example/api' };
    const { connection, secret } = await admin.act<{ connection: object; secret: string }>(
      'connectionOpen',
      input,
      `connection { ${CONNECTION} } secret`,
    );
    expect(connection).toEqual({
      code: input.code,
      kind: 'PAYMENT',
      path: `/hooks/payment/${input.code}`,
      url: 'https://pay.example/api',
      formerSecretUntil: null,
      archivedAt: null,
      version: 1,
      partner: { id: partnerId },
    });
    const [, encoded = ''] = /^whsec_(.+)$/.exec(secret) ?? [];
    expect(Buffer.from(encoded, 'base64')).toHaveLength(32);
    const tables = await sql<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const found = await sql(`SELECT 1 FROM "${name}" AS r WHERE strpos(r::text, $1) > 0`, [encoded]);
      expect(found, name).toEqual([]);
    }
  });

  test('calls over TLS, or a program of the same machine', async () => {
    const base = { partnerId: await given.partner({ kind: 'PAYMENT_GATEWAY' }), kind: 'PAYMENT' };
    const refused = [
      'http://pay.example/api',
      'http://127.evil.example/',
      'https://user:secret@pay.example/',
      'ftp://pay.example/',
      'pay.example',
      'javascript:alert(1)',
      `https://pay.example/${'x'.repeat(500)}`,
    ];
    for (const url of refused)
      expect(
        brief(await admin.refusal('connectionOpen', { ...base, code: uniqueName('url'), url })),
        url,
      ).toEqual(['INVALID input.url']);
    for (const url of [
      'http://127.0.0.1:8080/refunds',
      'http://localhost/',
      'http://[::1]:1/',
      'https://10.0.0.1/',
    ])
      await admin.act('connectionOpen', { ...base, code: uniqueName('url'), url });
  });

  test('has a code of its own, also when two are opened at the same moment', async () => {
    const { code, partnerId } = await given.connection({ kind: 'TRACKING' });
    const input = { partnerId, code, kind: 'TRACKING' };
    expect(brief(await admin.refusal('connectionOpen', input))).toEqual(['ALREADY_EXISTS input.code']);
    const document =
      'mutation ($input: ConnectionOpenInput!) { connectionOpen(input: $input) { secret userErrors { code } } }';
    const raced = { ...input, code: uniqueName('raced') };
    const answers = await Promise.all([1, 2, 3, 4].map(() => admin.run(document, { input: raced })));
    const outcomes = answers.map(({ data, errors }) => JSON.stringify(data ?? errors));
    expect(outcomes.filter((outcome) => outcome.includes('"userErrors":[]'))).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.includes('ALREADY_EXISTS'))).toHaveLength(3);
  });

  test('reports what partners of its kind know: gateways payments, those who carry and sell parcels', async () => {
    const openWith = async (partnerKind: string, kind: string) => {
      const partnerId = await given.partner({ kind: partnerKind });
      const input = { partnerId, code: uniqueName('fit'), kind };
      const document =
        'mutation ($input: ConnectionOpenInput!) { connectionOpen(input: $input) { userErrors { code path } } }';
      const { data } = await admin.run<{
        connectionOpen: { userErrors: { code: string; path: string[] }[] };
      }>(document, { input });
      return brief(data?.connectionOpen.userErrors ?? []);
    };
    const refused = ['CONNECTION_UNSUITABLE input.kind'];
    for (const kind of ['MARKETPLACE', 'CARRIER', 'WAREHOUSE', 'OTHER']) {
      expect(await openWith(kind, 'TRACKING'), kind).toEqual([]);
      expect(await openWith(kind, 'PAYMENT'), kind).toEqual(refused);
    }
    for (const kind of ['SUPPLIER', 'ANALYTICS'])
      for (const what of ['PAYMENT', 'TRACKING']) expect(await openWith(kind, what), kind).toEqual(refused);
    expect(await openWith('PAYMENT_GATEWAY', 'PAYMENT')).toEqual([]);
    expect(await openWith('PAYMENT_GATEWAY', 'TRACKING')).toEqual(refused);
  });

  test('is changed from the version that was read, and its URL may go', async () => {
    const { connectionId } = await given.connection({ url: 'https://pay.example/one' });
    const change = (changes: object) =>
      admin.act<{ connection: object }>(
        'connectionChange',
        { connectionId, ...changes },
        `connection { ${CONNECTION} }`,
      );
    expect(await change({ expectedVersion: 1, url: 'https://pay.example/two' })).toMatchObject({
      connection: { url: 'https://pay.example/two', version: 2 },
    });
    expect(await change({ expectedVersion: 2, withoutUrl: true })).toMatchObject({
      connection: { url: null, version: 3 },
    });
    const refusals = [
      await admin.refusal('connectionChange', { connectionId, expectedVersion: 2, withoutUrl: true }),
      await admin.refusal('connectionChange', {
        connectionId,
        expectedVersion: 3,
        withoutUrl: true,
        url: 'https://pay.example/',
      }),
    ];
    expect(refusals.map(brief)).toEqual([['STALE_VERSION input.expectedVersion'], ['INVALID input.url']]);
  });

  test('is the matter of those who act in the whole department, and a key opens none for other partners', async () => {
    const { connectionId, partnerId } = await given.connection();
    const local = await given.staff({ permissions: ['connections.manage', 'partners.read'], stores: [] });
    const input = { partnerId, code: uniqueName('local'), kind: 'PAYMENT' };
    expect(brief(await local.refusal('connectionOpen', input))).toEqual(['NOT_PERMITTED input']);
    for (const mutation of ['connectionRotate', 'connectionArchive'])
      expect(brief(await local.refusal(mutation, { connectionId }))).toEqual([
        'NOT_FOUND input.connectionId',
      ]);
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    expect((await local.run(node, { id: connectionId })).data).toEqual({ node: null });
    const partner = await given.partner({ kind: 'PAYMENT_GATEWAY' });
    const key = await given.key({ partner, scopes: ['connections.manage'] });
    expect(brief(await key.refusal('connectionOpen', input))).toEqual(['NOT_FOUND input.partnerId']);
    for (const mutation of ['connectionRotate', 'connectionArchive'])
      expect(brief(await key.refusal(mutation, { connectionId }))).toEqual(['NOT_FOUND input.connectionId']);
    const { connection } = await key.act<{ connection: { id: string } }>(
      'connectionOpen',
      { ...input, partnerId: key.partnerId },
      'connection { id }',
    );
    await key.act('connectionRotate', { connectionId: connection.id }, 'secret');
  });
});
