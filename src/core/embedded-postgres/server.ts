// Cluster and server process of the embedded PostgreSQL: created, started, found running, stopped.

import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, chown, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartupError } from '../startup-error.ts';
import { type Home, SUPERUSER } from './home.ts';
import { endOrphans, findPostmaster, isPostmaster, type Postmaster } from './process.ts';
import { explain, makeAside, replaceFile, run, spawnOptions, WINDOWS } from './system.ts';

/** How the server shall run; `port` undefined: the one of the last start when it is free, else any. */
export interface Wish {
  port: number | undefined;
  durable: boolean;
  settings: Record<string, string>;
  log: (message: string) => void;
}

/** Recovery after a crash may take minutes; a server that says nothing for longer hangs. */
const PATIENCE_SECONDS = 600;
/** Another process was faster, or processes of a killed server still end. */
const PASSING =
  /lock file "postmaster.pid" already exists|pre-existing shared memory block|could not bind|could not create any TCP/;
const PASSING_SECONDS = 20;
const STOP_SECONDS = 60;
const LOG_LIMIT_BYTES = 10_000_000;

/** Create PostgreSQL's data directory unless it exists. A creation that was killed half way is done anew. */
export async function ensureCluster(home: Home, { durable, log }: Wish): Promise<void> {
  if (!isWhole(home)) {
    log(`creating a database in ${home.directory}`);
    await createCluster(home, durable);
  }
  await requireMajor(home);
}

const isWhole = (home: Home): boolean => existsSync(join(home.cluster, 'PG_VERSION'));

/**
 * Find the running server of this home or start one, and wait until it accepts connections. Survives what crashes
 * leave: a stale postmaster.pid, a process id that another program got, backends that outlived their postmaster.
 */
export async function ensureServer(home: Home, wish: Wish): Promise<{ port: number; started: boolean }> {
  const since = Date.now();
  for (;;) {
    const running = await waitForPostmaster(home, wish.log);
    if (running) return { port: running.port, started: false };
    const port = await choosePort(home, wish.port);
    await replaceFile(join(home.directory, 'settings.conf'), settingsText(wish, port), 0o644);
    const failure = await launch(home, wish.log);
    if (failure === undefined) return { port, started: true };
    if (/could not bind|could not create any TCP/.test(failure) && wish.port !== undefined) {
      throw portInUse(wish.port);
    }
    if (!PASSING.test(failure) || Date.now() - since > PASSING_SECONDS * 1000) {
      throw explain('PostgreSQL could not start', failure, home.directory);
    }
    if (failure.includes('shared memory')) {
      wish.log('ending processes that outlived a PostgreSQL that was killed');
      await endOrphans(home.cluster);
    }
    await delay(100);
  }
}

/** True when the server on `port` was started with these settings. */
export async function hasSettings(home: Home, wish: Wish, port: number): Promise<boolean> {
  const current = await readFile(join(home.directory, 'settings.conf'), 'utf8').catch(() => '');
  return current.trim() === settingsText(wish, wish.port ?? port).trim();
}

/** Stop the server and wait until it is gone; nothing to do when it does not run. For the holder of the lock. */
export async function stopServer(home: Home): Promise<void> {
  const program = join(home.binaries, 'pg_ctl');
  const running = await findPostmaster(home);
  if (!running) return;
  for (const mode of ['fast', 'immediate']) {
    // pg_ctl would wait for postmaster.pid to go; that of a server which another process starts next never does.
    await run(program, ['stop', '-D', home.cluster, '-m', mode, '-W'], home.account);
    const since = Date.now();
    while (Date.now() - since < STOP_SECONDS * 1000) {
      if (!(await isPostmaster(running.pid, home.cluster))) return;
      await delay(20);
    }
  }
}

