// Nothing of the inside shows outside, whatever fails: no SQL, no stack, no path, no message of Prisma or PostgreSQL.

import { afterEach, describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { uniqueName } from '../setup/given.ts';

const app = await startApp();
const { admin, sql } = app;

const INSIDES =
  /prisma|postgres|select |insert |relation |column|constraint|node_modules|\.[tj]s[:)]|\bat [A-Z/]|ECONN|pg_|stack|cause/i;

/** Places in the document are called line and column, too. */
const withoutPlaces = (body: string): string => body.replaceAll(/"locations":\[[^\]]*\]/g, '');

/** The whole answer as text: what it must not contain may stand anywhere in it. */
async function bodyOf(client: Client, query: string, variables?: object): Promise<string> {
  const response = await fetch(app.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${client.token}` },
    body: JSON.stringify({ query, variables }),
  });
  return response.text();
}

/** Statements that break something, and those that mend it. */
const faults: readonly (readonly [name: string, broken: string, mended: string])[] = [
  ['a table is gone', 'ALTER TABLE post RENAME TO post_gone', 'ALTER TABLE post_gone RENAME TO post'],
  [
    'a column is gone',
    'ALTER TABLE post RENAME code TO code_gone',
    'ALTER TABLE post RENAME code_gone TO code',
  ],
  [
    'a constraint refuses what the code lets through',
    `ALTER TABLE post ADD CONSTRAINT post_never CHECK (code NOT LIKE 'fault%') NOT VALID`,
    'ALTER TABLE post DROP CONSTRAINT post_never',
  ],
  [
    'the outbox is gone',
    'ALTER TABLE event_outbox RENAME TO event_outbox_gone',
    'ALTER TABLE event_outbox_gone RENAME TO event_outbox',
  ],
];

let mend: string | null = null;

async function breakIt(broken: string, mended: string): Promise<void> {
  await sql(broken);
  mend = mended;
}

afterEach(async () => {
  if (mend) await sql(mend);
  mend = null;
});

const LIST = '{ posts(first: 3) { edges { node { code name } } } }';
const DEFINE =
  'mutation ($input: PostDefineInput!) { postDefine(input: $input) { post { id } userErrors { code } } }';
const newPost = () => ({
  input: { code: uniqueName('fault'), texts: [{ locale: 'en', name: 'x' }], permissions: [] },
});

describe('G34 when the database fails', () => {
  test.each(faults)(
    'because %s, the answer is INTERNAL with an error id and nothing else',
    async (_, broken, mended) => {
      await breakIt(broken, mended);
      const bodies = [await bodyOf(admin, LIST), await bodyOf(admin, DEFINE, newPost())];
      const failed = bodies.filter((body) => body.includes('"errors"'));
      expect(failed.length).toBeGreaterThan(0);
      for (const body of failed) {
        const { errors } = JSON.parse(body) as { errors: { message: string; extensions: object }[] };
        expect(errors).toHaveLength(1);
        expect(errors[0]).toMatchObject({ message: 'Unexpected error.', extensions: { code: 'INTERNAL' } });
        expect(Object.keys(errors[0]?.extensions ?? {}).sort()).toEqual(['code', 'errorId']);
        expect(withoutPlaces(body)).not.toMatch(INSIDES);
      }
    },
  );

  test.each(faults)('because %s, the API goes on once it is mended', async (_, broken, mended) => {
    await breakIt(broken, mended);
    await bodyOf(admin, LIST);
    await sql(mended);
    mend = null;
    await admin.ok(LIST);
    await admin.act('postDefine', newPost().input);
  });

  test('G43 because its backends are terminated in the middle, the caller is told to try again, and the next answer is right', async () => {
    const blocker = 'BEGIN; LOCK TABLE post IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1.5); COMMIT';
    const blocked = sql(blocker);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const answer = bodyOf(admin, LIST);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const ended = await sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dayshift' AND datname = current_database()`,
    );
    expect(ended.length).toBeGreaterThan(0);
    const body = await answer;
    expect(JSON.parse(body).errors[0].extensions.code).toBe('OVERLOADED');
    expect(withoutPlaces(body)).not.toMatch(INSIDES);
    await blocked;
    await expect.poll(() => bodyOf(admin, LIST), { timeout: 5_000 }).toContain('"edges"');
  });

  test('a subscription that fails ends with a masked error as well', async () => {
    const location = await app.given.location();
    const { variantId } = await app.given.product();
    await app.given.receive(variantId, location, 1);
    const document = 'subscription { stockEvents { type stock { location { name } } } }';
    for (const stream of [admin.subscribe(document), admin.subscribeSse(document)]) {
      await stream.next();
      await breakIt(
        'ALTER TABLE location_text RENAME TO location_text_gone',
        'ALTER TABLE location_text_gone RENAME TO location_text',
      );
      await app.given.receive(variantId, location, 1);
      await expect.poll(() => stream.errors.length, { timeout: 5_000 }).toBeGreaterThan(0);
      expect(stream.errors[0]).toMatchObject({
        message: 'Unexpected error.',
        extensions: { code: 'INTERNAL' },
      });
      expect(withoutPlaces(JSON.stringify(stream.errors))).not.toMatch(INSIDES);
      await sql(mend ?? '');
      mend = null;
      await stream.close();
    }
  });
});

describe('G34 hostile values', () => {
  test.each([
    ['null bytes', '\u0000'],
    ['a lone surrogate', '\ud800'],
    ['an SQL fragment', `'; DROP TABLE post; --`],
    ['a very long text', 'x'.repeat(100_000)],
    ['control characters', '\u0007\u001b[31m'],
  ])('of %s are refused or kept as text, and never an internal error', async (_, value) => {
    const input = {
      code: uniqueName('hostile'),
      texts: [{ locale: 'en', name: `x${value}x` }],
      permissions: [value],
    };
    const body = await bodyOf(admin, DEFINE, { input });
    expect(JSON.parse(body).errors).toBeUndefined();
    expect(JSON.parse(body).data.postDefine.userErrors.length).toBeGreaterThan(0);
    expect(await bodyOf(admin, 'query ($id: ID!) { node(id: $id) { id } }', { id: value })).not.toContain(
      'INTERNAL',
    );
    expect(
      await bodyOf(admin, 'query ($c: String!) { posts(after: $c) { totalCount } }', { c: value }),
    ).toContain('BAD_INPUT');
    const login = await bodyOf(
      admin,
      'mutation ($i: SessionOpenInput!) { sessionOpen(input: $i) { token userErrors { code } } }',
      {
        i: { email: value, password: value },
      },
    );
    expect(login).not.toContain('INTERNAL');
  });
});
