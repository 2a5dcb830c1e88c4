// Keys: told once, checked before anything is read, limited in time and place, and ended.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { uniqueName } from '../setup/given.ts';
import { type ApiKey, KEY, keyringOf, works } from './keyring.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, anonymous, clientFor, given, sql } = app;

const { read, input } = keyringOf(app);

describe('a key', () => {
  test('G36 C48 names what it opens, has 160 random bits and a checksum, and is shown in its answer only', async () => {
    const partner = uniqueName('partner');
    const partnerId = await given.partner({ code: partner });
    const { apiKey, secret } = await admin.act<{ apiKey: ApiKey; secret: string }>(
      'keyIssue',
      await input({ partnerId, networks: ['127.0.0.0/8'], expiresAt: '2099-01-01T00:00:00Z' }),
      `apiKey { id ${KEY} } secret`,
    );
    expect(secret).toMatch(/^ds_key_[0-9A-Za-z]{27}[0-9A-Za-z]{6}$/);
    expect(apiKey).toEqual({
      id: apiKey.id,
      name: 'Orders of the marketplace',
      prefix: secret.slice(0, 11),
      lastFour: secret.slice(-4),
      scopes: ['orders:read'],
      permissions: ['orders.read'],
      allStores: true,
      allLocations: false,
      stores: [],
      locations: [],
      networks: ['127.0.0.0/8'],
      expiresAt: '2099-01-01T00:00:00.000Z',
      revokedAt: null,
      isActive: true,
      lastUsedAt: null,
      lastUsedAddress: null,
      version: 1,
      partner: { code: partner },
    });
    const { viewerKey } = await clientFor(secret).ok<{ viewerKey: object }>(`{ viewerKey { id ${KEY} } }`);
    expect(viewerKey).toEqual(apiKey);
    expect(JSON.stringify(viewerKey)).not.toContain(secret.slice(0, 12));
  });

  test('G36 C48 is stored as a hash that nobody computes without the pepper, and nowhere else', async () => {
    const { token, keyId } = await given.key({ scopes: ['orders:read'] });
    const body = token.slice(11, -4);
    const tables = await sql<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const found = await sql(`SELECT 1 FROM "${name}" AS r WHERE r::text LIKE '%' || $1 || '%'`, [body]);
      expect(found, name).toEqual([]);
    }
    const [row] = await sql<{ plain: boolean }>(
      `SELECT key_hash IN (encode(sha256($2), 'hex'), encode(sha256($2), 'base64')) AS plain FROM api_key WHERE prefix = $1`,
      [(await read(keyId)).prefix, Buffer.from(token)],
    );
    expect(row).toEqual({ plain: false });
  });

  test('G36 with one character changed is refused before anything is read', async () => {
    const { token } = await given.key({ scopes: ['orders:read'] });
    const mistyped = Array.from({ length: 33 }, (_, i) => {
      const at = i + 'ds_key_'.length;
      return `${token.slice(0, at)}${token[at] === 'a' ? 'b' : 'a'}${token.slice(at + 1)}`;
    });
    const statuses: number[] = [];
    const statements = await app.statementsOf(async () => {
      for (const wrong of [...mistyped, token.slice(0, -1), `${token}0`])
        statuses.push((await clientFor(wrong).run('{ __typename }')).status);
    });
    expect([...new Set(statuses)]).toEqual([401]);
    expect(statements).toEqual([]);
  });

  test('G36 that fits its checksum and was never issued is refused', async () => {
    // Made of twenty zero bytes.
    expect(await works(clientFor(`ds_key_${'0'.repeat(27)}1U8CWA`))).toBe(false);
  });

  test('is behind viewerKey for its own requests, and nothing is for anybody else', async () => {
    const key = await given.key({ scopes: ['orders:read'] });
    const other = await given.key({ partner: key.partnerId, scopes: ['orders:read'] });
    expect(await key.ok('{ viewerKey { id } viewer { id } }')).toEqual({
      viewerKey: { id: key.keyId },
      viewer: null,
    });
    for (const client of [admin, anonymous])
      expect(await client.ok('{ viewerKey { id } }')).toEqual({ viewerKey: null });
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    expect(await key.ok(node, { id: key.keyId })).toEqual({ node: { id: key.keyId } });
    expect((await key.run(node, { id: other.keyId })).data).toEqual({ node: null });
  });
});