function settingsText(wish: Wish, port: number): string {
  const safety = wish.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...safety,
    ...wish.settings,
    port: String(port),
  };
  const rows = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replace(/['\\]/g, '$&$&')}'`,
  );
  return [
    '# Written at every start of Dayshift. Your own settings belong in cluster/postgresql.conf.',
    ...rows,
  ].join('\n');
}

async function choosePort(home: Home, asked: number | undefined): Promise<number> {
  if (asked !== undefined) {
    if (await isFree(asked)) return asked;
    throw portInUse(asked);
  }
  const settings = await readFile(join(home.directory, 'settings.conf'), 'utf8').catch(() => '');
  const remembered = Number(/^port = '(\d+)'/m.exec(settings)?.[1]);
  if (remembered && (await isFree(remembered))) return remembered;
  for (;;) {
    // Below the range of outgoing connections on every system, or one of them could hold it at the next start.
    const port = randomInt(15_000, 30_000);
    if (await isFree(port)) return port;
  }
}

const portInUse = (port: number): StartupError =>
  new StartupError(
    `Port ${port}, which the embedded PostgreSQL shall use, is in use by another program.`,
    'Stop that program, or let Dayshift choose a port.',
  );

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => done(true)));
  });
}

/** Start the server in a session of its own, so that Ctrl-C does not reach it. What it complained of, or undefined. */
async function launch(home: Home, log: (message: string) => void): Promise<string | undefined> {
  const logFile = join(home.directory, 'server.log');
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) await rename(logFile, `${logFile}.old`);
  const from = size > LOG_LIMIT_BYTES ? 0 : size;
  const file = await open(logFile, 'a', 0o640);
  // On Windows pg_ctl drops the rights of an administrator, with which PostgreSQL refuses to run.
  const command = WINDOWS
    ? { program: 'pg_ctl', args: ['start', '-w', '-D', home.cluster, '-l', logFile] }
    : { program: 'postgres', args: ['-D', home.cluster] };
  const child = spawn(join(home.binaries, command.program), command.args, {
    ...spawnOptions(home.account),
    cwd: home.directory,
    detached: true,
    stdio: WINDOWS ? 'ignore' : ['ignore', file.fd, file.fd],
  });
  let failed = '';
  child.once('error', (error) => {
    failed = error.message;
  });
  child.once('exit', (code, signal) => {
    if (!WINDOWS || code !== 0) failed = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  await file.close();
  const told = tellEvery(10, () => log('PostgreSQL is still starting'));
  while (!failed) {
    const running = await findPostmaster(home);
    if (running?.ready && (WINDOWS || running.pid === child.pid)) return undefined;
    await delay(20);
    told();
  }
  const written = await readFile(logFile);
  return `${written.subarray(from).toString()}\n${failed}`;
}

/** The running server when it is ready; undefined when none runs. Waits while it starts, recovers or stops. */
async function waitForPostmaster(
  home: Home,
  log: (message: string) => void,
): Promise<Postmaster | undefined> {
  const since = Date.now();
  const told = tellEvery(10, () => log('waiting for the running PostgreSQL to start or to stop'));
  while (Date.now() - since < PATIENCE_SECONDS * 1000) {
    const running = await findPostmaster(home);
    if (!running || running.ready) return running;
    await delay(50);
    told();
  }
  throw new StartupError(
    `The PostgreSQL of ${home.directory} neither starts nor stops.`,
    `See ${join(home.directory, 'server.log')}, and end its processes.`,
  );
}

function tellEvery(seconds: number, tell: () => void): () => void {
  let last = Date.now();
  return () => {
    if (Date.now() - last < seconds * 1000) return;
    last = Date.now();
    tell();
  };
}

/** Run initdb aside and rename the result, so that a `cluster` that exists is a whole one. */
async function createCluster(home: Home, durable: boolean): Promise<void> {
  if (existsSync(home.cluster) && (await readdir(home.cluster)).length > 0) {
    throw new StartupError(
      `${home.cluster} exists and is not a PostgreSQL data directory.`,
      'Move it away, or set DATA_DIR to another folder.',
    );
  }
  const aside = await makeAside(home.directory);
  const fresh = join(aside, 'cluster');
  const passwordFile = join(aside, 'password');
  await replaceFile(passwordFile, home.password, 0o600);
  if (home.account) {
    for (const path of [aside, passwordFile]) await chown(path, home.account.uid, home.account.gid);
  }
  const failure = await initialise(home, fresh, passwordFile, durable);
  if (failure === undefined) {
    await appendFile(join(fresh, 'postgresql.conf'), "\ninclude '../settings.conf'\n");
    await rename(fresh, home.cluster).catch((error) => {
      if (!isWhole(home)) throw error;
    });
    if (durable) await syncToDisk([join(home.cluster, 'postgresql.conf'), home.directory]);
  }
  await rm(aside, { recursive: true, force: true });
  if (failure !== undefined && !isWhole(home)) {
    throw explain('PostgreSQL could not create its data directory', failure, home.directory);
  }
}

/** What initdb complained of, or undefined. */
async function initialise(home: Home, cluster: string, passwordFile: string, durable: boolean) {
  const args = ['-D', cluster, '-U', SUPERUSER, '--pwfile', passwordFile, '--auth=scram-sha-256'];
  args.push('--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (!durable) args.push('--no-sync');
  const initdb = join(home.binaries, 'initdb');
  let answer = await run(initdb, [...args, '--locale=C.UTF-8'], home.account);
  // The builtin C.UTF-8 is there always; the C library's, for the other categories, not on every system.
  if (answer.output.includes('invalid locale name')) {
    answer = await run(initdb, [...args, '--locale=C'], home.account);
  }
  return answer.ok ? undefined : answer.output.replaceAll(home.password, '…');
}

async function syncToDisk(paths: string[]): Promise<void> {
  if (WINDOWS) return;
  for (const path of paths) {
    const file = await open(path, 'r');
    await file.sync().finally(() => file.close());
  }
}

async function requireMajor(home: Home): Promise<void> {
  const found = (await readFile(join(home.cluster, 'PG_VERSION'), 'utf8')).trim();
  if (found === home.major) return;
  throw new StartupError(
    `${home.cluster} was made by PostgreSQL ${found}; this Dayshift brings PostgreSQL ${home.major}.`,
    'Dump it with the Dayshift that made it and load the dump here, or set DATA_DIR to another folder.',
  );
}
