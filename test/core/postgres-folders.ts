// Folders, servers and other processes for the tests of the embedded PostgreSQL.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/core/embedded-postgres.ts';
import { StartupError } from '../../src/core/startup-error.ts';

const project = resolve(import.meta.dirname, '../..');
const isRoot = process.getuid?.() === 0;
const opened: EmbeddedPostgres[] = [];
export const children: ChildProcess[] = [];
const folders: string[] = [];

export let template = '';

/** Make the folder that used ones are copied from, and clear away after each test whatever it started. */
export function keepHouse(): void {
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
}

/** A new folder that everybody may enter, or only its owner. */
export async function makeFolder(mode = 0o755): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dayshift-test-'));
  await chmod(folder, mode);
  folders.push(folder);
  return folder;
}

/** A new folder with an initialised database in it, much faster than a first start. */
export async function makeUsedFolder(): Promise<string> {
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
export async function homeOf(dataDirectory: string): Promise<string> {
  const pointer = join(dataDirectory, 'moved-to');
  return existsSync(pointer) ? (await readFile(pointer, 'utf8')).trim() : dataDirectory;
}

async function readPid(home: string): Promise<number> {
  return Number((await readFile(join(home, 'cluster/postmaster.pid'), 'utf8')).split('\n')[0]);
}

export const postmasterOf = async (folder: string): Promise<number> =>
  readPid(await homeOf(join(folder, 'data')));

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

export const killGroup = (child: ChildProcess): void => kill(-(child.pid ?? Number.NaN), 'SIGKILL');

/** A zombie, which a container whose first process does not reap keeps for ever, is dead. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const file = `/proc/${pid}/stat`;
  return !existsSync(file) || !/\) Z/.test(readFileSync(file, 'utf8'));
}

export async function start(
  folder: string,
  options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {},
) {
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(folder, 'data'),
    durable: false,
    ...options,
  });
  opened.push(postgres);
  return postgres;
}

/** The problem that a start reports. */
export async function refusal(folder: string, options = {}): Promise<StartupError> {
  const error = await start(folder, options).catch((reason: unknown) => reason);
  if (error instanceof StartupError) return error;
  throw new Error('The start was not refused.', { cause: error });
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>> {
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
export async function keepBackendBusy(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  client.query('DO $$ BEGIN LOOP END LOOP; END $$').catch(() => {});
}

export const remember = (url: string) => query(url, 'CREATE TABLE note AS SELECT 42 AS answer');
export const recall = (url: string) => query(url, 'SELECT answer FROM note');

export const LOCKS = "SELECT count(*) AS locks FROM pg_locks WHERE locktype = 'advisory'";

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
export function startElsewhere(
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
    await cp(join(project, 'src/core', name), join(target, 'src/core', name), { recursive: true });
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
export function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (!isRoot) return undefined;
  const row = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('nobody:'));
  const [, , uid, gid] = row?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}
