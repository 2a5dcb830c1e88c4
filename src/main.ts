// Composes and starts everything; nothing else does.

import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { graphql } from 'graphql';
import { migrate } from '../prisma/migrate.ts';
import { type Login, seedAdministrator } from '../prisma/seed/administrator.ts';
import { seedCarriers } from '../prisma/seed/carriers.ts';
import { seedPosts } from '../prisma/seed/posts.ts';
import { seedSample } from '../prisma/seed/sample.ts';
import { welcome } from '../prisma/seed/welcome.ts';
import { mediaRoute } from './catalog/hooks.ts';
import { systemActor } from './core/actor.ts';
import { startBackground } from './core/background.ts';
import { connectDatabase, db, disconnectDatabase, type QueryObserver, transact } from './core/db.ts';
import { startEmbeddedPostgres } from './core/embedded-postgres.ts';
import { type Env, isDevelopment, readEnv } from './core/env.ts';
import { closeEventLog, followLog, openEventLog } from './core/event-log.ts';
import { openFiles } from './core/files.ts';
import { forgetOutcomes } from './core/idempotency.ts';
import { log } from './core/log.ts';
import type { ReactionDefinition } from './core/reactions.ts';
import { setSecretKey } from './core/secrets.ts';
import { StartupError } from './core/startup-error.ts';
import { now } from './core/time.ts';
import { runTimers, type Timer } from './deadlines/jobs.ts';
import type { Context } from './graphql/context.ts';
import { endCredential } from './graphql/credentials.ts';
import type { Authenticate } from './graphql/request.ts';
import { startServer } from './graphql/server.ts';
import { authenticate } from './identity/authenticate.ts';
import { endedBy, endingStreams } from './identity/jobs.ts';
import { orderJobs, orderReactions, orderTimers } from './orders/jobs.ts';
import { authenticateKey } from './partners/authenticate.ts';
import { endedBy as endedKeys, keepLastUses } from './partners/jobs.ts';
import { claimsToBeKey } from './partners/rules.ts';
import { paymentRoute } from './payments/hooks.ts';
import { paymentJobs } from './payments/jobs.ts';
import { schema } from './schema.ts';
import { trackingRoute } from './shipping/hooks.ts';
import { shippingReactions } from './shipping/jobs.ts';

const reactions: ReactionDefinition[] = [...orderReactions, ...shippingReactions];
const timers: Timer[] = [...orderTimers];
const jobs = [...orderJobs, ...paymentJobs];

/** Days for which a repeated call is recognised. */
const IDEMPOTENCY_DAYS = 7;

export interface Dayshift {
  url: string;
  /** Login of the first administrator, where it is known. */
  login: Login | null;
  /** True when GraphiQL is served. */
  graphiql: boolean;
  /** Finish what runs and stop, the embedded database last. */
  stop(): Promise<void>;
}

/**
 * Start an instance: database, migrations, seed, event log, server. What had started is stopped when a later part
 * fails. `onQuery` hears of every SQL statement of the API.
 */
