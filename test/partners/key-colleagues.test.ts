// What no key may do, whatever its scopes: make people and rights that outlive it, or see other partners.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { PASSWORD, uniqueName } from '../setup/given.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, given } = app;
const { permissions } = await admin.ok<{ permissions: { name: string; isGuarded: boolean }[] }>(
  '{ permissions { name isGuarded } }',
);
const scopes = permissions.map(({ name }) => name);
const key = await given.key({ scopes });

const NODE = 'query ($id: ID!) { node(id: $id) { __typename } }';
const refused = async (mutation: string, input: object) => brief(await key.refusal(mutation, { ...input }));

describe('G36 a key with every permission', () => {
  test('hires, changes and dismisses nobody, and defines, changes and archives no post', async () => {
    const clerk = await given.staff({ permissions: [] });
    const postId = await given.post([]);
    const texts = [{ locale: 'en', name: 'A post' }];
    const hire = { name: 'X', email: 'x@test.example', password: PASSWORD, locale: 'en', postIds: [postId] };
    const staff = { staffId: clerk.staffId };
    const NOT_PERMITTED = ['NOT_PERMITTED input'];
    expect(await refused('staffHire', hire)).toEqual(NOT_PERMITTED);
    expect(await refused('staffChange', { ...staff, expectedVersion: 1, name: 'X' })).toEqual(NOT_PERMITTED);
    expect(await refused('staffLeave', staff)).toEqual(NOT_PERMITTED);
    expect(await refused('postDefine', { code: 'x', permissions: [], texts })).toEqual(NOT_PERMITTED);
    expect(await refused('postChange', { postId, expectedVersion: 1, permissions: [] })).toEqual(
      NOT_PERMITTED,
    );
    expect(await refused('postArchive', { postId })).toEqual(NOT_PERMITTED);
  });

  test('sees and ends no session of a colleague', async () => {
    const { viewer } = await admin.ok<{ viewer: { sessions: { edges: { node: { id: string } }[] } } }>(
      '{ viewer { sessions { edges { node { id } } } } }',
    );
    const sessionId = viewer.sessions.edges[0]?.node.id;
    expect(await refused('sessionRevoke', { sessionId })).toEqual(['NOT_FOUND input.sessionId']);
    expect(await key.ok(NODE, { id: sessionId })).toEqual({ node: null });
  });

  test('changes and erases no customer', async () => {
    const { customerId } = await given.customer();
    expect(await refused('customerChange', { customerId, expectedVersion: 1, name: 'X' })).toEqual([
      'NOT_PERMITTED input',
    ]);
    expect(await refused('customerErase', { customerId, reason: 'X' })).toEqual(['NOT_PERMITTED input']);
  });

  test('C57 sees and changes its own partner only, opens none and archives none', async () => {
    const other = await given.partner();
    const texts = [{ locale: 'en', name: 'Renamed' }];
    const { partners } = await key.ok<{ partners: { edges: { node: { id: string } }[] } }>(
      '{ partners { edges { node { id } } } }',
    );
    expect(partners.edges.map(({ node }) => node.id)).toEqual([key.partnerId]);
    expect(await key.ok(NODE, { id: other })).toEqual({ node: null });
    expect(await refused('partnerChange', { partnerId: other, expectedVersion: 1, texts })).toEqual([
      'NOT_FOUND input.partnerId',
    ]);
    await key.act('partnerChange', { partnerId: key.partnerId, expectedVersion: 1, texts });
    expect(await refused('partnerOpen', { code: uniqueName('x'), kind: 'OTHER', texts })).toEqual([
      'NOT_PERMITTED input',
    ]);
    expect(await refused('partnerArchive', { partnerId: key.partnerId })).toEqual([
      'NOT_PERMITTED input.partnerId',
    ]);
  });

  test('finds no post in the list, and no permission over people in a set', async () => {
    expect(await key.ok('{ posts { totalCount edges { node { code } } } }')).toEqual({
      posts: { totalCount: 0, edges: [] },
    });
    const guarded = permissions.flatMap(({ name, isGuarded }) => (isGuarded ? [name] : []));
    expect(guarded).toEqual(expect.arrayContaining(['customers.erase', 'customers.manage', 'staff.manage']));
  });

  test('C57 does not learn from the log who other partners are', async () => {
    const { storeId, variantId } = await given.stockedVariant();
    const by = await given.key({ scopes: ['orders:read', 'orders:write'], name: 'Rival import' });
    const { id } = await given.order({ storeId, lines: [{ variantId, quantity: 1 }], by });
    const document = `query ($id: ID!) { node(id: $id) { ... on Order { timeline(first: 1) { edges { node {
      actor { kind name nodeId } } } } } } }`;
    const actor = (name: string) => ({
      node: { timeline: { edges: [{ node: { actor: { kind: 'KEY', name, nodeId: null } } }] } },
    });
    expect(await key.ok(document, { id })).toEqual(actor('A partner'));
    expect(await key.speaking('zh').ok(document, { id })).toEqual(actor('某合作伙伴'));
  });
});
