// The embedded PostgreSQL on real folders with real servers: first start, restarts, crashes, accounts, refusals.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  cp,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/core/embedded-postgres.ts';
import { StartupError } from '../../src/core/startup-error.ts';

const project = resolve(import.meta.dirname, '../..');
const isRoot = process.getuid?.() === 0;
const opened: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];
const folders: string[] = [];

let template = '';

beforeAll(async () => {
  template = await makeFolder();
  folders.splice(0);
  await (await startEmbeddedPostgres({ dataDirectory: join(template, 'data') })).stop();
  await copyProject(join(template, 'project'));
}, 30_000);

afterAll(() => discard(template));

afterEach(async () => {
  for (const child of children.splice(0)) killGroup(child);
  await Promise.all(opened.splice(0).map((one) => one.stop()));
  for (const folder of folders.splice(0)) await discard(folder);
});

/** A new folder that everybody may enter, or only its owner. */
async function makeFolder(mode = 0o755): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-test-'));
  await chmod(folder, mode);
  folders.push(folder);
  return folder;
}

/** A new folder with an initialised database in it, much faster than a first start. */
async function makeUsedFolder(): Promise<string> {
  const folder = await makeFolder();
  // Where the account of PostgreSQL cannot reach the temporary folder, copies would share one database.
  if (!existsSync(join(template, 'data/moved-to'))) {
    await promisify(execFile)('cp', ['-a', join(template, 'data'), folder]);
  }
  return folder;
}

async function discard(folder: string): Promise<void> {
  const home = await homeOf(join(folder, 'data'));
  const pid = await readPid(home).catch(() => 0);
  if (pid > 0) kill(pid, 'SIGQUIT');
  await vi.waitFor(() => expect(pid > 0 && isAlive(pid)).toBe(false), { timeout: 5000 });
  for (const path of [home, folder]) await rm(path, { recursive: true, force: true, maxRetries: 20 });
}

/** Where the data of a data folder really are. */
async function homeOf(dataDirectory: string): Promise<string> {
  const pointer = join(dataDirectory, 'moved-to');
  return existsSync(pointer) ? (await readFile(pointer, 'utf8')).trim() : dataDirectory;
}

async function readPid(home: string): Promise<number> {
  return Number((await readFile(join(home, 'cluster/postmaster.pid'), 'utf8')).split('\n')[0]);
}

const postmasterOf = async (folder: string): Promise<number> => readPid(await homeOf(join(folder, 'data')));

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

const killGroup = (child: ChildProcess): void => kill(-(child.pid ?? Number.NaN), 'SIGKILL');

/** A zombie, which a container whose first process does not reap keeps for ever, is dead. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const file = `/proc/${pid}/stat`;
  return !existsSync(file) || !/\) Z/.test(readFileSync(file, 'utf8'));
}

async function start(folder: string, options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}) {
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(folder, 'data'),
    durable: false,
    ...options,
  });
  opened.push(postgres);
  return postgres;
}

/** The problem that a start reports. */
async function refusal(folder: string, options = {}): Promise<StartupError> {
  const error = await start(folder, options).catch((reason: unknown) => reason);
  if (error instanceof StartupError) return error;
  throw new Error('The start was not refused.', { cause: error });
}

async function query(url: string, sql: string): Promise<Record<string, unknown>> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return rows[0] ?? {};
  } finally {
    await client.end();
  }
}

/** Keep a backend so busy that it does not notice the death of its postmaster. */
async function keepBackendBusy(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  client.query('DO $$ BEGIN LOOP END LOOP; END $$').catch(() => {});
}

const remember = (url: string) => query(url, 'CREATE TABLE note AS SELECT 42 AS answer');
const recall = (url: string) => query(url, 'SELECT answer FROM note');

const LOCKS = "SELECT count(*) AS locks FROM pg_locks WHERE locktype = 'advisory'";

interface Report {
  url: string;
  adopted: boolean;
  uid: number;
  problem?: string;
}

interface Way {
  /** Folder of the sources and node_modules to use. */
  from?: string;
  node?: string;
  ids?: { uid: number; gid: number };
  env?: Record<string, string>;
}

