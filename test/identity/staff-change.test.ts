// Changing people, and their leaving: rights hold at once, and somebody always stays who can manage.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { PASSWORD } from '../setup/given.ts';

const app = await startApp();
const { admin, anonymous, given, sql } = app;

const PROMISED_MS = 3 * 2_000;
const FEED = 'subscription { stockEvents { type } }';

const versionOf = async (client: Client): Promise<number> => {
  const { node } = await admin.ok<{ node: { version: number } }>(
    'query ($id: ID!) { node(id: $id) { ... on Staff { version } } }',
    {
      id: client.staffId,
    },
  );
  return node.version;
};

const change = async (client: Client, changes: object, selection = 'staff { version }') =>
  admin.act<{ staff: Record<string, unknown> }>(
    'staffChange',
    { staffId: client.staffId, expectedVersion: await versionOf(client), ...changes },
    selection,
  );

const endOf = (stream: { closed: Promise<unknown> }) =>
  Promise.race([stream.closed, sleep(PROMISED_MS, 'still open', { ref: false })]);

describe('changing a person', () => {
  test('changes what is given, keeps the rest, and raises the version by one', async () => {
    const client = await given.staff({ posts: ['buyer'] });
    const { staff } = await change(
      client,
      { name: '新名字', locale: 'zh' },
      'staff { name locale version allStores posts { code } }',
    );
    expect(staff).toEqual({
      name: '新名字',
      locale: 'zh',
      version: 2,
      allStores: true,
      posts: [{ code: 'buyer' }],
    });
  });

  test('with another version than the present one is refused, and the present one is told', async () => {
    const client = await given.staff({ posts: ['buyer'] });
    const input = { staffId: client.staffId, expectedVersion: 7, name: 'x' };
    expect(await admin.refusal('staffChange', input)).toMatchObject([
      { code: 'STALE_VERSION', path: ['input', 'expectedVersion'], message: expect.stringContaining('1') },
    ]);
  });

  test('by six at once succeeds for one, and the others are told that they come late', async () => {
    const client = await given.staff({ posts: ['buyer'] });
    const document =
      'mutation ($input: StaffChangeInput!) { staffChange(input: $input) { staff { version } userErrors { code } } }';
    const answers = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) =>
        admin.run(document, { input: { staffId: client.staffId, expectedVersion: 1, name: `Name ${n}` } }),
      ),
    );
    const outcomes = answers.map(({ data }) => JSON.stringify(data));
    expect(outcomes.filter((outcome) => outcome.includes('STALE_VERSION'))).toHaveLength(5);
    expect(await versionOf(client)).toBe(2);
  });

  test('C57 takes permissions away at once: the next request is refused and open streams end', async () => {
    const client = await given.staff({ posts: ['warehouse'] });
    const stream = client.subscribe(FEED);
    await stream.next();
    await change(client, { postIds: [await given.post(['orders.read'])] });
    expect(await client.codes('{ stocks { totalCount } }')).toEqual(['FORBIDDEN']);
    expect(await endOf(stream)).toMatchObject({ code: 4403 });
    const again = client.subscribe(FEED);
    expect((await again.ended).map((error) => error.extensions?.code)).toEqual(['FORBIDDEN']);
  });

  test('C57 T24 takes locations away at once, from lists, from ids and from streams', async () => {
    const [here, there] = [await given.location(), await given.location()];
    const client = await given.staff({ posts: ['warehouse'], locations: [here, there] });
    const LIST = '{ locations { edges { node { id } } } }';
    expect((await client.ok<{ locations: { edges: [] } }>(LIST)).locations.edges).toHaveLength(2);
    const stream = client.subscribe(FEED);
    await stream.next();
    await change(client, { locationIds: [here] });
    expect(await endOf(stream)).toMatchObject({ code: 4403 });
    expect(await client.ok(LIST)).toEqual({ locations: { edges: [{ node: { id: here } }] } });
    const { data } = await client.run('query ($id: ID!) { node(id: $id) { id } }', { id: there });
    expect(data).toEqual({ node: null });
  });

  test('is refused beyond one’s own rights, and by those who may not manage at all', async () => {
    const client = await given.staff({ permissions: [] });
    const manager = await given.staff({ permissions: ['staff.manage', 'staff.read'] });
    const input = { staffId: client.staffId, expectedVersion: 1 };
    expect(
      await manager.refusal('staffChange', { ...input, postIds: [await given.postId('buyer')] }),
    ).toMatchObject([{ code: 'GRANT_EXCEEDS_OWN' }]);
    const reader = await given.staff({ permissions: ['staff.read'] });
    const document =
      'mutation ($input: StaffChangeInput!) { staffChange(input: $input) { userErrors { code } } }';
    expect(await reader.codes(document, { input })).toEqual(['FORBIDDEN']);
  });

  test('of somebody who is not visible is NOT_FOUND', async () => {
    const manager = await given.staff({ permissions: ['staff.manage'] });
    const other = await given.staff({ permissions: [] });
    expect(
      await manager.refusal('staffChange', { staffId: other.staffId, expectedVersion: 1, name: 'x' }),
    ).toMatchObject([{ code: 'NOT_FOUND' }]);
  });
});

