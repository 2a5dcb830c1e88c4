// Composes and starts everything; nothing else does.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, validateExecutionArgs } from 'graphql';
import { migrate } from '../prisma/migrate.ts';
import { type Login, seedAdministrator } from '../prisma/seed/administrator.ts';
import { seedCarriers } from '../prisma/seed/carriers.ts';
import { seedPosts } from '../prisma/seed/posts.ts';
import { seedSample } from '../prisma/seed/sample.ts';
import { welcome } from '../prisma/seed/welcome.ts';
import { mediaRoute } from './catalog/hooks.ts';
import { systemActor } from './core/actor.ts';
import { startBackground } from './core/background.ts';
import { setTrustedProxies } from './core/client-address.ts';
import { connectDatabase, db, disconnectDatabase, type QueryObserver } from './core/db.ts';
import { setEgress } from './core/egress.ts';
import { startEmbeddedPostgres } from './core/embedded-postgres.ts';
import { type Env, isDevelopment, readEnv } from './core/env.ts';
import { closeEventLog, followLog, openEventLog } from './core/event-log.ts';
import { closeFiles, openFiles } from './core/files.ts';
import { outcomeChores } from './core/idempotency.ts';
import { keptSecret } from './core/kept-secret.ts';
import { log } from './core/log.ts';
import { closeLongReads, openLongReads } from './core/long-reads.ts';
import { metricsDoor } from './core/metrics-door.ts';
import { endProcess, giveUp, outliveRejections, stopOnSignals } from './core/process.ts';
import type { ReactionDefinition } from './core/reactions.ts';
import { closeRedis, openRedis } from './core/redis.ts';
import { setSecretKey } from './core/secrets.ts';
import { now } from './core/time.ts';
import { closeTracing, openTracing } from './core/tracing.ts';
import { runTimers, type Timer } from './deadlines/jobs.ts';
import type { Context } from './graphql/context.ts';
import { executeRequest } from './graphql/execute/executor.ts';
import { storedDocuments } from './graphql/execute/stored-documents.ts';
import { endingStreams } from './graphql/server/credentials.ts';
import type { Authenticate } from './graphql/server/request.ts';
import { startServer } from './graphql/server.ts';
import { bucketsInMemory } from './graphql/toll/budget.ts';
import { sharedBuckets } from './graphql/toll/shared-buckets.ts';
import { authenticate } from './identity/authenticate.ts';
import { staffAndCustomersEndedBy } from './identity/jobs.ts';
import { inventoryChores } from './inventory/jobs.ts';
import { importRoute } from './orders/hooks.ts';
import { orderJobs, orderReactions, orderTimers } from './orders/jobs.ts';
import { noteDeprecatedUse } from './partners/actions/last-use.ts';
import { setDocumentEngine } from './partners/actions/webhook-documents.ts';
import { authenticateKey } from './partners/authenticate.ts';
import { keepLastUses, keysEndedBy, partnerChores, partnerJobs, partnerReactions } from './partners/jobs.ts';
import { claimsToBeKey } from './partners/rules/keys.ts';
import { paymentRoute } from './payments/hooks.ts';
import { paymentJobs } from './payments/jobs.ts';
import { schema } from './schema.ts';
import { trackingRoute } from './shipping/hooks.ts';
import { shippingReactions } from './shipping/jobs.ts';

const reactions: ReactionDefinition[] = [...orderReactions, ...shippingReactions, ...partnerReactions];
const timers: Timer[] = [...orderTimers];
const jobs = [...orderJobs, ...paymentJobs, ...partnerJobs];
const chores = [...outcomeChores, ...inventoryChores, ...partnerChores];

export interface Dayshift {
  url: string;
  /** Login of the first administrator, where it was made up here. One that was configured is not told to whoever reads the output. */
  login: Login | null;
  /** True when GraphiQL is served. */
  graphiql: boolean;
  /** Settles, and says why, when this process cannot go on by itself and has to be started anew. */
  halted: Promise<string>;
  /** Finish what runs and stop, the embedded database last. */
  stop(): Promise<void>;
}

