// Prepared statements: named where it pays, few on each connection.

import { expect, test } from 'vitest';
import { db } from '../../src/core/db.ts';
import { PREPARED_MAX, statementNames } from '../../src/core/statement-names.ts';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { DATABASE_POOL_SIZE: '2', BACKGROUND: 'off' } });

/** What the connections of the pool have prepared, each asked for itself. */
async function preparedOn(connections: number): Promise<string[][]> {
  const ask = (tx: Pick<typeof db, '$queryRaw'>) =>
    tx.$queryRaw<{ name: string }[]>`SELECT name, (SELECT pg_sleep(0.3)::text) FROM pg_prepared_statements`;
  const found = await Promise.all(Array.from({ length: connections }, () => db.$transaction(ask)));
  return found.map((rows) => rows.map(({ name }) => name));
}

test('G9 what is asked again and again is prepared under a name, however many shapes are asked, a hundred on a connection at most', async () => {
  const fields = ['id', 'number', 'state', 'version', 'placedAt', 'held', 'currency', 'flag'] as const;
  // Every selection is a statement of its own.
  for (let mask = 1; mask < 160; mask++) {
    const select = Object.fromEntries(fields.map((field, bit) => [field, (mask & (1 << bit)) > 0]));
    for (let time = 0; time < 8; time++) await db.order.findFirst({ select });
  }
  await app.admin.ok('{ orders(first: 3) { edges { node { id } } } }');
  const prepared = await preparedOn(2);
  for (const names of prepared) expect(names.length).toBeLessThanOrEqual(PREPARED_MAX);
  expect(new Set(prepared.flat()).size).toBeGreaterThan(PREPARED_MAX / 2);
}, 60_000);

test('G9 what comes once, and what changes with the number of its values, has no name', () => {
  const nameOf = statementNames();
  const often = (sql: string) => Array.from({ length: 10 }, () => nameOf(sql)).at(-1);
  expect(nameOf('SELECT 1')).toBeUndefined();
  expect(often('SELECT 2')).toBe('dayshift_1');
  expect(often('SELECT 2')).toBe('dayshift_1');
  expect(often('SELECT a FROM b WHERE c IN ($1,$2,$3)')).toBeUndefined();
  expect(often('SELECT a FROM b WHERE c IN ($1)')).toBe('dayshift_2');
  expect(often('INSERT INTO a (b,c) VALUES ($1,$2), ($3,$4)')).toBeUndefined();
  expect(
    often('INSERT INTO a (b,c) VALUES ($1,CAST($2::text AS d)), ($3,CAST($4::text AS d))'),
  ).toBeUndefined();
  expect(often('INSERT INTO a (b,c) VALUES ($1,$2)')).toBe('dayshift_3');
  expect(often("INSERT INTO a (b, c) SELECT b, $1 FROM (VALUES ('x', 1), ('y', 2)) AS v (b, c)")).toBe(
    'dayshift_4',
  );
});