export async function startDayshift(
  env: Env,
  say: (line: string) => void = () => {},
  onQuery?: QueryObserver,
): Promise<Dayshift> {
  let warm = false;
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const part of stops.splice(0).reverse())
      await part().catch((error: unknown) => log.error({ error }, 'stopping failed'));
  };
  try {
    log.level = env.LOG_LEVEL ?? (process.stdout.isTTY ? 'warn' : 'info');
    const { url, directUrl } = await database(env, say, stops);
    setSecretKey(
      env.SECRET_KEY ??
        (await keptSecret(join(env.DATA_DIR, 'secret-key'), () => randomBytes(32).toString('base64url'))),
    );
    if (env.MIGRATE === 'on') {
      const { applied } = await migrate({ url: directUrl, log: { info: say, warn: say } });
      if (applied.length > 0) say(`Migrated: ${applied.length} applied.`);
    }
    await connectDatabase({ url, poolSize: env.DATABASE_POOL_SIZE, ...(onQuery ? { onQuery } : {}) });
    stops.push(disconnectDatabase);
    await openEventLog({ url, directUrl });
    stops.push(closeEventLog);
    stops.push(
      await startBackground(
        { reactions, timers: (signal) => runTimers(timers, signal), jobs },
        { url, migrate: env.MIGRATE === 'on', work: env.BACKGROUND === 'on' },
      ),
    );
    await openFiles(join(env.DATA_DIR, 'media'));
    const login = await seed(env);
    stops.push(startHousekeeping());
    stops.push(keepLastUses());
    const endStreamsOf = endingStreams([endedBy, endedKeys], endCredential);
    followLog((event) => void endStreamsOf(event));
    const graphiql = env.GRAPHIQL ? env.GRAPHIQL === 'on' : isDevelopment(env);
    const server = await startServer({
      schema,
      authenticate: authenticateAnybody,
      host: env.HOST,
      port: env.PORT,
      graphiql,
      allowedOrigins: env.ALLOWED_ORIGINS,
      introspection: env.INTROSPECTION ? env.INTROSPECTION === 'on' : isDevelopment(env),
      routes: [mediaRoute, trackingRoute, paymentRoute],
      isReady: async () => warm && (await isReady()),
    });
    stops.push(server.stop);
    await warmUp(server.url);
    warm = true;
    return { url: server.url, login, graphiql, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Keys are the partners’ matter, every other credential is identity’s. */
const authenticateAnybody: Authenticate = (credential, facts) =>
  credential !== null && claimsToBeKey(credential)
    ? authenticateKey(credential, facts)
    : authenticate(credential, facts);

async function database(env: Env, say: (line: string) => void, stops: (() => Promise<unknown>)[]) {
  if (env.DATABASE_URL)
    return { url: env.DATABASE_URL, directUrl: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL };
  const embedded = await startEmbeddedPostgres({ dataDirectory: join(env.DATA_DIR, 'postgres'), log: say });
  stops.push(() => embedded.stop());
  return { url: embedded.url, directUrl: embedded.url };
}

/** Reference data always; the first administrator and the sample department where they are wanted and not there yet. */
async function seed(env: Env): Promise<Login | null> {
  const embedded = env.DATABASE_URL === undefined;
  const at = now();
  await seedPosts(at);
  await seedCarriers(at);
  const login = await firstLogin(env, embedded);
  if (login) await seedAdministrator(login, at);
  if (env.SAMPLE === 'on' || (embedded && env.SAMPLE !== 'off')) {
    const sample = await seedSample(at);
    if (sample)
      await keptSecret(join(env.DATA_DIR, 'sample-staff.json'), () => JSON.stringify(sample, null, 2));
  }
  return login;
}

/** The login of the first administrator: as configured, or made up and kept beside the embedded database. */
async function firstLogin(env: Env, embedded: boolean): Promise<Login | null> {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = env;
  if (email && password) return { email: email.toLowerCase(), password };
  if (!embedded) return null;
  // Kept before it is used: a start that dies in between must not leave an administrator whose password nobody knows.
  const made: Login = { email: 'admin@dayshift.local', password: randomBytes(12).toString('base64url') };
  return JSON.parse(
    await keptSecret(join(env.DATA_DIR, 'administrator.json'), () => JSON.stringify(made)),
  ) as Login;
}

/** The content of a file that only its owner reads; made on first use, whole or not at all. */
async function keptSecret(path: string, make: () => string): Promise<string> {
  const draft = `${path}.${process.pid}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, make(), { mode: 0o600, flush: true });
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(draft);
  } catch {
    throw new StartupError(
      `The file ${path} cannot be written.`,
      'Make the folder writable, or set DATA_DIR to one that is.',
    );
  }
  const content = await readFile(path, 'utf8');
  if (content.trim() !== '') return content;
  throw new StartupError(
    `The file ${path} is empty.`,
    'Restore it from a backup, or remove it to have a new one made.',
  );
}

const WARM_UP = `{
  orders(first: 1) { totalCount edges { node { id number lines(first: 1) { edges { node { sku } } } } } }
  stocks(first: 1) { edges { node { sellable variant { sku } location { name } } } }
  products(first: 1) { edges { node { id name } } }
  board { stores { toConfirm lowStock } }
}`;

/** Run what the first callers will run, so that code and query plans are ready before `/ready` says so. */
async function warmUp(url: string): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  for (let round = 0; round < 5; round++) {
    const contextValue: Context = { actor: systemActor('start'), signal, extensions: {} };
    const { errors } = await graphql({ schema, contextValue, source: WARM_UP });
    if (errors?.[0]) throw errors[0];
    await fetch(`${url}/graphql?query={__typename}`, { signal }).then((response) => response.text());
  }
}

/** True when the database answers within a second. */
async function isReady(): Promise<boolean> {
  const answer = db.$queryRaw`SELECT 1`.then(
    () => true,
    () => false,
  );
  return Promise.race([answer, sleep(1_000, false, { ref: false })]);
}

/** Forget, once an hour, what is kept for a time only. Returns the function that stops it. */
function startHousekeeping(): () => Promise<void> {
  const timer = setInterval(() => {
    const before = new Date(now().getTime() - IDEMPOTENCY_DAYS * 86_400_000);
    transact((tx) => forgetOutcomes(tx, before)).catch((error: unknown) =>
      log.warn({ error }, 'housekeeping failed'),
    );
  }, 3_600_000);
  timer.unref();
  return async () => clearInterval(timer);
}

async function run(): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const starting = startDayshift(readEnv(), say);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    say('\nStopping: finishing what runs …');
    await (await starting).stop();
    say('Stopped.');
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop().catch(giveUp));
  const dayshift = await starting;
  if (!stopping) say(await welcome(dayshift));
}

function giveUp(error: unknown): never {
  if (error instanceof StartupError) process.stderr.write(`\n${error.message}\n${error.hint}\n`);
  else
    process.stderr.write(
      `\nDayshift could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  process.exit(1);
}

if (import.meta.main) run().catch(giveUp);