const REWRITTEN =
  'The database went back to an earlier state: it was restored, or a standby without the last changes took over. Start again.';

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
  const halt = Promise.withResolvers<string>();
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
    setTrustedProxies(env.TRUSTED_PROXIES);
    setEgress({ allowPrivate: env.EGRESS_PRIVATE === 'allow' });
    setDocumentEngine(storedDocuments(schema, noteDeprecatedUse));
    if (env.MIGRATE === 'on') {
      const { applied } = await migrate({ url: directUrl, log: { info: say, warn: say } });
      if (applied.length > 0) say(`Migrated: ${applied.length} applied.`);
    }
    await connectDatabase({
      url,
      poolSize: env.DATABASE_POOL_SIZE,
      isPooled: url !== directUrl,
      ...(onQuery ? { onQuery } : {}),
    });
    stops.push(disconnectDatabase);
    openLongReads({ url, onQuery });
    stops.push(closeLongReads);
    if (env.REDIS_URL) {
      stops.push(closeRedis);
      await openRedis(env.REDIS_URL);
    }
    await openEventLog({ url, directUrl, onRewritten: () => halt.resolve(REWRITTEN) });
    stops.push(closeEventLog);
    stops.push(closeFiles);
    await openFiles(join(env.DATA_DIR, 'media'));
    stops.push(
      await startBackground(
        { reactions, timers: (signal) => runTimers(timers, signal), jobs, chores },
        { url, migrate: env.MIGRATE === 'on', work: env.BACKGROUND === 'on' },
      ),
    );
    const login = await seed(env);
    stops.push(keepLastUses());
    const endStreamsOf = endingStreams([staffAndCustomersEndedBy, keysEndedBy]);
    followLog((event) => void endStreamsOf(event));
    const graphiql = env.GRAPHIQL ? env.GRAPHIQL === 'on' : isDevelopment(env);
    stops.push(closeTracing);
    const server = await startServer({
      schema,
      authenticate: authenticateAnybody,
      host: env.HOST,
      port: env.PORT,
      graphiql,
      allowedOrigins: env.ALLOWED_ORIGINS,
      introspection: env.INTROSPECTION ?? (isDevelopment(env) ? 'on' : 'internal'),
      onDeprecated: noteDeprecatedUse,
      budget: { maximum: env.COST_MAXIMUM, restorePerSecond: env.COST_RESTORE },
      buckets: env.REDIS_URL ? sharedBuckets(bucketsInMemory()) : bucketsInMemory(),
      slowReaderSeconds: env.SLOW_READER_SECONDS,
      shedding: env.SHEDDING === 'on',
      routes: [mediaRoute, importRoute, trackingRoute, paymentRoute, metricsDoor(env.METRICS_TOKEN)],
      isReady: async () => warm && (await isReady()),
    });
    stops.push(server.stop);
    await warmUp(server.url);
    await openTracing(env);
    warm = true;
    return {
      url: server.url,
      login: env.ADMIN_PASSWORD ? null : login,
      graphiql,
      halted: halt.promise,
      stop,
    };
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

const WARM_UP = parse(`{
  orders(first: 1) { edges { node { id number lines(first: 1) { edges { node { sku } } } } } }
  stocks(first: 1) { edges { node { sellable variant { sku } location { name } } } }
  products(first: 1) { edges { node { id name } } }
  board { stores { toConfirm lowStock } }
}`);

/** Run what the first callers will run, so that code and query plans are ready before `/ready` says so. */
async function warmUp(url: string): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  for (let round = 0; round < 5; round++) {
    const contextValue: Context = { actor: systemActor('start'), signal, extensions: {} };
    const request = validateExecutionArgs({ schema, contextValue, document: WARM_UP });
    const { errors } =
      'schema' in request ? await executeRequest(request, { millions: 1, signal }) : { errors: request };
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

async function run(): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  outliveRejections();
  const starting = startDayshift(readEnv(), say);
  const isStopping = stopOnSignals(async () => (await starting).stop(), say);
  const dayshift = await starting;
  void dayshift.halted.then((why) => endProcess(why, dayshift.stop));
  if (!isStopping()) say(await welcome(dayshift));
}

if (import.meta.main) run().catch(giveUp);
