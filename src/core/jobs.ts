// Jobs: calls to the outside that run later and are tried again, queued in the transaction that wants them.

import { fromPrisma, PgBoss } from 'pg-boss';
import type { Tx } from './db.ts';
import { newId } from './ids.ts';
import { log } from './log.ts';
import { poolConfig } from './pools.ts';
import { StartupError } from './startup-error.ts';

/** Name of a job → its data: ids, never secrets or personal data. Every domain adds its own by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface JobMap {}
export type JobName = keyof JobMap & string;

export interface JobDefinition<Data = unknown> {
  /** `<domain>.<whatItDoes>`; names the queue, so it never changes. */
  name: JobName;
  /** Times that it is tried again after the first failure. */
  retries: number;
  /** Seconds before the first retry, twice as many before each next one, and the most of them. */
  retrySeconds: { first: number; max: number };
  /** Seconds after which a run is given up as lost and tried again. */
  runSecondsMax: number;
  /** True: of the jobs with one key, one runs at a time, on whatever instance. */
  alone?: boolean;
  /** Jobs that an instance runs at once. Default: 2. */
  atOnce?: number;
  /** Does the work, at least once: what it does must be safe to do again. Fails by throwing. */
  work(data: Data, signal: AbortSignal): Promise<void>;
  /** Called instead when the last try failed, or was lost with its instance. */
  giveUp(data: Data): Promise<void>;
}

/** A job with the data that its name stands for. */
export const defineJob = <Name extends JobName>(
  job: JobDefinition<JobMap[Name]> & { name: Name },
): JobDefinition => job as JobDefinition;

const SCHEMA = 'pgboss';
const POLL_SECONDS = 1;
const POLL_GIVEN_UP_SECONDS = 5;
const AT_ONCE = 2;
const DONE_SECONDS_MAX = 86_400;
const WAIT_SECONDS_MAX = 365 * 86_400;
const STOP_MS = 10_000;
/** Bringing the schema of the queues up to date may take longer than a request, and the second who does it waits. */
const patience = { statementSeconds: 60, lockSeconds: 60 };

let boss: PgBoss | null = null;

/**
 * Open the queues, in a schema of their own that is made or brought up to date where `migrate` allows. With `work`
 * this instance also does the jobs; without it only queues them.
 */
export async function startJobs(
  jobs: readonly JobDefinition[],
  { url, migrate, work }: { url: string; migrate: boolean; work: boolean },
): Promise<void> {
  const opening = new PgBoss({
    ...poolConfig({ url, name: 'dayshift-jobs', max: 2, ...patience }),
    schema: SCHEMA,
    migrate,
    supervise: work,
    schedule: false,
  });
  opening.on('error', (error) => log.warn({ error }, 'the queues had an error; they go on'));
  opening.on('warning', (warning) => log.warn({ warning }, 'the queues warn'));
  boss = opening;
  try {
    await opening.start();
    for (const job of jobs) {
      await openQueues(opening, job);
      if (work) await workOn(opening, job);
    }
  } catch (error) {
    await stopJobs();
    throw migrate || !/not installed|requires migrations/.test(String(error)) ? error : notMigrated();
  }
}

const notMigrated = () =>
  new StartupError(
    'The queues of jobs are missing in this database, or of an older version.',
    'Bring it up to date with `npm run db:migrate`, or start with MIGRATE=on.',
  );

/** Make the schema of the queues in a database, or bring it up to date. */
export async function migrateJobs(url: string): Promise<void> {
  await startJobs([], { url, migrate: true, work: false });
  await stopJobs();
}

/** Stop taking jobs and wait for those that run. What is not done in time is done again by another instance. */
export async function stopJobs(): Promise<void> {
  const closing = boss;
  boss = null;
  await closing?.stop({ timeout: STOP_MS });
}

/**
 * Queue a job in the caller's transaction: it runs once that has committed, and never if it did not. Of several jobs
 * with one `key` only the first waits to be run. `inSeconds` lets it wait for so long.
 */
export async function enqueue<Name extends JobName>(
  tx: Tx,
  name: Name,
  data: JobMap[Name],
  { key = newId(), inSeconds = 0 }: { key?: string; inSeconds?: number } = {},
): Promise<void> {
  const options = { db: fromPrisma(tx), singletonKey: key, startAfter: inSeconds };
  await opened().send(name, data as object, options);
}

/** Queue a job as `enqueue` does, to run at once; one that waits under the key for a later moment runs now instead. */
export async function hasten<Name extends JobName>(
  tx: Tx,
  name: Name,
  data: JobMap[Name],
  key: string,
): Promise<void> {
  await opened().upsert(name, data as object, { db: fromPrisma(tx), singletonKey: key, startAfter: 0 });
}

function opened(): PgBoss {
  if (!boss) throw new Error('the queues are not open');
  return boss;
}

/** Jobs of each queue by state, as they were counted within the last minute. None where the queues are not open. */
export async function jobCounts(): Promise<{ labels: { queue: string; state: string }; value: number }[]> {
  const queues = (await boss?.getQueues()) ?? [];
  return queues.flatMap(({ name: queue, queuedCount, activeCount, failedCount }) =>
    Object.entries({ queued: queuedCount, active: activeCount, failed: failedCount }).map(
      ([state, value]) => ({ labels: { queue, state }, value }),
    ),
  );
}

const givenUp = (name: string): string => `${name}.given-up`;

/** A job that has failed for good moves to a second queue, also when nobody was left to say so. */
async function openQueues(
  open: PgBoss,
  { name, retries, retrySeconds, runSecondsMax, alone = false }: JobDefinition,
) {
  const patient = {
    retryLimit: 1_000,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 600,
    retentionSeconds: WAIT_SECONDS_MAX,
  };
  await open.createQueue(givenUp(name), patient);
  const settings = {
    retryLimit: retries,
    retryDelay: retrySeconds.first,
    retryBackoff: true,
    retryDelayMax: retrySeconds.max,
    expireInSeconds: runSecondsMax,
    retentionSeconds: WAIT_SECONDS_MAX,
    deleteAfterSeconds: DONE_SECONDS_MAX,
    deadLetter: givenUp(name),
  };
  await open.createQueue(name, { policy: alone ? 'stately' : 'short', ...settings });
  await open.updateQueue(name, settings);
}

async function workOn(open: PgBoss, { name, work, giveUp, atOnce = AT_ONCE }: JobDefinition): Promise<void> {
  const often = { pollingIntervalSeconds: POLL_SECONDS, localConcurrency: atOnce };
  await open.work(name, often, async ([job]) => {
    if (job) await logged(name, work(job.data, job.signal));
  });
  await open.work(givenUp(name), { pollingIntervalSeconds: POLL_GIVEN_UP_SECONDS }, async ([job]) => {
    if (job) await logged(name, giveUp(job.data));
  });
}

async function logged(name: string, run: Promise<void>): Promise<void> {
  try {
    await run;
  } catch (error) {
    log.warn({ error, job: name }, 'a job failed; it is tried again');
    throw error;
  }
}
