// What may be given with a key: never more than its giver has.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';

const { given } = await startApp({ env: { BACKGROUND: 'off' } });

describe('C49 G36 nobody gives a key more than they have', () => {
  const grant = async (changes: object) => ({
    partnerId: await given.partner(),
    name: 'More',
    scopes: ['orders.read'],
    allStores: true,
    ...changes,
  });

  test('no permissions, also none that a set brings; the missing ones are named', async () => {
    const manager = await given.staff({ permissions: ['keys.manage', 'orders.read', 'stock.read'] });
    const scopes = ['orders:read', 'stock:write', 'products.edit'];
    const [error, ...more] = await manager.refusal('keyIssue', await grant({ scopes }));
    expect(error).toMatchObject({ code: 'GRANT_EXCEEDS_OWN', path: ['input', 'scopes'] });
    expect(error?.message).toContain(
      'products.edit, stock.adjust, stock.plan, stock.receive, stock.reserve, stock.transfer',
    );
    expect(error?.message).not.toContain('orders.read');
    expect(more).toEqual([]);
    await given.key({ scopes: ['orders:read', 'stock.read'], by: manager });
  });

  test('no stores and locations but their own, and not all of them', async () => {
    const [mine, other] = [await given.store(), await given.store()];
    const here = await given.location();
    const manager = await given.staff({
      permissions: ['keys.manage', 'orders.read'],
      stores: [mine],
      locations: [here],
    });
    const everywhere = await grant({
      storeIds: [mine, other],
      locationIds: [await given.location()],
      allStores: true,
      allLocations: true,
    });
    expect(brief(await manager.refusal('keyIssue', everywhere))).toEqual([
      'GRANT_EXCEEDS_OWN input.allStores',
      'GRANT_EXCEEDS_OWN input.storeIds.1',
      'GRANT_EXCEEDS_OWN input.allLocations',
      'GRANT_EXCEEDS_OWN input.locationIds.0',
    ]);
    await given.key({ scopes: ['orders.read'], stores: [mine], locations: [here], by: manager });
  });

  test('no life, network or partner but its own, where a key gives a key', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const later = new Date(Date.now() + 2 * 86_400_000).toISOString();
    const networks = ['127.0.0.0/8', '2001:db8::/32'];
    const issuer = await given.key({
      scopes: ['keys.manage', 'partners.read', 'orders:read'],
      networks,
      expiresAt,
    });
    const partnerId = issuer.partnerId;
    const attempts: [object, string[]][] = [
      [{ expiresAt: later, networks }, ['GRANT_EXCEEDS_OWN input.expiresAt']],
      [{ networks }, ['GRANT_EXCEEDS_OWN input.expiresAt']],
      [{ expiresAt }, ['GRANT_EXCEEDS_OWN input.networks']],
      [{ expiresAt, networks: ['127.0.0.1', '128.0.0.0/8'] }, ['GRANT_EXCEEDS_OWN input.networks']],
      [{ expiresAt, networks, scopes: ['orders:write'] }, ['GRANT_EXCEEDS_OWN input.scopes']],
      [{ expiresAt, networks, partnerId: await given.partner() }, ['NOT_FOUND input.partnerId']],
    ];
    for (const [changes, expected] of attempts)
      expect(brief(await issuer.refusal('keyIssue', await grant({ partnerId, ...changes })))).toEqual(
        expected,
      );
    const child = await given.key({
      partner: partnerId,
      scopes: ['orders.read'],
      networks: ['127.0.0.1'],
      expiresAt,
      by: issuer,
    });
    await child.ok('{ orders { totalCount } }');
    const { errors } = await child.run(
      'mutation ($id: ID!) { keyRevoke(input: { keyId: $id, reason: "No" }) { userErrors { code } } }',
      { id: issuer.keyId },
    );
    expect(errors[0]?.extensions).toEqual({ code: 'FORBIDDEN', requiredPermission: 'keys.manage' });
  });

  test('and by rotation no key that has more', async () => {
    const wide = await given.key({ scopes: ['orders:read', 'stock:read'] });
    const manager = await given.staff({ permissions: ['keys.manage', 'orders.read'] });
    const [error] = await manager.refusal('keyRotate', { keyId: wide.keyId });
    expect(error).toMatchObject({ code: 'GRANT_EXCEEDS_OWN', path: ['input', 'scopes'] });
    expect(error?.message).toContain('stock.read');
    await wide.ok('{ stocks { totalCount } }');
  });

  test('keys that reach further than a manager are not to be seen, rotated or revoked by them', async () => {
    const [mine, other] = [await given.store(), await given.store()];
    const partner = await given.partner();
    const scopes = ['orders.read'];
    const narrow = await given.key({ partner, scopes, stores: [mine], locations: [] });
    const hidden = [
      await given.key({ partner, scopes, locations: [] }),
      await given.key({ partner, scopes, stores: [mine, other], locations: [] }),
      await given.key({ partner, scopes, stores: [mine] }),
    ];
    const manager = await given.staff({
      permissions: ['keys.manage', 'partners.read', 'orders.read'],
      stores: [mine],
      locations: [],
    });
    const { node } = await manager.ok<{ node: { keys: { totalCount: number; edges: object[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on Partner { keys { totalCount edges { node { id } } } } } }',
      { id: partner },
    );
    expect(node.keys).toEqual({ totalCount: 1, edges: [{ node: { id: narrow.keyId } }] });
    for (const { keyId } of hidden) {
      expect((await manager.run('query ($id: ID!) { node(id: $id) { id } }', { id: keyId })).data).toEqual({
        node: null,
      });
      for (const [mutation, changes] of [
        ['keyRotate', {}],
        ['keyRevoke', { reason: 'No' }],
      ] as const)
        expect(brief(await manager.refusal(mutation, { keyId, ...changes }))).toEqual([
          'NOT_FOUND input.keyId',
        ]);
    }
    await manager.act('keyRevoke', { keyId: narrow.keyId, reason: 'Done' });
  });
});
