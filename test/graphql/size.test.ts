// What an operation may ask for: nested lists multiply, however their sizes are written, on every door.

import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const { admin, anonymous, url } = await startApp();

const nested = (size: string) =>
  `locations(first: ${size}) { edges { node { stocks(first: ${size}) { edges { node { ledger(first: ${size}) { edges { node { id } } } } } } } } }`;

/** The same excess, written in different ways. */
const ways: readonly (readonly [way: string, document: string, variables: Record<string, unknown>])[] = [
  ['as numbers', `{ ${nested('100')} }`, {}],
  ['as a variable', `query ($n: Int) { ${nested('$n')} }`, { n: 100 }],
  ['as the default of a variable', `query ($n: Int = 100) { ${nested('$n')} }`, {}],
  ['in a fragment', `{ ...Deep } fragment Deep on Query { ${nested('100')} }`, {}],
  ['beside a list of a negative size', `{ ${nested('100')} less: ${nested('-1000')} }`, {}],
  [
    'beside a variable of a negative size',
    `query ($n: Int) { ${nested('100')} less: ${nested('$n')} }`,
    { n: -1_000 },
  ],
];

describe('C47 G30 G31 an operation that asks for too many objects is refused before it runs', () => {
  test.each(ways)('with sizes %s', async (_, document, variables) => {
    const answer = await admin.run(document, variables);
    expect(answer.errors[0]?.extensions).toMatchObject({ code: 'TOO_COSTLY' });
    const stream = admin.subscribe(document, variables);
    await stream.ended;
    expect(stream.errors[0]?.extensions).toMatchObject({ code: 'TOO_COSTLY' });
    const sse = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${admin.token}`,
      },
      body: JSON.stringify({ query: document, variables }),
    });
    expect(await sse.text()).toContain('TOO_COSTLY');
  });

  test('and the same document with smaller variables is answered, in whatever order they come', async () => {
    const document = `query ($n: Int) { ${nested('$n')} }`;
    for (const n of [5, 100, 5]) {
      expect(await admin.codes(document, { n })).toEqual(n === 5 ? [] : ['TOO_COSTLY']);
    }
  });

  test('and a subscription for what each of its events would bring', async () => {
    const selection = `${'stock { ledger(first: 100) { edges { node { '.repeat(3)}id${' } } } }'.repeat(3)}`;
    for (const stream of [
      admin.subscribe(`subscription { stockEvents { ${selection} } }`),
      admin.subscribeSse(`subscription { stockEvents { ${selection} } }`),
    ]) {
      await stream.ended;
      expect(stream.errors[0]).toMatchObject({ extensions: { code: 'TOO_COSTLY' } });
    }
  });

  test('and less is allowed to those whom nobody knows', async () => {
    const document =
      '{ products(first: 100) { edges { node { variants(first: 50) { edges { node { sku } } } } } } }';
    expect(await anonymous.codes(document)).toEqual(['TOO_COSTLY']);
    expect(await admin.codes(document)).toEqual([]);
  });
});
