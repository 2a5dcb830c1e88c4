// The embedded PostgreSQL: started or adopted, held by one process, brought back when it dies, stopped.

import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { type Home, openHome, SUPERUSER } from './embedded-postgres/home.ts';
import {
  ensureCluster,
  ensureServer,
  hasSettings,
  stopServer,
  type Wish,
} from './embedded-postgres/server.ts';
import { explain } from './embedded-postgres/system.ts';
import { StartupError } from './startup-error.ts';

export interface EmbeddedPostgres {
  /** Connection string of the database `dayshift`; holds the password, so it does not belong in a log. */
  url: string;
  /** True when the server ran already, left by a process that is gone. */
  adopted: boolean;
  /** Stop the server, adopted or not, and wait until it is gone. May be called again; never throws. */
  stop(): Promise<void>;
}

/** The connection that holds the lock. */
interface Connection {
  client: Client;
  ended: Promise<void>;
}

interface Session extends Connection {
  port: number;
  adopted: boolean;
}

const PATIENCE_SECONDS = 60;
const DATABASE = 'dayshift';
const LOCK = 'SELECT pg_try_advisory_lock(1685682552) AS held';
const HOLDER = `SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND objid = 1685682552 AND granted`;

/**
 * Run the packaged PostgreSQL 18 on a data folder, which is created on the first start, and return when its database
 * accepts connections (on 127.0.0.1 only).
 *
 * - The folder belongs to one process at a time: another one gets a StartupError. Whoever dies lets go of it.
 * - The server outlives this process unless `stop()` is called (Ctrl-C does not reach it); the next start adopts it,
 *   or restarts it if it runs with other settings.
 * - Any kill -9, of this process, of the server or of both, is survived: by the next start, and while this process
 *   lives by itself, on the same port.
 * - Started as root, the server runs as the owner of the folder, `postgres` or `nobody`. The data folder (not those
 *   above it) is made traversable; when that account still cannot reach it, it holds only a file `moved-to` with the
 *   path of the folder, in /var/lib or the like, that is used in its place.
 *
 * Throws StartupError for whatever a person can mend: no binaries for this platform, folder or port in use, disk full
 * or not writable, data of another major version, initdb failed. No message and no process argument has the password.
 */
