// Chores: what is kept for a time only goes, however much of it there is and whatever fails; what is younger stays.

import { afterAll, afterEach, expect, test } from 'vitest';
import { type Chore, runChores } from '../../src/core/chores.ts';
import { connectDatabase, disconnectDatabase } from '../../src/core/db.ts';
import { outcomeChores } from '../../src/core/idempotency.ts';
import { log } from '../../src/core/log.ts';
import { startDatabase } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';

log.level = 'silent';
const { url, sql } = await startDatabase();
await connectDatabase({ url, poolSize: 2 });
afterAll(disconnectDatabase);

let stopping = new AbortController();
let running = Promise.resolve();
afterEach(() => stop());

function start(...chores: Chore[]): void {
  stopping = new AbortController();
  running = runChores(chores, stopping.signal, 0);
}

function stop(): Promise<void> {
  stopping.abort();
  return running;
}

/** A chore that is done again at once, and of which each part is what `part` answers. */
const chore = (name: string, part: () => Promise<number>): Chore => ({
  name,
  everySeconds: 0.01,
  forget: part,
});

test('outcomes of calls are forgotten after seven days, also when more waits than one statement deletes', async () => {
  await sql(
    `INSERT INTO idempotency_record (principal, mutation, key, input_hash, created_at)
     SELECT 'STAFF:1', 'orderPlace', 'old ' || i, '', $1::timestamptz - interval '7 days 1 second' * i
     FROM generate_series(1, 2001) AS i
     UNION ALL SELECT 'STAFF:1', 'orderPlace', 'young', '', $1::timestamptz - interval '6 days 23 hours'`,
    [clock.now()],
  );
  start(...outcomeChores);
  const kept = () => sql('SELECT key FROM idempotency_record');
  await expect.poll(kept).toEqual([{ key: 'young' }]);
});

test('what fails is tried again the next time, and keeps the others from nothing', async () => {
  const parts = [2, 2, 0];
  let failures = 0;
  start(
    chore('test.fails', async () => {
      failures++;
      throw new Error('no');
    }),
    chore('test.works', async () => parts.shift() ?? 0),
  );
  await expect.poll(() => [failures >= 3, parts]).toEqual([true, []]);
});

test('what becomes too old while a chore is done waits for the next time', async () => {
  const moments = new Set<number>();
  let parts = 3;
  const forget = async (at: Date) => {
    moments.add(at.getTime());
    clock.pass({ seconds: 1 });
    return parts--;
  };
  start({ name: 'test.grows', everySeconds: 3_600, forget });
  await expect.poll(() => parts).toBe(-1);
  expect(moments.size).toBe(1);
  clock.reset();
});

test('stopping waits for the part that is being forgotten, and forgets no other one', async () => {
  const begun = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  const told: string[] = [];
  const part = async () => {
    told.push('begun');
    begun.resolve();
    await rest.promise;
    told.push('done');
    return 1;
  };
  start(chore('test.slow', part), chore('test.next', part));
  await begun.promise;
  const stopped = stop().then(() => told.push('stopped'));
  rest.resolve();
  await stopped;
  expect(told).toEqual(['begun', 'done', 'stopped']);
});