describe('a key ends', () => {
  test('G36 C48 when it expires', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const key = await given.key({ scopes: ['orders:read'], expiresAt });
    expect(await works(key)).toBe(true);
    clock.pass({ hours: 1, seconds: 1 });
    expect(await works(key)).toBe(false);
    expect(await read(key.keyId)).toMatchObject({ isActive: false, revokedAt: null, expiresAt });
  });

  test('G36 C48 at once when it is revoked, with the reason in its history; revoking it again changes nothing', async () => {
    const key = await given.key({ scopes: ['orders:read'] });
    const revoke = (reason: string) =>
      admin.act<{ apiKey: ApiKey }>('keyRevoke', { keyId: key.keyId, reason }, `apiKey { ${KEY} }`);
    const { apiKey } = await revoke('Found in a public repository');
    expect(apiKey).toMatchObject({ isActive: false, version: 2 });
    expect(await works(key)).toBe(false);
    expect(await revoke('Again')).toEqual({ apiKey, userErrors: [] });
    const { node } = await admin.ok<{ node: { timeline: { edges: { node: object }[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on ApiKey { timeline { edges { node { type payload } } } } } }',
      { id: key.keyId },
    );
    expect(node.timeline.edges.map((edge) => edge.node)).toMatchObject([
      { type: 'key.issued', payload: { prefix: apiKey.prefix, lastFour: apiKey.lastFour } },
      { type: 'key.revoked', payload: { reason: 'Found in a public repository' } },
    ]);
  });

  test('C48 when its partner is archived, and such a partner gets no other', async () => {
    const key = await given.key({ scopes: ['orders:read'] });
    await admin.act('partnerArchive', { partnerId: key.partnerId });
    expect(await works(key)).toBe(false);
    expect(await read(key.keyId)).toMatchObject({ isActive: false, version: 2 });
    expect(brief(await admin.refusal('keyIssue', await input({ partnerId: key.partnerId })))).toEqual([
      'PARTNER_ARCHIVED input.partnerId',
    ]);
  });

  test('C48 when its partner is archived, also when it is issued at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const partnerId = await given.partner();
      const issuing = Promise.all(
        [1, 2, 3].map(async () => {
          const answer = await admin.run<{ keyIssue: { secret: string | null } }>(
            'mutation ($input: KeyIssueInput!) { keyIssue(input: $input) { secret userErrors { code } } }',
            { input: await input({ partnerId }) },
          );
          return answer.data?.keyIssue.secret ?? null;
        }),
      );
      await admin.act('partnerArchive', { partnerId });
      for (const secret of await issuing) if (secret) expect(await works(clientFor(secret))).toBe(false);
      const live = await sql(
        `SELECT 1 FROM api_key JOIN partner ON partner.id = partner_id
         WHERE partner.archived_at IS NOT NULL AND revoked_at IS NULL`,
      );
      expect(live).toEqual([]);
    }
  });
});

test('C48 the last use of keys is no write of their requests: it is kept, and written for all keys at once', async () => {
  const keys = [await given.key({ scopes: ['orders:read'] }), await given.key({ scopes: ['orders:read'] })];
  const moment = clock.now();
  const inRequests = await app.statementsOf(async () => {
    for (const key of [...keys, ...keys]) expect(await works(key)).toBe(true);
  });
  expect(inRequests.filter((statement) => !statement.startsWith('SELECT'))).toEqual([]);
  const atTheEnd = await app.statementsOf(app.stop);
  expect(atTheEnd.filter((statement) => statement.includes('api_key'))).toEqual([
    expect.stringContaining('UPDATE api_key SET last_used_at'),
  ]);
  const used = await sql<{ address: string; version: number; late: boolean }>(
    `SELECT last_used_address AS address, version, last_used_at >= $2 AS late FROM api_key WHERE prefix = ANY ($1)`,
    [keys.map(({ token }) => token.slice(0, 11)), moment],
  );
  expect(used).toEqual(Array.from({ length: 2 }, () => ({ address: '127.0.0.1', version: 1, late: true })));
});
