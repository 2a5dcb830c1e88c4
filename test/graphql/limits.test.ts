// The limits of documents: the same for a query over HTTP, a WebSocket and a stream of server-sent events.

import { describe, expect, test } from 'vitest';
import { limits } from '../../src/graphql/admit.ts';
import { goodsIn } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';

const app = await startApp();
const { admin, url } = app;

const times = (count: number, make: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ');

/** Selections that exceed one limit each, by as little as possible. */
const excesses: readonly (readonly [limit: string, selection: string, fragments?: string])[] = [
  [
    'depth',
    `${'posts { edges { node { __typename } } }'} locations { edges { node { ${'stocks { edges { node { location { '.repeat(5)}id${' } } } }'.repeat(5)} } } }`,
  ],
  ['aliasCharacters', `${'a'.repeat(limits.aliasCharacters + 1)}: __typename`],
  ['aliases', times(limits.aliases + 1, (i) => `a${i}: __typename`)],
  [
    'directives',
    `posts { edges { node { ${times(limits.directives + 1, () => 'code @include(if: true)')} } } }`,
  ],
  ['rootFields', times(limits.rootFields + 1, () => '__typename')],
  ['fields', `posts { edges { node { ${times(limits.fields, () => 'code')} } } }`],
  [
    'rootFields',
    '...A ...A',
    `fragment A on Query { ${times(limits.rootFields / 2 + 1, () => '__typename')} }`,
  ],
  [
    'fields',
    'posts { ...F0 }',
    `${times(12, (i) => `fragment F${i} on PostConnection { ...F${i + 1} ...F${i + 1} }`)} fragment F12 on PostConnection { totalCount }`,
  ],
  ['repeats', `posts { ${times(limits.repeats + 1, () => 'edges { cursor }')} }`],
  [
    'repeats',
    '__typename',
    `fragment Unused on Query { ${times(limits.repeats + 1, () => 'posts { edges { node { id } } }')} }`,
  ],
  [
    'fragmentFields',
    '__typename',
    `${times(14, (i) => `fragment F${i} on PostConnection { ...F${i + 1} ...F${i + 1} }`)} fragment F14 on PostConnection { totalCount }`,
  ],
];

describe('C47 G30 a document that is too much of one thing is refused', () => {
  test.each(excesses)('of %s: over HTTP', async (limit, selection, fragments = '') => {
    const answer = await admin.run(`{ ${selection} } ${fragments}`);
    expect(answer).toMatchObject({ status: 400, data: null });
    expect(answer.errors[0]?.message).toContain(limit);
    expect(answer.errors[0]?.extensions).toEqual({ code: 'BAD_REQUEST' });
  });

  test.each(excesses)('of %s: over WebSocket, as a query', async (limit, selection, fragments = '') => {
    const [error] = await admin.subscribe(`{ ${selection} } ${fragments}`).ended;
    expect(error?.message).toContain(limit);
    expect(error?.extensions).toEqual({ code: 'BAD_REQUEST' });
  });

  test.each(excesses)('of %s: over SSE, as a query', async (limit, selection, fragments = '') => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${admin.token}`,
      },
      body: JSON.stringify({ query: `{ ${selection} } ${fragments}` }),
    });
    expect(await response.text()).toContain(`${limit} is limited to`);
  });

  test.each([
    ['characters', `{ __typename } #${'x'.repeat(limits.characters)}`],
    ['tokens', `{ ${times(limits.tokens, () => '__typename')} }`],
  ])('of %s, before it is parsed further: on every door', async (_, document) => {
    expect(await admin.codes(document)).toEqual(['BAD_REQUEST']);
    expect((await admin.subscribe(document).ended).map((error) => error.extensions?.code)).toEqual([
      'BAD_REQUEST',
    ]);
  });

  test.each([
    ['selections', `{ ${'a{'.repeat(2_400)}`],
    ['selections that end', `{ ${'a{'.repeat(1_000)}b${'}'.repeat(1_001)}`],
    ['lists', `{ nodes(ids: ${'['.repeat(4_000)}`],
    ['objects', `{ orders(where: ${'{a:'.repeat(1_600)}`],
    ['types of variables', `query ($a: ${'['.repeat(2_400)}ID${']'.repeat(2_400)}) { __typename }`],
  ])('of nesting of %s, before it is parsed: on every door', async (_, document) => {
    const message = `The document has too much of one thing: nesting is limited to ${limits.nesting}.`;
    const refusal = [{ message, extensions: { code: 'BAD_REQUEST' } }];
    expect((await admin.run(document)).errors).toMatchObject(refusal);
    expect(await admin.subscribe(document).ended).toMatchObject(refusal);
  });

  test('a subscription is measured like a query', async () => {
    const selection = `stockEvents { ${times(limits.aliases + 1, (i) => `a${i}: type`)} }`;
    for (const stream of [
      admin.subscribe(`subscription { ${selection} }`),
      admin.subscribeSse(`subscription { ${selection} }`),
    ]) {
      const [error] = await stream.ended;
      expect(error?.message).toContain('aliases');
    }
  });

  test('what stays below every limit is answered', async () => {
    const document = `{ ${times(limits.rootFields, () => '__typename')} }`;
    expect((await admin.run(document)).data).toEqual({ __typename: 'Query' });
    const deep = `{ locations { edges { node { ${'stocks(first: 2) { edges { node { location { '.repeat(4)}id${' } } } }'.repeat(4)} } } } }`;
    expect((await admin.run(deep)).errors).toEqual([]);
  });

  test('G16 an answer that comes to more than four million characters is not for anybody unknown', async () => {
    const texts = [{ locale: 'en', name: 'Long', description: 'x'.repeat(10_000) }];
    await Promise.all(Array.from({ length: 8 }, () => goodsIn(app).published({ texts })));
    const asking = (copies: number) =>
      `{ products(first: 8) { edges { node { publishedVersion { ${times(copies, (i) => `a${i}: description`)} } } } } }`;
    const refused = await app.anonymous.run(asking(59));
    expect(refused.data).toBeNull();
    expect(refused.errors.map(({ extensions }) => extensions?.code)).toEqual(['TOO_COSTLY']);
    expect((await app.anonymous.run(asking(40))).errors).toEqual([]);
    expect((await admin.run(asking(59))).errors).toEqual([]);
  });

  test('a refusal is cheap: 1,000 documents nobody sent before are refused in a few seconds', async () => {
    const doubling = excesses.findLast(([limit]) => limit === 'fields');
    const started = performance.now();
    const work = Array.from({ length: 1_000 }, (_, i) =>
      admin.run(`{ ${doubling?.[1]} } ${doubling?.[2]} #${i}`),
    );
    const answers = await Promise.all(work);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
