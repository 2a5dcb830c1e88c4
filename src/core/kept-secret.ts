// Secrets that are made once and kept in a file that only its owner reads.

import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartupError } from './startup-error.ts';

/** The content of a file that only its owner reads; made on first use, whole or not at all. */
export async function keptSecret(path: string, make: () => string): Promise<string> {
  const draft = `${path}.${process.pid}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, make(), { mode: 0o600, flush: true });
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(draft);
  } catch {
    throw new StartupError(
      `The file ${path} cannot be written.`,
      'Make the folder writable, or set DATA_DIR to one that is.',
    );
  }
  const content = await readFile(path, 'utf8');
  if (content.trim() !== '') return content;
  throw new StartupError(
    `The file ${path} is empty.`,
    'Restore it from a backup, or remove it to have a new one made.',
  );
}
