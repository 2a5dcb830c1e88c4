// Posts: what people may do. Reference posts come with the product, others are the department's own.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { PASSWORD, uniqueName } from '../setup/given.ts';

const { admin, given, login } = await startApp();

const PROMISED_MS = 3 * 2_000;
const texts = (en: string, zh?: string) => [
  { locale: 'en', name: en },
  ...(zh ? [{ locale: 'zh', name: zh }] : []),
];

interface Post {
  id: string;
  code: string;
  name: string;
  permissions: string[];
  isReference: boolean;
  archivedAt: string | null;
  version: number;
}

const FIELDS = 'id code name permissions isReference archivedAt version';

const listed = async (client = admin, where = '') => {
  const { posts } = await client.ok<{ posts: { edges: { node: Post }[] } }>(
    `{ posts(first: 100 ${where}) { edges { node { ${FIELDS} } } } }`,
  );
  return posts.edges.map(({ node }) => node);
};

const postOf = async (id: string) => (await listed()).find((post) => post.id === id);

describe('reference posts', () => {
  test('are those of the department, with a name in each language', async () => {
    const reference = (await listed()).filter(({ isReference }) => isReference);
    expect(reference.map(({ code }) => code)).toEqual([
      'ad_buyer',
      'administrator',
      'after_sales',
      'analyst',
      'buyer',
      'customer_service',
      'finance',
      'live_operator',
      'marketing',
      'order_clerk',
      'product_editor',
      'reviewer',
      'store_manager',
      'supervisor',
      'visual_designer',
      'warehouse',
    ]);
    const chinese = await listed(admin.speaking('zh'));
    for (const post of chinese.filter(({ isReference }) => isReference))
      expect(post.name, post.code).toMatch(/\p{Script=Han}/u);
  });

  test('carry only permissions that exist, and the administrator carries all of them', async () => {
    const { permissions } = await admin.ok<{ permissions: { name: string; title: string }[] }>(
      '{ permissions { name title } }',
    );
    const names = permissions.map(({ name }) => name);
    const posts = await listed();
    for (const post of posts)
      expect(
        post.permissions.filter((name) => !names.includes(name)),
        post.code,
      ).toEqual([]);
    expect(posts.find(({ code }) => code === 'administrator')?.permissions).toEqual(names);
  });

  test('cannot be changed or archived', async () => {
    const post = await postOf(await given.postId('warehouse'));
    const change = { postId: post?.id, expectedVersion: post?.version, permissions: [] };
    expect(await admin.refusal('postChange', change)).toMatchObject([{ code: 'REFERENCE_POST' }]);
    expect(await admin.refusal('postArchive', { postId: post?.id })).toMatchObject([
      { code: 'REFERENCE_POST' },
    ]);
    expect(await postOf(post?.id ?? '')).toEqual(post);
  });
});

describe('posts of the department', () => {
  test('are defined with a code, names and permissions, sorted and each once', async () => {
    const input = {
      code: 'night_shift',
      texts: texts('Night shift', '夜班'),
      permissions: ['stock.read', 'orders.read', 'stock.read'],
    };
    const { post } = await admin.act<{ post: Post }>('postDefine', input, `post { ${FIELDS} }`);
    expect(post).toMatchObject({
      code: 'night_shift',
      name: 'Night shift',
      permissions: ['orders.read', 'stock.read'],
      isReference: false,
      archivedAt: null,
      version: 1,
    });
    expect((await listed(admin.speaking('zh'))).find(({ id }) => id === post.id)?.name).toBe('夜班');
  });

  test('are refused for a code that is taken and for permissions that do not exist, both at once', async () => {
    const input = { code: 'warehouse', texts: texts('x'), permissions: ['stock.read', 'stock.steal'] };
    const errors = await admin.refusal('postDefine', input);
    expect(errors).toMatchObject([
      { code: 'UNKNOWN_PERMISSION', path: ['input', 'permissions', '1'] },
      { code: 'ALREADY_EXISTS', path: ['input', 'code'] },
    ]);
    expect(
      await admin.refusal('postDefine', { code: 'Not A Code', texts: [], permissions: [] }),
    ).toMatchObject([
      { code: 'INVALID', path: ['input', 'code'] },
      { code: 'TOO_SHORT', path: ['input', 'texts'] },
    ]);
  });

  test('C49 cannot carry permissions that who defines or changes them does not have', async () => {
    const manager = await given.staff({ permissions: ['staff.manage', 'stock.read'] });
    const input = {
      code: uniqueName('post'),
      texts: texts('x'),
      permissions: ['stock.read', 'orders.cancel'],
    };
    const [error] = await manager.refusal('postDefine', input);
    expect(error).toMatchObject({
      code: 'GRANT_EXCEEDS_OWN',
      message: expect.stringContaining('orders.cancel'),
    });
    const { post } = await manager.act<{ post: Post }>(
      'postDefine',
      { ...input, permissions: ['stock.read'] },
      'post { id version }',
    );
    const change = { postId: post.id, expectedVersion: 1, permissions: ['orders.cancel'] };
    expect(await manager.refusal('postChange', change)).toMatchObject([{ code: 'GRANT_EXCEEDS_OWN' }]);
  });

  test('C57 that change hold at once for all who have them, and end their streams', async () => {
    const post = await given.post(['stock.read']);
    const email = 'holder@test.example';
    await admin.act('staffHire', {
      name: 'Holder',
      email,
      password: PASSWORD,
      postIds: [post],
      allLocations: true,
    });
    const holder = await login(email, PASSWORD);
    const stream = holder.subscribe('subscription { stockEvents { type } }');
    await stream.next();
    await admin.act('postChange', { postId: post, expectedVersion: 1, permissions: ['orders.read'] });
    expect(await holder.codes('{ stocks { totalCount } }')).toEqual(['FORBIDDEN']);
    expect(
      await Promise.race([stream.closed, sleep(PROMISED_MS, 'still open', { ref: false })]),
    ).toMatchObject({ code: 4403 });
  });

  test('are changed against the version that was read', async () => {
    const post = await given.post(['stock.read']);
    await admin.act('postChange', { postId: post, expectedVersion: 1, texts: texts('Renamed') });
    expect(await postOf(post)).toMatchObject({ name: 'Renamed', permissions: ['stock.read'], version: 2 });
    const stale = { postId: post, expectedVersion: 1, permissions: [] };
    expect(await admin.refusal('postChange', stale)).toMatchObject([{ code: 'STALE_VERSION' }]);
  });

  test('are archived: whoever has one keeps it, and repeating changes nothing', async () => {
    const post = await given.post(['stock.read']);
    const archive = () => admin.act('postArchive', { postId: post }, 'post { archivedAt version }');
    expect(await archive()).toEqual(await archive());
    expect((await listed(admin, 'where: { archived: true }')).map(({ id }) => id)).toContain(post);
    expect((await listed(admin, 'where: { archived: false }')).map(({ id }) => id)).not.toContain(post);
  });
});
