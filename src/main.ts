// Composes and starts everything; nothing else does.

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { migrate } from '../prisma/migrate.ts';
import { type Login, seedAdministrator } from '../prisma/seed/administrator.ts';
import { seedPosts } from '../prisma/seed/posts.ts';
import { mediaRoute } from './catalog/hooks.ts';
import { connectDatabase, db, disconnectDatabase, type QueryObserver } from './core/db.ts';
import { startEmbeddedPostgres } from './core/embedded-postgres.ts';
import { type Env, isDevelopment, readEnv } from './core/env.ts';
import { closeEventLog, followLog, openEventLog } from './core/event-log.ts';
import { openFiles } from './core/files.ts';
import { log } from './core/log.ts';
import { setSecretKey } from './core/secrets.ts';
import { StartupError } from './core/startup-error.ts';
import { now } from './core/time.ts';
import { endCredential } from './graphql/credentials.ts';
import { startServer } from './graphql/server.ts';
import { authenticate } from './identity/authenticate.ts';
import { endingStreams } from './identity/jobs.ts';
import { schema } from './schema.ts';

export interface Dayshift {
  url: string;
  /** Administrator's login, on the start that made it. */
  login: Login | null;
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
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const part of stops.splice(0).reverse()) await part().catch((error: unknown) => log.error({ error }, 'stopping failed'));
  };
  try {
    log.level = env.LOG_LEVEL ?? (process.stdout.isTTY ? 'warn' : 'info');
    const { url, directUrl } = await database(env, say, stops);
    setSecretKey(env.SECRET_KEY ?? (await keptSecret(join(env.DATA_DIR, 'secret-key'), () => randomBytes(32).toString('base64url'))));
    if (env.MIGRATE === 'on') {
      const { applied } = await migrate({ url: directUrl, log: { info: say, warn: say } });
      if (applied.length > 0) say(`Migrated: ${applied.length} applied.`);
    }
    await connectDatabase({ url, poolSize: env.DATABASE_POOL_SIZE, ...(onQuery ? { onQuery } : {}) });
    stops.push(disconnectDatabase);
    await openEventLog({ url, directUrl });
    stops.push(closeEventLog);
    await openFiles(join(env.DATA_DIR, 'media'));
    const login = await seed(env);
    followLog(endingStreams(endCredential));
    const server = await startServer({
      schema,
      authenticate,
      host: env.HOST,
      port: env.PORT,
      graphiql: env.GRAPHIQL ? env.GRAPHIQL === 'on' : isDevelopment(env),
      introspection: env.INTROSPECTION ? env.INTROSPECTION === 'on' : isDevelopment(env),
      routes: [mediaRoute],
      isReady,
    });
    stops.push(server.stop);
    return { url: server.url, login, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function database(env: Env, say: (line: string) => void, stops: (() => Promise<unknown>)[]) {
  if (env.DATABASE_URL) return { url: env.DATABASE_URL, directUrl: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL };
  const embedded = await startEmbeddedPostgres({ dataDirectory: join(env.DATA_DIR, 'postgres'), log: say });
  stops.push(() => embedded.stop());
  return { url: embedded.url, directUrl: embedded.url };
}

async function seed(env: Env): Promise<Login | null> {
  const at = now();
  await seedPosts(at);
  const hasLogin = env.ADMIN_EMAIL !== undefined || env.DATABASE_URL === undefined;
  return hasLogin ? seedAdministrator({ email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD } as Partial<Login>, at) : null;
}

/** The content of a file that only its owner reads; made on first use. */
async function keptSecret(path: string, make: () => string): Promise<string> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, make(), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new StartupError(`The file ${path} cannot be written.`, 'Make the folder writable, or set DATA_DIR to one that is.');
    }
  }
  return readFile(path, 'utf8');
}

async function isReady(): Promise<boolean> {
  try {
    await db.$queryRaw`SELECT 1`;
    return true;
  } catch {
    return false;
  }
}

async function run(): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const env = readEnv();
  const dayshift = await startDayshift(env, say);
  say(`Dayshift serves ${dayshift.url}/graphql`);
  if (dayshift.login) say(`Login: ${dayshift.login.email}  ${dayshift.login.password}`);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      say('Stopping: finishing what runs …');
      void dayshift.stop().then(() => {
        say('Stopped.');
        process.exit(0);
      });
    });
  }
}

if (import.meta.main) {
  run().catch((error: unknown) => {
    if (error instanceof StartupError) process.stderr.write(`\n${error.message}\n${error.hint}\n`);
    else process.stderr.write(`\nDayshift could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  });
}
