// Ids and cursors that callers send: right ones, foreign ones, forged ones.

import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const { admin, anonymous, given } = await startApp();
const uuid = '01a205b4-a3e1-7b25-9801-ab4261580971';
const idOf = (text: string) => Buffer.from(text).toString('base64url');
const NODE = 'query ($id: ID!) { node(id: $id) { __typename id } }';
const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';

const malformed = [
  ['empty', ''],
  ['no base64', '???'],
  ['text', 'Post'],
  ['a bare UUID', uuid],
  ['a type without an id', idOf('Post:')],
  ['an id without a type', idOf(`:${uuid}`)],
  ['an id that is no UUID', idOf('Post:1')],
  ['an id with more behind it', idOf(`Post:${uuid}:1`)],
  ['padded base64', Buffer.from(`Post:${uuid}`).toString('base64')],
  ['a very long one', idOf(`Post:${uuid}`).repeat(1_000)],
] as const;

const strangers = [
  ['of a type that does not exist', idOf(`Nothing:${uuid}`)],
  ['of a type without ids', idOf(`Money:${uuid}`)],
  ['of a type of the prototype', idOf(`constructor:${uuid}`)],
  ['of an object that does not exist', idOf(`Post:${uuid}`)],
] as const;

describe('an id', () => {
  test.each(malformed)('that is malformed (%s) is BAD_INPUT in a query', async (_, id) => {
    expect(await admin.codes(NODE, { id })).toEqual(['BAD_INPUT']);
  });

  test.each(malformed)('that is malformed (%s) is a user error in a mutation', async (_, id) => {
    const [error] = await admin.refusal('locationArchive', { locationId: id });
    expect(error).toMatchObject({ code: 'INVALID_ID', path: ['input', 'locationId'] });
  });

  test.each(strangers)('%s is null, without an error', async (_, id) => {
    const answer = await admin.run(NODE, { id });
    expect(answer).toMatchObject({ data: { node: null }, errors: [] });
  });

  test('of another type than the argument wants is refused with the type that was wanted', async () => {
    const postId = await given.postId('warehouse');
    const [error] = await admin.refusal('locationArchive', { locationId: postId });
    expect(error).toMatchObject({ code: 'INVALID_ID', message: 'This is no location id.' });
  });

  test('reads its object wherever it is asked for, in the given order, and null where it may not be seen', async () => {
    const ids = [await given.location(), await given.postId('buyer'), await given.location()];
    const { nodes } = await admin.ok<{ nodes: ({ id: string } | null)[] }>(NODES, { ids });
    expect(nodes.map((node) => node?.id)).toEqual(ids);
    expect(await anonymous.ok(NODES, { ids })).toEqual({ nodes: [null, null, null] });
  });

  test('C57 of an object that may not be seen is null without an error, as if there were none, by its type as well', async () => {
    const clerk = await given.staff({ permissions: [], locations: [] });
    const ids = [admin.staffId, await given.partner(), await given.location(), clerk.staffId];
    expect(await clerk.ok(NODES, { ids })).toEqual({ nodes: [null, null, null, { id: clerk.staffId }] });
    for (const id of ids.slice(0, 3)) expect(await clerk.ok(NODE, { id })).toEqual({ node: null });
  });

  test('that is malformed is named with its place among the others', async () => {
    const problem = { code: 'INVALID_ID', message: 'This is no object id.' };
    const many = await admin.run(NODES, { ids: [idOf(`Post:${uuid}`), 'zzz', ''] });
    expect(many.errors[0]?.extensions).toEqual({
      code: 'BAD_INPUT',
      problems: [
        { ...problem, path: ['ids', 1] },
        { ...problem, path: ['ids', 2] },
      ],
    });
    const one = await admin.run(NODE, { id: 'zzz' });
    expect(one.errors[0]?.extensions).toEqual({
      code: 'BAD_INPUT',
      problems: [{ ...problem, path: ['id'] }],
    });
  });

  test.each([
    ['', idOf(`Post:${uuid}`)],
    [', malformed as they may be', 'zzz'],
  ])('more than 100 of them at once are refused%s', async (_, id) => {
    const { errors } = await admin.run(NODES, { ids: Array(101).fill(id) });
    expect(errors).toMatchObject([{ message: 'At most 100 ids.', extensions: { code: 'BAD_INPUT' } }]);
  });
});

describe('a cursor of a list', () => {
  const LIST = 'query ($after: String) { posts(first: 2, after: $after) { edges { cursor } } }';

  test.each([
    ['text', 'garbage'],
    ['JSON of something else', idOf('{"a":1}')],
    ['an array without a signature', idOf('["x"]')],
    ['values of other types', idOf('["codea,ida",{"d":"x"},{}]')],
    ['too many values', idOf(`["codea,ida","a","${uuid}","b"]`)],
    ['an id that is none', idOf('["codea,ida","a","1 OR 1=1"]')],
    ['an id that looks like one', idOf(`["codea,ida","a","${'-'.repeat(36)}"]`)],
    ['null', idOf('null')],
    ['a null byte', idOf(`["codea,ida","a\\u0000","${uuid}"]`)],
  ])('that is forged (%s) is BAD_INPUT', async (_, after) => {
    expect(await admin.codes(LIST, { after })).toEqual(['BAD_INPUT']);
  });

  test('of another list or another order is BAD_INPUT', async () => {
    const { staff } = await admin.ok<{ staff: { edges: { cursor: string }[] } }>(
      '{ staff(first: 1) { edges { cursor } } }',
    );
    expect(await admin.codes(LIST, { after: staff.edges[0]?.cursor })).toEqual(['BAD_INPUT']);
  });
});

describe('a cursor of the event log', () => {
  const FEED = 'subscription ($after: EventCursor) { stockEvents(after: $after) { type } }';

  test.each(['garbage', '', idOf('1.x.y'), idOf('2.epoch.1'), idOf(`1.epoch.${'9'.repeat(19)}`)])(
    'that is none (%#) is BAD_REQUEST',
    async (after) => {
      for (const stream of [admin.subscribe(FEED, { after }), admin.subscribeSse(FEED, { after })]) {
        const [error] = await stream.ended;
        expect(error?.extensions?.code).toBe('BAD_REQUEST');
      }
    },
  );

  test('C56 of another database, or ahead of the log, ends the operation with RESYNC_REQUIRED', async () => {
    const { eventCursor } = await admin.ok<{ eventCursor: string }>('{ eventCursor }');
    const [, epoch = ''] = Buffer.from(eventCursor, 'base64url').toString().split('.');
    for (const after of [idOf('1.AAAAAAAAAAA.1'), idOf(`1.${epoch}.999999999`)]) {
      for (const stream of [admin.subscribe(FEED, { after }), admin.subscribeSse(FEED, { after })]) {
        const [error] = await stream.ended;
        expect(error?.extensions?.code).toBe('RESYNC_REQUIRED');
      }
    }
  });
});
