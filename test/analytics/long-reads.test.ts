// Numbers that take long to compute: on connections of their own, so that nobody else waits for them.

import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { readLong } from '../../src/core/long-reads.ts';
import { Prisma } from '../../src/generated/prisma/client.ts';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { DATABASE_POOL_SIZE: '2', BACKGROUND: 'off' } });
await app.given.stockedVariant({ onHand: 10 });
const blocker = new pg.Client({ connectionString: app.databaseUrl });
await blocker.connect();
blocker.on('error', () => {});
afterAll(() => blocker.end());

test('G10 many boards that take long delay no short read and no change, and have a time limit of their own', async () => {
  // What only the board reads: whoever computes it now waits.
  await blocker.query('BEGIN; LOCK TABLE store_location IN ACCESS EXCLUSIVE MODE');
  let answered = 0;
  const boards = Array.from({ length: 12 }, async () => {
    const answer = await app.admin.run('{ board { stores { lowStock } } }');
    answered++;
    return answer;
  });
  await expect
    .poll(
      async () =>
        (
          await app.sql(
            `SELECT FROM pg_stat_activity WHERE application_name = 'dayshift-reads' AND wait_event = 'relation'
             AND datname = current_database()`,
          )
        ).length,
    )
    .toBe(2);
  for (let n = 0; n < 5; n++) await app.admin.ok('{ orders(first: 5) { edges { node { id } } } }');
  await app.given.location();
  expect(answered).toBe(0);
  await blocker.query('ROLLBACK');
  for (const { errors } of await Promise.all(boards)) expect(errors).toEqual([]);
  const [settings] = await readLong<{ limit: string }>(
    Prisma.sql`SELECT current_setting('statement_timeout') AS "limit"`,
  );
  expect(settings).toEqual({ limit: '25s' });
}, 30_000);
