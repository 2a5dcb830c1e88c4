// The server that the demo replays into: one of its own in this process, or one that runs already.

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../../../src/core/startup-error.ts';
import { ApiError } from './http.ts';
import { demoFolder } from './login.ts';
import { ADMIN_EMAIL, logIn } from './people.ts';

export interface Place {
  /** Address of the API. */
  url: string;
  /** Token of an administrator. */
  token: string;
  stop(): Promise<void>;
}

/** The demo's folder, and the one password of its people, made once. */
export async function homeOfDemo(): Promise<{ folder: string; password: string }> {
  const folder = demoFolder();
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'password');
  const made = randomBytes(12).toString('base64url');
  await writeFile(path, made, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return { folder, password: await readFile(path, 'utf8') };
}

/** Start Dayshift in this process, on a database of the demo's own. */
export async function startPlace(
  { folder, password }: { folder: string; password: string },
  say: (line: string) => void,
): Promise<Place> {
  const { readEnv } = await import('../../../src/core/env.ts');
  const { startDayshift } = await import('../../../src/main.ts');
  const { PORT = '4010', HOST, LOG_LEVEL = 'warn' } = process.env;
  const own = { DATA_DIR: folder, SAMPLE: 'off', ADMIN_EMAIL, ADMIN_PASSWORD: password };
  const dayshift = await startDayshift(readEnv({ PORT, HOST, LOG_LEVEL, ...own }), say);
  const url = `${dayshift.url}/graphql`;
  try {
    return { url, token: await logIn(url, ADMIN_EMAIL, password), stop: dayshift.stop };
  } catch (error) {
    await dayshift.stop();
    if (!(error instanceof ApiError)) throw error;
    throw new StartupError(
      error.message,
      `The password in ${folder} is not that of its database. Remove the folder to begin anew.`,
    );
  }
}

/** The server at a `/graphql` address, entered with the token in TOKEN. */
export function placeAt(url: string): Place {
  const token = process.env.TOKEN;
  if (token) return { url, token, stop: async () => {} };
  throw new StartupError(
    '--url goes with TOKEN, the session token of an administrator.',
    'Log in with sessionOpen and start again with TOKEN=… in front.',
  );
}
