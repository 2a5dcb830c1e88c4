// What the embedded PostgreSQL does with the system: programs run, files written whole, failures explained.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartupError } from '../startup-error.ts';

export const WINDOWS = process.platform === 'win32';

export const OWN_SERVER = 'Set DATABASE_URL to a PostgreSQL of your own (15 or later)';

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** A folder inside the home to build something in that appears under its name only when it is whole. */
export const makeAside = (directory: string): Promise<string> => mkdtemp(join(directory, 'initialising-'));

/** Run a program as the account in a clean environment; never throws. */
export function run(
  program: string,
  args: string[],
  account?: Account,
): Promise<{ ok: boolean; output: string }> {
  return new Promise((done) => {
    execFile(program, args, { ...spawnOptions(account), cwd: '/' }, (error, stdout, stderr) =>
      done({ ok: error === null, output: `${stdout}${stderr}`.trim() || (error?.message ?? '') }),
    );
  });
}

/** Options of every process of PostgreSQL. The locale is fixed: messages are read, and LANG may name none. */
export function spawnOptions(account: Account | undefined) {
  // spawn takes signed ids: `nobody` is -2 on macOS.
  const ids = account ? { uid: account.uid | 0, gid: account.gid | 0 } : {};
  return { ...ids, env: WINDOWS ? {} : { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, windowsHide: true };
}

/** Turn what PostgreSQL or the file system says into a problem that a person can mend. */
export function explain(what: string, output: string, directory: string): StartupError {
  if (/ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/.test(output)) {
    return new StartupError(
      `${what}: the disk that holds ${directory} is full.`,
      'Free some space, or set DATA_DIR to a folder on another disk.',
    );
  }
  if (/EACCES|EPERM|EROFS|ENOTDIR|ENOENT|EEXIST/.test(output)) {
    return new StartupError(
      `${what}: ${directory} cannot be used: ${output}.`,
      'Start as the owner of that folder, or set DATA_DIR to a folder that can be written.',
    );
  }
  if (output.includes('could not look up effective user')) {
    return new StartupError(
      `${what}: the user ${process.getuid?.()} that runs Dayshift has no name on this machine.`,
      `Add it to /etc/passwd. ${OWN_SERVER} if you cannot.`,
    );
  }
  const lines = output.trimEnd().split('\n').slice(-8);
  return new StartupError(
    `${what}:\n${lines.join('\n')}`,
    `See ${join(directory, 'server.log')}. ${OWN_SERVER} to do without it.`,
  );
}

/** Write a file whole or not at all: no reader and no crash ever meets half of it. */
export async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  await rename(await writeAside(path, content, mode), path);
}

/** Write a file beside its place, for its owner, who is the owner of the folder. Returns its path. */
export async function writeAside(path: string, content: string, mode: number): Promise<string> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  const file = await open(aside, 'wx', mode);
  try {
    await file.chmod(mode); // the umask may have taken from it
    const owner = await stat(dirname(path));
    if (isRoot()) await file.chown(owner.uid, owner.gid);
    await file.writeFile(`${content}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return aside;
}

export const isRoot = (): boolean => process.getuid?.() === 0;