/** Start it in another Node process, the leader of a process group, which stays until it is killed. */
function startElsewhere(
  folder: string,
  { from = project, node = process.execPath, ids, env = {} }: Way = {},
) {
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(pathToFileURL(join(from, 'src/core/embedded-postgres.ts')))};
    const options = { dataDirectory: ${JSON.stringify(join(folder, 'data'))}, durable: true };
    const report = await startEmbeddedPostgres(options).catch((error) => ({ problem: error.stack + error.hint }));
    console.log(JSON.stringify({ ...report, uid: process.getuid?.() }));
    setInterval(() => {}, 1000);`;
  const child = spawn(node, ['--input-type=module', '--eval', script], {
    ...ids,
    env,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const report = new Promise<Report>((done, fail) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.endsWith('\n')) done(JSON.parse(text));
    });
    child.once('exit', () => fail(new Error(`the other process ended: ${text}`)));
  });
  report.catch(() => {});
  return { child, report };
}

/** Copy what the module needs of this project, as `npm install --ignore-scripts` leaves it: without library links. */
async function copyProject(target: string): Promise<void> {
  await mkdir(join(target, 'src/core'), { recursive: true });
  for (const name of await readdir(join(project, 'src/core'))) {
    if (!/^(embedded-postgres|startup-error)/.test(name)) continue;
    await copyFile(join(project, 'src/core', name), join(target, 'src/core', name));
  }
  await writeFile(join(target, 'package.json'), '{ "type": "module" }');
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  await copyPackage(`@embedded-postgres/${platform}`, target);
  await copyPackage('pg', target);
  await promisify(execFile)('chmod', ['-R', 'a+rX', target]);
}

async function copyPackage(name: string, target: string): Promise<void> {
  const source = join(project, 'node_modules', name);
  const copy = join(target, 'node_modules', name);
  if (existsSync(copy) || !existsSync(source)) return;
  const links = JSON.parse(
    await readFile(join(source, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]'),
  ) as { target: string }[];
  const left = new Set(links.map((one) => join(source, one.target)));
  await cp(source, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !left.has(path) });
  const { dependencies = {} } = createRequire(import.meta.url)(join(source, 'package.json'));
  for (const dependency of Object.keys(dependencies)) await copyPackage(dependency, target);
}

/** Ids of an account without rights: `nobody` for root, else whoever runs the test. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (!isRoot) return undefined;
  const row = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('nobody:'));
  const [, , uid, gid] = row?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

describe('embedded PostgreSQL', { timeout: 30_000 }, () => {
  test('the first start makes a UTF-8 database of builtin locale, on loopback only, behind a secret password', async () => {
    const folder = await makeFolder();
    const messages: string[] = [];
    const postgres = await start(folder, { log: (message) => messages.push(message) });
    expect(postgres.adopted).toBe(false);
    const made = await query(
      postgres.url,
      `SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
         current_setting('listen_addresses') AS listen, datname AS database, datlocprovider AS provider,
         datlocale AS locale, pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = current_database()`,
    );
    expect(made).toMatchObject({ database: 'dayshift', owner: 'dayshift', listen: '127.0.0.1' });
    expect(made).toMatchObject({ encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' });
    expect(made.version).toMatch(/^18\./);
    const { password, port } = new URL(postgres.url);
    await expect(query(postgres.url.replace(password, 'wrong'), 'SELECT 1')).rejects.toThrow(/password/);
    const home = await homeOf(join(folder, 'data'));
    expect((await stat(join(home, 'password'))).mode & 0o777).toBe(0o600);
    expect(messages.join()).not.toContain(password);
    expect(await readFile(join(home, 'server.log'), 'utf8')).not.toContain(password);
    expect(Number(port)).toBeGreaterThan(1024);
  });

  test('a start after a stop finds the data, on the same port', async () => {
    const folder = await makeUsedFolder();
    const first = await start(folder);
    await remember(first.url);
    const pid = await postmasterOf(folder);
    await Promise.all([first.stop(), first.stop()]);
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    const second = await start(folder);
    expect(second).toMatchObject({ url: first.url, adopted: false });
    expect(await recall(second.url)).toEqual({ answer: 42 });
  });

  test('a start during a stop waits for it and gets a server of its own that the stop leaves alone', async () => {
    const folder = await makeUsedFolder();
    const messages: string[] = [];
    const stopping = (await start(folder)).stop();
    const next = await start(folder, { log: (message) => messages.push(message) });
    const pid = await postmasterOf(folder);
    await stopping;
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual({ one: 1 });
    expect(await postmasterOf(folder)).toBe(pid);
    expect(messages.join()).not.toContain('lost');
  });

  test('a server killed while Node lives comes back by itself at the same address, though a busy backend outlives it', async () => {
    const folder = await makeUsedFolder();
    const messages: string[] = [];
    const { url } = await start(folder, { durable: true, log: (message) => messages.push(message) });
    await remember(url);
    await keepBackendBusy(url);
    const pid = await postmasterOf(folder);
    kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(messages).toContain('PostgreSQL is back'), { timeout: 15_000 });
    expect(await recall(url)).toEqual({ answer: 42 });
    expect(await postmasterOf(folder)).not.toBe(pid);
    expect(await query(url, LOCKS)).toEqual({ locks: '1' });
  });

  test('a folder stays held when the connection that holds it is cut', async () => {
    const folder = await makeUsedFolder();
    const messages: string[] = [];
    const { url } = await start(folder, { log: (message) => messages.push(message) });
    await query(
      url,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ $$^Dayshift$$',
    );
    await vi.waitFor(() => expect(messages).toContain('PostgreSQL is back'), { timeout: 15_000 });
    expect(await query(url, LOCKS)).toEqual({ locks: '1' });
  });

  test('a server whose Node process group was killed lives on and the next start adopts it', async () => {
    const folder = await makeUsedFolder();
    const { child, report } = startElsewhere(folder, { env: { LANG: 'xx_XX.bogus', LC_ALL: 'bogus' } });
    const { url, problem } = await report;
    expect(problem).toBeUndefined();
    await remember(url);
    const pid = await postmasterOf(folder);
    killGroup(child);
    const next = await start(folder, { durable: true });
    expect(next).toMatchObject({ url, adopted: true });
    expect(await postmasterOf(folder)).toBe(pid);
    expect(await recall(url)).toEqual({ answer: 42 });
    await next.stop();
    expect(isAlive(pid)).toBe(false);
  });

  test('a server that runs with other settings is restarted with the wanted ones', async () => {
    const folder = await makeUsedFolder();
    const { child, report } = startElsewhere(folder);
    const { url } = await report;
    killGroup(child);
    const next = await start(folder, { settings: { work_mem: '7MB', 'dayshift.note': "it's a \\ b" } });
    expect(next).toMatchObject({ url, adopted: false });
    const shown = await query(
      url,
      "SELECT current_setting('work_mem') AS work_mem, current_setting('dayshift.note') AS note",
    );
    expect(shown).toEqual({ work_mem: '7MB', note: "it's a \\ b" });
  });

  test('a start survives that Node and the server were both killed while a backend was busy', async () => {
    const folder = await makeUsedFolder();
    const { child, report } = startElsewhere(folder);
    const { url } = await report;
    await remember(url);
    await keepBackendBusy(url);
    killGroup(child);
    kill(await postmasterOf(folder), 'SIGKILL');
    const next = await start(folder);
    expect(next).toMatchObject({ url, adopted: false });
    expect(await recall(url)).toEqual({ answer: 42 });
  });

  test('a folder that another process uses is refused with the id of that process', async () => {
    const folder = await makeUsedFolder();
    const { child, report } = startElsewhere(folder);
    const { url } = await report;
    const { message, hint } = await refusal(folder);
    expect(message).toContain('is in use by another Dayshift');
    expect(message).toContain(`(pid ${child.pid})`);
    expect(message).toContain(folder);
    expect(hint).toContain('DATA_DIR');
    expect(await query(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  test('of two processes that start at once on a new folder exactly one gets it', async () => {
    const folder = await makeFolder();
    const reports = await Promise.all([startElsewhere(folder).report, startElsewhere(folder).report]);
    const [winner] = reports.filter((one) => one.problem === undefined);
    const [loser] = reports.filter((one) => one.problem !== undefined);
    expect(loser?.problem).toContain('in use');
    expect(await query(winner?.url ?? '', 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  test('a stale postmaster.pid is no obstacle, be its process id taken by another program or the file empty', async () => {
    const folder = await makeUsedFolder();
    const first = await start(folder);
    const home = await homeOf(join(folder, 'data'));
    const file = join(home, 'cluster/postmaster.pid');
    const left = await readFile(file, 'utf8');
    await remember(first.url);
    await first.stop();
    const { uid, gid } = await stat(join(home, 'cluster'));
    const other = spawn('/bin/sleep', ['60'], { uid, gid, detached: true, stdio: 'ignore' });
    children.push(other);
    const minuteAgo = Date.now() / 1000 - 60;
    for (const content of [left.replace(/^\d+/, String(other.pid)), '']) {
      await writeFile(file, content);
      await chown(file, uid, gid);
      await utimes(file, minuteAgo, minuteAgo);
      const next = await start(folder);
      expect(next).toMatchObject({ url: first.url, adopted: false });
      expect(await recall(next.url)).toEqual({ answer: 42 });
      await next.stop();
    }
    expect(isAlive(other.pid ?? 0)).toBe(true);
  });

  test('an initialisation that was killed half way is done anew', async () => {
    const folder = await makeFolder();
    const { child } = startElsewhere(folder);
    const isHalfDone = async () => {
      const home = await homeOf(join(folder, 'data'));
      const [aside] = (await readdir(home)).filter((name) => name.startsWith('initialising-'));
      await stat(join(home, aside ?? '', 'cluster/global'));
    };
    await vi.waitFor(isHalfDone, { timeout: 10_000, interval: 5 });
    killGroup(child);
    expect(existsSync(join(await homeOf(join(folder, 'data')), 'cluster'))).toBe(false);
    const { url } = await start(folder);
    expect(await query(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  test('an ordinary user needs rights on the data folder only and no LANG, and root can go on with those data', async () => {
    const folder = await makeFolder();
    const ids = ordinaryUser();
    const node = join(folder, 'node');
    await link(process.execPath, node).catch(() => copyFile(process.execPath, node));
    await mkdir(join(folder, 'data'));
    if (ids) await chown(join(folder, 'data'), ids.uid, ids.gid);
    const { child, report } = startElsewhere(folder, { from: join(template, 'project'), node, ids });
    const { problem, url, uid } = await report;
    expect(problem).toBeUndefined();
    expect(uid).toBe(ids?.uid ?? process.getuid?.());
    expect(await query(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
    killGroup(child);
    const next = await start(folder, { durable: true });
    expect(next).toMatchObject({ url, adopted: true });
    for (const name of await readdir(join(folder, 'data'))) {
      expect((await stat(join(folder, 'data', name))).uid, name).toBe(uid);
    }
  });

  test('a project under a folder that only its owner may enter works, restarts and keeps its data', async () => {
    const folder = await makeFolder(0o700);
    await chmod(template, 0o700);
    for (const again of [false, true]) {
      const { child, report } = startElsewhere(folder, { from: join(template, 'project') });
      const { problem, url, adopted } = await report;
      expect(problem).toBeUndefined();
      expect(adopted).toBe(again);
      if (again) expect(await recall(url)).toEqual({ answer: 42 });
      else await remember(url);
      killGroup(child);
    }
    for (const path of [folder, template]) expect((await stat(path)).mode & 0o777).toBe(0o700);
    await chmod(template, 0o755);
  });

  test('data that were moved away and are gone are reported instead of replaced by an empty database', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data/moved-to'), join(folder, 'gone'));
    const { message, hint } = await refusal(folder);
    expect(message).toContain(`were moved to ${join(folder, 'gone')}, which is gone`);
    expect(hint).toContain('moved-to');
  });

  test('a port that another program has is named, and without a wish for one another is chosen', async () => {
    const folder = await makeUsedFolder();
    const first = await start(folder);
    await first.stop();
    const port = Number(new URL(first.url).port);
    const blocker = createServer();
    await new Promise<void>((done) => blocker.listen(port, '127.0.0.1', done));
    try {
      expect((await refusal(folder, { port })).message).toContain(`Port ${port}`);
      const next = await start(folder);
      expect(new URL(next.url).port).not.toBe(String(port));
    } finally {
      blocker.close();
    }
  });

  test('data of another major version are refused untouched', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'data/cluster'), { recursive: true });
    await writeFile(join(folder, 'data/cluster/PG_VERSION'), '17\n');
    const { message, hint } = await refusal(folder);
    expect(message).toMatch(/made by PostgreSQL 17; this Dayshift brings PostgreSQL 18/);
    expect(hint).toContain('DATA_DIR');
    expect(await readdir(join(folder, 'data/cluster'))).toEqual(['PG_VERSION']);
  });

  test('a folder that holds something else, and a path that is no folder, are refused', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'data/cluster'), { recursive: true });
    await writeFile(join(folder, 'data/cluster/holiday.jpg'), '');
    expect((await refusal(folder)).message).toContain('is not a PostgreSQL data directory');
    await writeFile(join(folder, 'file'), '');
    const { message, hint } = await refusal(folder, { dataDirectory: join(folder, 'file/data') });
    expect(message).toContain('cannot be used');
    expect(hint).toContain('DATA_DIR');
  });

  test('a failure of the server is reported with its own last words', async () => {
    const folder = await makeUsedFolder();
    const { message, hint } = await refusal(folder, { settings: { shared_buffers: 'plenty' } });
    expect(message).toContain('invalid value for parameter "shared_buffers"');
    expect(hint).toContain('server.log');
  });

  test('a platform without packaged binaries is told to bring its own PostgreSQL', async () => {
    const folder = await makeFolder();
    const real = process.arch;
    Object.defineProperty(process, 'arch', { value: 'mips' });
    try {
      expect((await refusal(folder)).hint).toContain('DATABASE_URL');
    } finally {
      Object.defineProperty(process, 'arch', { value: real });
    }
  });

  test('a data folder closed to others, with spaces, quotes, dollars and Chinese in its name, is used in place', async () => {
    const folder = await makeFolder();
    const dataDirectory = join(folder, `it's "my" $HOME 店铺/data`);
    await mkdir(dirname(dataDirectory));
    await chmod(dirname(dataDirectory), 0o755);
    await mkdir(dataDirectory, { mode: 0o700 });
    const { url } = await start(folder, { dataDirectory });
    expect(await query(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
    expect(existsSync(join(dataDirectory, 'moved-to'))).toBe(existsSync(join(template, 'data/moved-to')));
  });
});
