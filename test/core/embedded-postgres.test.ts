// The embedded PostgreSQL with real servers: first start, restarts, adoption, crashes.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import {
  children,
  homeOf,
  isAlive,
  keepBackendBusy,
  keepHouse,
  kill,
  killGroup,
  LOCKS,
  makeFolder,
  makeUsedFolder,
  postmasterOf,
  query,
  recall,
  refusal,
  remember,
  start,
  startElsewhere,
} from './postgres-folders.ts';

keepHouse();

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
});
