// What the scopes of a key stand for, and everything that can be wrong with a key's input.

import { describe, expect, test } from 'vitest';
import { definePermissions, type Permission } from '../../src/core/actor.ts';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { keyringOf } from './keyring.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, given } = app;
const { read, input } = keyringOf(app);

describe('scopes', () => {
  test('G36 C48 are permissions, or sets of them by domain and by reading or writing', async () => {
    const { keyId, ok } = await given.key({ scopes: ['stock:write', 'orders:read', 'stock.read'] });
    const expected = [
      'orders.read',
      'stock.adjust',
      'stock.plan',
      'stock.read',
      'stock.receive',
      'stock.reserve',
      'stock.transfer',
    ];
    expect((await read(keyId)).permissions).toEqual(expected);
    expect(await ok('{ viewerPermissions }')).toEqual({ viewerPermissions: expected });
  });

  test('C48 personal data, keys and connections are granted by their own names only', async () => {
    const { permissions } = await admin.ok<{ permissions: { name: string }[] }>('{ permissions { name } }');
    const domains = [...new Set(permissions.map(({ name }) => name.split('.')[0]))];
    const sets = domains.flatMap((domain) => [`${domain}:read`, `${domain}:write`]);
    const attempt = await admin.refusal('keyIssue', await input({ scopes: sets }));
    const unknown = attempt.map(({ path }) => sets[Number(path[2])]);
    expect(unknown).toEqual(expect.arrayContaining(['keys:read', 'keys:write', 'connections:write']));
    const { ok } = await given.key({ scopes: sets.filter((name) => !unknown.includes(name)) });
    const { viewerPermissions } = await ok<{ viewerPermissions: string[] }>('{ viewerPermissions }');
    expect(viewerPermissions).toContain('orders.place');
    for (const guarded of ['keys.manage', 'connections.manage'])
      expect(viewerPermissions).not.toContain(guarded);
  });

  test('that do not exist, and everything else that is wrong with a key, are told at once', async () => {
    const [storeId, unknownStore] = [await given.store(), Buffer.from(`Store:${crypto.randomUUID()}`)];
    const shape = await input({
      name: '',
      scopes: ['orders:read', 'orders.read', 'orders:read'],
      storeIds: ['nothing', storeId],
      networks: ['10.0.0.0/33', 'nowhere', '10.0.0.1', '2001:db8::/129', 'fe80::1%eth0'],
      expiresAt: '1999-01-01T00:00:00Z',
    });
    expect(brief(await admin.refusal('keyIssue', shape)).sort()).toEqual([
      'DUPLICATE input.scopes.2',
      'INVALID input.networks.0',
      'INVALID input.networks.1',
      'INVALID input.networks.3',
      'INVALID input.networks.4',
      'INVALID_ID input.storeIds.0',
      'OUT_OF_RANGE input.expiresAt',
      'REQUIRED input.name',
    ]);
    const state = await input({
      partnerId: Buffer.from(`Partner:${crypto.randomUUID()}`).toString('base64url'),
      scopes: ['orders:read', 'orders:everything', 'orders.fly', 'fish:read'],
      storeIds: [storeId, unknownStore.toString('base64url')],
      expiresAt: new Date(Date.now() - 1_000).toISOString(),
    });
    expect(brief(await admin.refusal('keyIssue', state)).sort()).toEqual([
      'INVALID input.expiresAt',
      'NOT_FOUND input.partnerId',
      'NOT_FOUND input.storeIds.1',
      'UNKNOWN_SCOPE input.scopes.1',
      'UNKNOWN_SCOPE input.scopes.2',
      'UNKNOWN_SCOPE input.scopes.3',
    ]);
  });
});

test('G36 a key that would act in no store and at no location is refused, and one that reaches either is issued', async () => {
  const nothing = await input({ allStores: false });
  const [error, ...more] = await admin.refusal('keyIssue', nothing);
  expect(error).toMatchObject({ code: 'KEY_REACHES_NOTHING', path: ['input', 'storeIds'] });
  expect(more).toEqual([]);
  for (const changes of [
    { allLocations: true },
    { storeIds: [await given.store()] },
    { locationIds: [await given.location()] },
  ])
    await admin.act('keyIssue', { ...nothing, ...changes });
});

test('C48 a set grows with the permissions of its domain, but what is guarded is in no set', async () => {
  const key = await given.key({ scopes: ['partners:read', 'partners:write'] });
  expect(await key.ok('{ viewerPermissions }')).toEqual({
    viewerPermissions: ['partners.manage', 'partners.read'],
  });
  definePermissions({
    ['partners.later' as Permission]: { kind: 'read', en: 'Defined later', zh: '后来定义' },
    ['partners.secret' as Permission]: { kind: 'guarded', en: 'Defined later', zh: '后来定义' },
  });
  expect(await key.ok('{ viewerPermissions }')).toEqual({
    viewerPermissions: ['partners.later', 'partners.manage', 'partners.read'],
  });
});
