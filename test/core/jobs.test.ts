// Jobs: queued with the transaction that wants them, done at least once whatever fails.

import { afterAll, afterEach, expect, test } from 'vitest';
import { connectDatabase, disconnectDatabase, transact } from '../../src/core/db.ts';
import {
  enqueue,
  hasten,
  type JobDefinition,
  type JobName,
  startJobs,
  stopJobs,
} from '../../src/core/jobs.ts';
import { log } from '../../src/core/log.ts';
import { startDatabase } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';

log.level = 'silent';
const { url, sql } = await startDatabase();
const other = await startDatabase();
await connectDatabase({ url, poolSize: 4 });
afterAll(disconnectDatabase);
afterEach(stopJobs);

interface Data {
  note: string;
}

/** A job that writes down what it does, and does what `work` says. */
function jobThat(work: (note: string, attempt: number) => Promise<void> = async () => {}) {
  const done: string[] = [];
  const givenUp: string[] = [];
  let attempts = 0;
  const name = uniqueName('test.job') as JobName;
  const job: JobDefinition = {
    name,
    retries: 2,
    retrySeconds: { first: 1, max: 1 },
    runSecondsMax: 60,
    async work(data) {
      const { note } = data as Data;
      await work(note, ++attempts);
      done.push(note);
    },
    giveUp: async (data) => void givenUp.push((data as Data).note),
  };
  const queue = (note: string, key?: string) =>
    transact((tx) => enqueue(tx, name, { note } as never, key ? { key } : {}));
  return { job, name, done, givenUp, queue };
}

const waits = { timeout: 15_000, interval: 50 };

test('G41 a job runs once its transaction has committed, and never if that was rolled back', async () => {
  const { job, name, done, queue } = jobThat();
  await startJobs([job], { url, migrate: false, work: true });
  const failing = transact(async (tx) => {
    await enqueue(tx, name, { note: 'rolled back' } as never);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await queue('committed');
  await expect.poll(() => done, waits).toEqual(['committed']);
  expect(await sql('SELECT 1 FROM pgboss.job WHERE name = $1', [name])).toHaveLength(1);
});

test('G41 an instance that only serves queues jobs, and another one does them later', async () => {
  const { job, done, queue } = jobThat();
  await startJobs([job], { url, migrate: false, work: false });
  await queue('later');
  await stopJobs();
  expect(done).toEqual([]);
  await startJobs([job], { url, migrate: false, work: true });
  await expect.poll(() => done, waits).toEqual(['later']);
});

test('G41 a job that fails is tried again; after the last try it is given up, once', async () => {
  const recovers = jobThat(async (_note, attempt) => {
    if (attempt <= 2) throw new Error('not yet');
  });
  const hopeless = jobThat(async () => {
    throw new Error('never');
  });
  await startJobs([recovers.job, hopeless.job], { url, migrate: false, work: true });
  await recovers.queue('third time');
  await hopeless.queue('no luck');
  await expect.poll(() => recovers.done, waits).toEqual(['third time']);
  await expect.poll(() => hopeless.givenUp, waits).toEqual(['no luck']);
  expect([recovers.givenUp, hopeless.done]).toEqual([[], []]);
});

test('G41 jobs go on after the database cut every connection', async () => {
  const { job, done, queue } = jobThat();
  await startJobs([job], { url, migrate: false, work: true });
  await queue('before');
  await expect.poll(() => done, waits).toEqual(['before']);
  const cut = await sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dayshift-jobs' AND datname = current_database()`,
  );
  expect(cut.length).toBeGreaterThan(0);
  await queue('after');
  await expect.poll(() => done, waits).toEqual(['before', 'after']);
});

test('of several jobs with one key only the first waits', async () => {
  const { job, name, done, queue } = jobThat();
  await startJobs([job], { url, migrate: false, work: false });
  for (const note of ['first', 'second', 'third']) await queue(note, 'same');
  await queue('other', 'another');
  await queue('none');
  await queue('none');
  expect(await sql('SELECT 1 FROM pgboss.job WHERE name = $1', [name])).toHaveLength(4);
  await stopJobs();
  await startJobs([job], { url, migrate: false, work: true });
  await expect.poll(() => [...done].sort(), waits).toEqual(['first', 'none', 'none', 'other']);
});

test('of jobs that run alone one with a key runs at a time, and what is hastened runs at once or next', async () => {
  let running = 0;
  let together = 0;
  const { job, name, done } = jobThat(async () => {
    together = Math.max(together, ++running);
    await new Promise((resolve) => setTimeout(resolve, 300));
    running--;
  });
  await startJobs([{ ...job, alone: true, atOnce: 4 }], { url, migrate: false, work: true });
  const wait = (note: string) =>
    transact((tx) => enqueue(tx, name, { note } as never, { key: 'same', inSeconds: 3_600 }));
  const run = (note: string) => transact((tx) => hasten(tx, name, { note } as never, 'same'));
  await wait('later');
  await Promise.all([run('now'), run('now')]);
  await expect.poll(() => running, waits).toBe(1);
  await Promise.all([run('next'), wait('in an hour'), run('next')]);
  await expect.poll(() => done, waits).toEqual(['now', 'next']);
  expect(together).toBe(1);
});

test('stopping waits for a job that runs', async () => {
  let finished = false;
  let began = () => {};
  const running = new Promise<void>((resolve) => {
    began = resolve;
  });
  const { job, queue } = jobThat(async () => {
    began();
    await new Promise((resolve) => setTimeout(resolve, 500));
    finished = true;
  });
  await startJobs([job], { url, migrate: false, work: true });
  await queue('slow');
  await running;
  await stopJobs();
  expect(finished).toBe(true);
});

test('a database without the queues is said with the way out', async () => {
  await other.sql('DROP SCHEMA pgboss CASCADE');
  const starting = startJobs([], { url: other.url, migrate: false, work: false });
  await expect(starting).rejects.toMatchObject({ hint: expect.stringContaining('db:migrate') });
  await startJobs([], { url: other.url, migrate: true, work: false });
});
