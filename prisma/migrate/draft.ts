// Compares prisma/schema with prisma/migrations, and drafts the migration that is missing.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../../src/core/startup-error.ts';
import { type Engine, NO_FILTER, withEngine } from './engine.ts';
import { notReplayable } from './errors.ts';
import { LOCK_FILE, LOCK_FILE_NAME, MIGRATIONS, readMigrations, readSchema, SCHEMA } from './files.ts';

export type DraftOptions = {
  /** A PostgreSQL on which this user may create databases: the migrations are replayed in a temporary one. */
  serverUrl: string;
  directory?: string;
  schemaDirectory?: string;
};

/**
 * What the migrations lack to make the schema files true: as SQL, or as an outline for people. Null when nothing
 * is missing. Leaves the server as it found it. Throws StartupError when a migration cannot be replayed.
 */
export async function schemaDifference(
  { serverUrl, directory = MIGRATIONS, schemaDirectory = SCHEMA }: DraftOptions,
  form: 'sql' | 'outline',
): Promise<string | null> {
  const migrationsList = await readMigrations(directory);
  const schema = await readSchema(schemaDirectory);
  const session = {
    url: serverUrl,
    lock: false,
    lockTimeoutMs: 3000,
    log: { info: () => {}, warn: () => {} },
  };
  return withEngine(session, async (engine) => {
    const { exitCode, stdout } = await engine.schemaEngine
      .diff({
        from: { tag: 'migrations', ...migrationsList },
        to: { tag: 'schemaDatamodel', ...schema },
        script: form === 'sql',
        exitCode: true,
        filters: NO_FILTER,
      })
      .catch((error: unknown) => Promise.reject(replayProblem(error, engine)));
    return exitCode === 2 ? stdout : null;
  });
}

function replayProblem(error: unknown, engine: Engine): unknown {
  const failure = engine.lastFailure();
  if (!failure || !(error instanceof Error)) return error;
  return notReplayable(/Migration `([^`]+)`/.exec(error.message)?.[1] ?? 'unknown', failure);
}

/**
 * Write `<directory>/<UTC time>_<name>/migration.sql` with what the migrations lack, or with nothing but a comment
 * when they lack nothing (for what Prisma does not know: functions, triggers, checks). Returns its path.
 */
export async function draftMigration(name: string, options: DraftOptions): Promise<string> {
  const { directory = MIGRATIONS } = options;
  const words = name.toLowerCase().match(/[a-z0-9]+/g);
  if (!words)
    throw new StartupError(
      'A migration needs a name.',
      'For example: node prisma/migrate.ts new add_stock_count',
    );
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, LOCK_FILE_NAME), LOCK_FILE);
  const sql = await schemaDifference({ ...options, directory }, 'sql');
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(directory, `${time}_${words.join('_')}`);
  await mkdir(folder);
  const file = join(folder, 'migration.sql');
  await writeFile(file, sql ?? '-- The schema files need nothing: write what Prisma does not know.\n');
  return file;
}
