// Nobody gets, by whatever way round, more rights than those who give them.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { PASSWORD } from '../setup/given.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();
const manages = ['staff.manage', 'staff.read', 'orders.read', 'orders.confirm'];
const local = await app.given.staff({ permissions: manages, stores: [at.storeId], locations: [] });

test('G35 who manages one store cannot change, dismiss or log out those who act in more', async () => {
  const wide = await app.given.staff({ permissions: ['orders.read'], locations: [] });
  const version = { staffId: wide.staffId, expectedVersion: 1 };
  expect(brief(await local.refusal('staffChange', { ...version, name: 'X' }))).toEqual([
    'NOT_PERMITTED input.staffId',
  ]);
  expect(brief(await local.refusal('staffLeave', { staffId: wide.staffId }))).toEqual([
    'NOT_PERMITTED input.staffId',
  ]);
  const { viewer } = await wide.ok<{ viewer: { sessions: { edges: { node: { id: string } }[] } } }>(
    '{ viewer { sessions { edges { node { id } } } } }',
  );
  const sessionId = viewer.sessions.edges[0]?.node.id;
  expect(brief(await local.refusal('sessionRevoke', { sessionId }))).toEqual(['NOT_FOUND input.sessionId']);
});

test('C49 a manager cannot lend a post to somebody who acts in more stores, and so borrow their reach', async () => {
  const confederate = await app.given.staff({ permissions: [], locations: [] });
  const { viewer } = await local.ok<{ viewer: { posts: { id: string }[] } }>('{ viewer { posts { id } } }');
  const input = {
    staffId: confederate.staffId,
    expectedVersion: 1,
    postIds: viewer.posts.map((post) => post.id),
  };
  expect(brief(await local.refusal('staffChange', input))).toEqual(['NOT_PERMITTED input.staffId']);
});

test('posts of the whole department are not changed by who manages a part of it', async () => {
  const postId = await app.given.post(['orders.read']);
  const input = { postId, expectedVersion: 1, permissions: [] };
  expect(brief(await local.refusal('postChange', input))).toEqual(['NOT_PERMITTED input.postId']);
  expect(brief(await local.refusal('postArchive', { postId }))).toEqual(['NOT_PERMITTED input.postId']);
});

test('no session that was opened with the old password survives a change of it', async () => {
  const clerk = await app.given.staff({ posts: ['order_clerk'] });
  const { viewer } = await clerk.ok<{ viewer: { email: string } }>('{ viewer { email } }');
  const open = () =>
    app.anonymous
      .run<{ sessionOpen: { token: string | null } }>(
        'mutation ($input: SessionOpenInput!) { sessionOpen(input: $input) { token userErrors { code } } }',
        { input: { email: viewer.email, password: PASSWORD } },
      )
      .then(({ data }) => data?.sessionOpen.token ?? null);
  const change = clerk.act('passwordChange', {
    currentPassword: PASSWORD,
    newPassword: 'another long password',
  });
  const tokens = await Promise.all(Array.from({ length: 6 }, open));
  await change;
  const live = await Promise.all(
    tokens.filter((token) => token !== null).map((token) => app.clientFor(token).run('{ viewer { id } }')),
  );
  expect(live.filter(({ status }) => status === 200)).toEqual([]);
  expect((await clerk.run('{ viewer { id } }')).status).toBe(200);
});
