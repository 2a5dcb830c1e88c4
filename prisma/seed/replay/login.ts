// The login that the demo leaves for the watcher: an address and a token in a file that only its owner reads.

import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export interface WatchLogin {
  /** Address of the API: `http://127.0.0.1:4010/graphql`. */
  url: string;
  token: string;
}

const projectFolder = resolve(import.meta.dirname, '../../..');

/** Folder of the demo's data. */
export const demoFolder = (): string => join(process.env.DATA_DIR || join(projectFolder, '.data'), 'demo');

const pathOf = (folder: string): string => join(folder, 'watch.json');

export async function writeLogin(folder: string, login: WatchLogin): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(pathOf(folder), `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  await chmod(pathOf(folder), 0o600);
}

/** The login of the last demo; null when there was none. */
export async function readLogin(folder: string): Promise<WatchLogin | null> {
  try {
    return JSON.parse(await readFile(pathOf(folder), 'utf8')) as WatchLogin;
  } catch {
    return null;
  }
}