describe('leaving', () => {
  test('C57 ends every session and stream, closes the account, and keeps the person and their history', async () => {
    const client = await given.staff({ posts: ['warehouse'], email: 'leaver@test.example' });
    const stream = client.subscribe(FEED);
    await stream.next();
    const { staff } = await admin.act<{ staff: object }>(
      'staffLeave',
      { staffId: client.staffId },
      'staff { state name version }',
    );
    expect(staff).toEqual({ state: 'LEFT', name: 'Somebody', version: 2 });
    expect(await endOf(stream)).toMatchObject({ code: 4403 });
    expect((await client.run('{ __typename }')).status).toBe(401);
    expect(
      await anonymous.refusal('sessionOpen', { email: 'leaver@test.example', password: PASSWORD }),
    ).toMatchObject([{ code: 'LOGIN_FAILED' }]);
    const live = await sql(
      `SELECT 1 FROM session s JOIN person_staff p USING (staff_id) WHERE p.email = 'leaver@test.example' AND revoked_at IS NULL`,
    );
    expect(live).toEqual([]);
  });

  test('twice changes nothing the second time', async () => {
    const client = await given.staff({ posts: ['buyer'] });
    const leave = () => admin.act('staffLeave', { staffId: client.staffId }, 'staff { state version }');
    expect(await leave()).toEqual(await leave());
  });

  test('the last administrator must stay, by leaving, by losing the post, and when two leave at once', async () => {
    const refused = { code: 'LAST_ADMINISTRATOR' };
    expect(await admin.refusal('staffLeave', { staffId: admin.staffId })).toMatchObject([refused]);
    const input = {
      staffId: admin.staffId,
      expectedVersion: await versionOf(admin),
      postIds: [await given.postId('buyer')],
    };
    expect(await admin.refusal('staffChange', input)).toMatchObject([refused]);
    const second = await given.staff({ posts: ['administrator'] });
    const document =
      'mutation ($input: StaffLeaveInput!) { staffLeave(input: $input) { staff { state } userErrors { code } } }';
    const answers = await Promise.all([
      admin.run(document, { input: { staffId: second.staffId } }),
      second.run(document, { input: { staffId: admin.staffId } }),
    ]);
    const bodies = answers.map(({ data, status }) => `${status} ${JSON.stringify(data)}`);
    expect(
      bodies.filter((body) => body.includes('"LEFT"')),
      bodies.join(),
    ).toHaveLength(1);
    const [left] =
      await sql(`SELECT count(*) FROM staff s JOIN staff_post sp ON sp.staff_id = s.id JOIN post p ON p.id = sp.post_id
      WHERE s.state = 'ACTIVE' AND p.code = 'administrator'`);
    expect(left).toEqual({ count: '1' });
  });
});