export async function startEmbeddedPostgres(options: {
  dataDirectory: string;
  /** Default: a free one, remembered in the data folder and used again while it is free. */
  port?: number;
  /** False, for tests: faster, but a killed server may lose its last second, and a machine that crashes everything. */
  durable?: boolean;
  settings?: Record<string, string>;
  log?: (message: string) => void;
}): Promise<EmbeddedPostgres> {
  const { port, durable = true, settings = {}, log = () => {} } = options;
  try {
    const home = await openHome(options.dataDirectory, log);
    const wish = { port, durable, settings, log };
    await ensureCluster(home, wish);
    const session = await openSession(home, wish);
    const stop = supervise(home, { ...wish, port: session.port }, session);
    const url = `postgresql://${SUPERUSER}:${home.password}@127.0.0.1:${session.port}/${DATABASE}`;
    return { url, adopted: session.adopted, stop };
  } catch (error) {
    if (error instanceof StartupError || !isSystemError(error)) throw error;
    throw explain('PostgreSQL could not start', error.message, options.dataDirectory);
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;

/** Bring the server back whenever it goes, until the returned function is called, which stops both. */
function supervise(home: Home, wish: Wish, first: Session): () => Promise<void> {
  const stopping = new AbortController();
  let session: Session | undefined;
  let repairing = Promise.resolve();

  const watch = (opened: Session): void => {
    session = opened;
    void opened.ended.then(() => {
      session = undefined;
      if (!stopping.signal.aborted) repairing = repair();
    });
  };
  const repair = async (): Promise<void> => {
    wish.log('lost PostgreSQL, bringing it back');
    let told = '';
    for (let pause = 100; !stopping.signal.aborted; pause = Math.min(pause * 2, 5000)) {
      try {
        watch(await openSession(home, wish));
        return wish.log('PostgreSQL is back');
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== told) wish.log(`PostgreSQL is not back yet: ${reason}`);
        told = reason;
        await delay(pause, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };
  const stop = async (): Promise<void> => {
    stopping.abort();
    await repairing;
    // Without the lock the server is gone, or another process has it. The lock is held until the server is gone.
    if (session) await stopServer(home);
    await session?.client.end().catch(() => {});
  };

  watch(first);
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop();
    return stopped;
  };
}

/** Find or start the server and become its only user. */
async function openSession(home: Home, wish: Wish): Promise<Session> {
  let adopted = true;
  for (const since = Date.now(); ; ) {
    const server = await ensureServer(home, wish);
    if (server.started) adopted = false;
    const connection = await claim(home, server.port).catch(async (error) => {
      if (!isPassing(error) || Date.now() - since > PATIENCE_SECONDS * 1000) throw explainClaim(error, home);
      await delay(100);
    });
    if (!connection) continue;
    if (server.started || (await hasSettings(home, wish, server.port))) {
      return { ...connection, port: server.port, adopted };
    }
    wish.log('restarting the running PostgreSQL with other settings');
    await stopServer(home);
    await connection.client.end().catch(() => {});
  }
}

/** The server stops, starts or recovers just now: find it, or start it, again. */
function isPassing(error: NodeJS.ErrnoException): boolean {
  if (error instanceof StartupError) return false;
  return error.code === undefined || /^(57P|08|E[A-Z])/.test(error.code);
}

function explainClaim(error: NodeJS.ErrnoException, home: Home): StartupError {
  if (error instanceof StartupError) return error;
  if (!error.code?.startsWith('28')) {
    return explain('PostgreSQL started and then failed', error.message, home.directory);
  }
  return new StartupError(
    `The PostgreSQL of ${home.directory} runs but does not let Dayshift in: ${error.message}.`,
    'If `password` or `cluster/pg_hba.conf` in that folder was changed, put it back.',
  );
}

/** Connect, and prepare the database once it is sure that the server is ours and nobody else uses it. */
async function claim(home: Home, port: number): Promise<Connection> {
  const connection = await connect(home, port);
  try {
    await requireOwn(connection.client, home);
    await takeLock(connection.client, home);
    await createDatabase(connection.client);
    return connection;
  } catch (error) {
    await connection.client.end().catch(() => {});
    throw error;
  }
}

async function connect(home: Home, port: number): Promise<Connection> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password: home.password,
    // Not in the application's database, which could not be dropped or copied with a session in it.
    database: 'postgres',
    application_name: `Dayshift, process ${process.pid}`,
    ssl: false,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener the death of the server would be an uncaught exception; `end` always follows.
  client.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    client.once('end', () => resolve());
  });
  await client.connect();
  return { client, ended };
}

async function requireOwn(client: Client, home: Home): Promise<void> {
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  const served = rows[0]?.data_directory ?? '';
  if ((await realpath(served)) === (await realpath(home.cluster))) return;
  throw new StartupError(
    `The PostgreSQL that answers for ${home.cluster} serves ${served}.`,
    'Stop that server, and start again.',
  );
}

/** The lock goes with its connection, so a holder that was killed is gone within moments. */
async function takeLock(client: Client, home: Home): Promise<void> {
  for (let attempt = 0; attempt < 15; attempt += 1) {
    const { rows } = await client.query<{ held: boolean }>(LOCK);
    if (rows[0]?.held) return;
    await delay(100);
  }
  const { rows } = await client.query<{ application_name: string }>(HOLDER);
  const pid = /\d+$/.exec(rows[0]?.application_name ?? '')?.[0] ?? 'unknown';
  throw new StartupError(
    `The data folder ${home.directory} is in use by another Dayshift (pid ${pid}).`,
    'Use that one, or stop it first, or set DATA_DIR to another folder.',
  );
}

async function createDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
}
