// Processes of the embedded PostgreSQL: its postmaster found, the processes that outlived one ended.

import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { run, WINDOWS } from './system.ts';

export interface Postmaster {
  pid: number;
  port: number;
  ready: boolean;
}

/**
 * The postmaster that postmaster.pid names, if it lives. PostgreSQL itself survives a file whose process is gone; it
 * gives up when the file is empty or when another program of the same user has that process id: then it goes.
 */
export async function findPostmaster(home: Home): Promise<Postmaster | undefined> {
  const file = join(home.cluster, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const [pidRow, , , portRow, , , , status] = text.split('\n');
  const pid = Number(pidRow);
  if (pid > 0 && (await isPostmaster(pid, home.cluster))) {
    return { pid, port: Number(portRow), ready: status?.trim() === 'ready' };
  }
  const { mtimeMs = Date.now() } = (await stat(file).catch(() => undefined)) ?? {};
  if (!(pid > 0) && Date.now() - mtimeMs < 2000) return { pid: 0, port: 0, ready: false };
  const blocks = pid > 0 ? exists(pid) : true;
  if (blocks && (await readFile(file, 'utf8').catch(() => '')) === text) await rm(file, { force: true });
  return undefined;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export async function isPostmaster(pid: number, cluster: string): Promise<boolean> {
  if (!exists(pid)) return false;
  if (existsSync('/proc/self/stat')) {
    const { name, folder } = await inspect(pid);
    return name === 'postgres' && (folder === undefined || folder === cluster);
  }
  const answer = WINDOWS
    ? await run('tasklist', ['/NH', '/FI', `PID eq ${pid}`])
    : await run('/bin/ps', ['-o', 'comm=', '-p', String(pid)]);
  return answer.output.includes('postgres');
}

/** A Linux process; a zombie has no name. The folder is hidden from a root without the right to trace. */
async function inspect(pid: number): Promise<{ name: string; folder: string | undefined }> {
  const row = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, name = '', state] = /^\d+ \((.*)\) (\S)/.exec(row) ?? [];
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return { name: state === 'Z' ? '' : name, folder };
}

/** Backends notice the death of their postmaster only when they pause; a busy one keeps its memory, and the next start, waiting. */
export async function endOrphans(cluster: string): Promise<void> {
  const names = existsSync('/proc/self/stat') ? await readdir('/proc') : [];
  for (const pid of names.map(Number).filter((one) => one > 0)) {
    const { name, folder } = await inspect(pid);
    if (name === 'postgres' && folder === cluster && exists(pid)) process.kill(pid, 'SIGKILL');
  }
}
