// Lists: every page of every size, in both directions, adds up to the list, also while rows are added.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp();
const { admin, given } = app;

interface Page {
  edges: { cursor: string; node: { id: string; code: string } }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  totalCount: number;
}

const FIELDS =
  'edges { cursor node { id code } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount';

const lists = ['locations', 'posts'] as const;
type List = (typeof lists)[number];

async function page(
  list: List,
  args: { first?: number; last?: number; after?: string | null; before?: string | null },
): Promise<Page> {
  const document = `query ($first: Int, $last: Int, $after: String, $before: String) {
    list: ${list}(first: $first, last: $last, after: $after, before: $before) { ${FIELDS} }
  }`;
  return (await admin.ok<{ list: Page }>(document, args)).list;
}

/** Ids of the whole list, read forwards in pages of these sizes, again and again. */
async function readForwards(
  list: List,
  sizes: readonly number[],
  between = async () => {},
): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  for (let i = 0; ; i++) {
    const read: Page = await page(list, { first: sizes[i % sizes.length] ?? 1, after });
    ids.push(...read.edges.map(({ node }) => node.id));
    if (!read.pageInfo.hasNextPage) return ids;
    after = read.pageInfo.endCursor;
    await between();
  }
}

async function readBackwards(list: List, sizes: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  let before: string | null = null;
  for (let i = 0; ; i++) {
    const read: Page = await page(list, { last: sizes[i % sizes.length] ?? 1, before });
    ids.unshift(...read.edges.map(({ node }) => node.id));
    if (!read.pageInfo.hasPreviousPage) return ids;
    before = read.pageInfo.startCursor;
  }
}

/** Ids of the list in its order, from the database. */
const truth = async (list: List): Promise<string[]> => {
  const type = list === 'locations' ? 'Location' : 'Post';
  const table = list === 'locations' ? 'location' : 'post';
  const rows = await app.sql<{ id: string }>(`SELECT id FROM ${table} ORDER BY code, id`);
  return rows.map(({ id }) => Buffer.from(`${type}:${id}`).toString('base64url'));
};

const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });

beforeAll(async () => {
  for (let i = 0; i < 40; i++) await given.location({ code: `shelf-${(i * 7) % 40}` });
});

describe('C46 G5 a list', () => {
  test.each(lists)(
    'of %s read in pages of any size, forwards or backwards, is the whole list in its order',
    async (list) => {
      const whole = await truth(list);
      expect(whole.length).toBeGreaterThan(15);
      await fc.assert(
        fc.asyncProperty(sizes, async (taken) => {
          expect(await readForwards(list, taken)).toEqual(whole);
          expect(await readBackwards(list, taken)).toEqual(whole);
        }),
        { numRuns: 15 },
      );
    },
  );

  test('read while rows are added before, between and after has each old row once, and no row twice', async () => {
    const before = await truth('locations');
    let added = 0;
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1 }),
        async (taken, places) => {
          const read = await readForwards('locations', taken, async () => {
            const place = places[added % places.length] ?? 0;
            if (added < 60) await given.location({ code: `shelf-${place}-${++added}` });
          });
          expect(new Set(read).size).toBe(read.length);
          expect(read.filter((id) => before.includes(id))).toEqual(before);
        },
      ),
      { numRuns: 8 },
    );
    expect(added).toBeGreaterThan(10);
  });

  test('may be turned round anywhere: the page before the page after a cursor is where one was', async () => {
    const start = await page('locations', { first: 10 });
    const next = await page('locations', { first: 5, after: start.pageInfo.endCursor });
    const back = await page('locations', { last: 5, before: next.pageInfo.startCursor });
    expect(back.edges).toEqual(start.edges.slice(-5));
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  });
});

describe('C46 the size of a page', () => {
  test('is 20 unless given, and at most 100', async () => {
    expect((await page('locations', {})).edges).toHaveLength(20);
    for (let i = 0; i < 80; i++) await given.location();
    const full = await page('locations', { first: 100 });
    expect(full.edges).toHaveLength(100);
    expect(full.pageInfo.hasNextPage).toBe(true);
    for (const args of [{ first: 101 }, { last: 101 }, { first: -1 }, { last: -1 }, { first: 1_000 }]) {
      const document =
        'query ($first: Int, $last: Int) { locations(first: $first, last: $last) { totalCount } }';
      expect(await admin.codes(document, args)).toEqual(['BAD_INPUT']);
    }
  });

  test('may be 0, which tells whether there is anything', async () => {
    expect(await page('locations', { first: 0 })).toMatchObject({
      edges: [],
      pageInfo: { hasNextPage: true, endCursor: null },
    });
    expect(await page('locations', { last: 0 })).toMatchObject({
      edges: [],
      pageInfo: { hasPreviousPage: true },
    });
  });

  test('is given by first or by last, not by both, and each with its own cursor', async () => {
    const { pageInfo } = await page('posts', { first: 3 });
    const cursor = pageInfo.endCursor;
    for (const args of [
      { first: 1, last: 1 },
      { first: 1, before: cursor },
      { last: 1, after: cursor },
    ]) {
      const document =
        'query ($first: Int, $last: Int, $after: String, $before: String) { posts(first: $first, last: $last, after: $after, before: $before) { totalCount } }';
      expect(await admin.codes(document, args)).toEqual(['BAD_INPUT']);
    }
  });

  test('beyond the end is an empty page that says so', async () => {
    const all = await truth('posts');
    const { pageInfo } = await page('posts', { last: 1 });
    const beyond = await page('posts', { first: 5, after: pageInfo.endCursor });
    expect(beyond).toMatchObject({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, endCursor: null },
    });
    expect(beyond.totalCount).toBe(all.length);
  });
});

test('a cursor still finds its place when its row is gone from the list', async () => {
  const first = await page('locations', { first: 2 });
  const LIST =
    'query ($after: String) { locations(first: 1, after: $after, where: { archived: false }) { edges { node { id } } } }';
  const gone = first.edges[0];
  await admin.act('locationArchive', { locationId: gone?.node.id });
  const { locations } = await admin.ok<{ locations: Page }>(LIST, { after: gone?.cursor });
  expect(locations.edges[0]?.node.id).toBe(first.edges[1]?.node.id);
});
