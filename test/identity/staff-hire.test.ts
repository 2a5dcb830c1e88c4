// Hiring: an account with posts, stores and locations, and never more than who hires has.

import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { PASSWORD, uniqueName } from '../setup/given.ts';

const app = await startApp();
const { admin, given, login, sql } = app;

const buyer = await given.postId('buyer');

const person = (changes: object = {}) => ({
  name: '李四',
  email: `${uniqueName('hire')}@test.example`,
  password: PASSWORD,
  postIds: [buyer],
  ...changes,
});

const HIRED = 'staff { id name email state locale posts { code } allStores allLocations version }';

describe('hiring', () => {
  test('makes an account that can log in at once and may do what its posts may', async () => {
    const input = person({ locale: 'zh', allStores: true });
    const { staff } = await admin.act<{ staff: object }>('staffHire', input, HIRED);
    expect(staff).toMatchObject({
      name: '李四',
      email: input.email,
      state: 'ACTIVE',
      locale: 'zh',
      posts: [{ code: 'buyer' }],
      allStores: true,
      allLocations: false,
      version: 1,
    });
    const client = await login(input.email, PASSWORD);
    const { viewerPermissions, viewer } = await client.ok<{
      viewerPermissions: string[];
      viewer: { posts: { permissions: string[] }[] };
    }>('{ viewerPermissions viewer { posts { permissions } } }');
    expect(viewerPermissions).toContain('stock.receive');
    expect(viewer.posts).toEqual([{ permissions: viewerPermissions }]);
  });

  test('adds the permissions of several posts, each once', async () => {
    const posts = [
      await given.post(['stock.read', 'stock.adjust']),
      await given.post(['stock.read', 'orders.read']),
    ];
    const input = person({ postIds: [...posts, posts[0]] });
    await admin.act('staffHire', input);
    const client = await login(input.email, PASSWORD);
    expect(await client.ok('{ viewerPermissions }')).toEqual({
      viewerPermissions: ['orders.read', 'stock.adjust', 'stock.read'],
    });
  });

  test('is refused for an address that is taken, in any case, also when two hire at the same moment', async () => {
    const email = `${uniqueName('taken')}@test.example`;
    await admin.act('staffHire', person({ email }));
    expect(await admin.refusal('staffHire', person({ email: email.toUpperCase() }))).toMatchObject([
      { code: 'ALREADY_EXISTS', path: ['input', 'email'] },
    ]);
    const raced = `${uniqueName('raced')}@test.example`;
    const document =
      'mutation ($input: StaffHireInput!) { staffHire(input: $input) { staff { id } userErrors { code } } }';
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => admin.run(document, { input: person({ email: raced }) })),
    );
    const outcomes = answers.map(({ data, errors }) => JSON.stringify(data ?? errors));
    expect(outcomes.filter((outcome) => outcome.includes('"userErrors":[]'))).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.includes('ALREADY_EXISTS'))).toHaveLength(3);
  });

  test('lists everything that is wrong with the input at once', async () => {
    const wrong = { name: ' ', email: 'nobody', password: 'short', postIds: ['nothing'] };
    const errors = await admin.refusal('staffHire', wrong);
    expect(errors.map(({ code, path }) => [path.slice(1).join('.'), code]).sort()).toEqual([
      ['email', 'INVALID'],
      ['name', 'REQUIRED'],
      ['password', 'TOO_SHORT'],
      ['postIds.0', 'INVALID_ID'],
    ]);
  });

  test('is refused for posts, stores and locations that do not exist', async () => {
    const unknown = (type: string) =>
      Buffer.from(`${type}:01a205b4-a3e1-7b25-9801-ab4261580971`).toString('base64url');
    const errors = await admin.refusal(
      'staffHire',
      person({
        postIds: [unknown('Post')],
        storeIds: [unknown('Store')],
        locationIds: [unknown('Location')],
      }),
    );
    expect(errors.map(({ code }) => code)).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
    expect(errors.map(({ path }) => path[1])).toEqual(['postIds', 'storeIds', 'locationIds']);
  });

  test('is not done with an archived post', async () => {
    const post = await given.post([]);
    await admin.act('postArchive', { postId: post });
    expect(await admin.refusal('staffHire', person({ postIds: [post] }))).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
  });

  test('keeps names, addresses and passwords out of the event log', async () => {
    const input = person({ name: 'Wang Wu' });
    await admin.act('staffHire', input);
    await admin.ok('{ eventCursor }');
    const events = JSON.stringify(await sql(`SELECT * FROM event WHERE type LIKE 'staff.%'`));
    expect(events).toContain('"withheld":true');
    for (const secret of ['Wang Wu', input.email, PASSWORD, '$argon2id'])
      expect(events).not.toContain(secret);
  });
});

describe('C49 nobody gives more than they have', () => {
  test('a post with permissions of which the manager lacks some is refused, and the missing ones are named', async () => {
    const manager = await given.staff({ permissions: ['staff.manage', 'staff.read', 'stock.read'] });
    const [error, ...more] = await manager.refusal('staffHire', person());
    expect(error).toMatchObject({ code: 'GRANT_EXCEEDS_OWN', path: ['input', 'postIds'] });
    expect(error?.message).toMatch(/board\.read.*stock\.receive/);
    expect(more).toEqual([]);
    await manager.act('staffHire', person({ postIds: [await given.post(['stock.read'])] }));
  });

  test('stores and locations beyond one’s own are refused, and all of them to those who do not have all', async () => {
    const [mine, other] = [await given.store(), await given.store()];
    const here = await given.location();
    const manager = await given.staff({
      permissions: ['staff.manage', 'staff.read'],
      stores: [mine],
      locations: [here],
    });
    const postIds = [await given.post([])];
    const refusals = [
      await manager.refusal('staffHire', person({ postIds, storeIds: [mine, other] })),
      await manager.refusal('staffHire', person({ postIds, allStores: true })),
      await manager.refusal('staffHire', person({ postIds, locationIds: [await given.location()] })),
      await manager.refusal('staffHire', person({ postIds, allLocations: true })),
    ];
    expect(refusals.map((errors) => errors.map(({ code, path }) => [code, ...path.slice(1)]))).toEqual([
      [['GRANT_EXCEEDS_OWN', 'storeIds', '1']],
      [['GRANT_EXCEEDS_OWN', 'allStores']],
      [['GRANT_EXCEEDS_OWN', 'locationIds', '0']],
      [['GRANT_EXCEEDS_OWN', 'allLocations']],
    ]);
    await manager.act('staffHire', person({ postIds, storeIds: [mine], locationIds: [here] }));
  });
});
