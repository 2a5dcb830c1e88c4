// Compares prisma/schema with prisma/migrations, and drafts the migration that is missing.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SchemasContainer } from '@prisma/schema-engine-wasm';
import { StartupError } from '../src/core/startup-error.ts';
import { NO_FILTER, readMigrations, withEngine } from './migrate.ts';

export type DraftOptions = {
  /** Any PostgreSQL on which this user may create databases: the migrations are replayed in a temporary one. */
  serverUrl: string;
  directory?: string;
  schemaDirectory?: string;
};

const MIGRATIONS = join(import.meta.dirname, 'migrations');
const SCHEMA = join(import.meta.dirname, 'schema');

/**
 * What the migrations lack to make the schema files true: as SQL, or as an outline for people to read.
 * Returns null when nothing is missing. Reads the server's other databases in no way and changes none.
 */
export async function schemaDifference(
  { serverUrl, directory = MIGRATIONS, schemaDirectory = SCHEMA }: DraftOptions,
  form: 'sql' | 'outline',
): Promise<string | null> {
  await mkdir(directory, { recursive: true });
  const migrationsList = await readMigrations(directory);
  const schema = await readSchema(schemaDirectory);
  return withEngine({ url: serverUrl }, false, async ({ schemaEngine, lastFailure }) => {
    const { exitCode, stdout } = await schemaEngine.diff({
      from: { tag: 'migrations', ...migrationsList },
      to: { tag: 'schemaDatamodel', ...schema },
      script: form === 'sql',
      exitCode: true,
      filters: NO_FILTER,
    });
    return exitCode === 2 ? stdout : null;
  });
}

async function readSchema(directory: string): Promise<SchemasContainer> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.prisma')).sort();
  const read = async (name: string) => ({
    path: join(directory, name),
    content: await readFile(join(directory, name), 'utf8'),
  });
  return { files: await Promise.all(names.map(read)) };
}
