// Applies the migrations of prisma/migrations, as `prisma migrate deploy` does and on the same records.
// On the command line: node prisma/migrate.ts [status | check [server] | new <name> [server]]

import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import { migrateJobs } from '../src/core/jobs.ts';
import { StartupError } from '../src/core/startup-error.ts';
import { draftMigration, schemaDifference } from './migrate/draft.ts';
import { NO_FILTER, withEngine } from './migrate/engine.ts';
import {
  connectionLost,
  editedMigrations,
  failedMigration,
  transactionControl,
  unknownMigrations,
} from './migrate/errors.ts';
import { MIGRATIONS, readMigrations } from './migrate/files.ts';
import type { MigrationLog } from './migrate/session.ts';
import { findTransactionControl } from './migrate/sql.ts';

export type MigrateOptions = {
  /** A direct connection: behind a pooler of transactions the session's lock would be lost. */
  url: string;
  log?: MigrationLog;
  directory?: string;
  lockTimeoutMs?: number;
};

const SILENT: MigrationLog = { info: () => {}, warn: () => {} };

/**
 * Bring the database up to the migrations of the code; says which ones were applied.
 *
 * Each file is one transaction: one that fails leaves schema and data as they were before it, and when it has been
 * corrected the next run goes on with it. Two processes never migrate at once: the second waits, and finds nothing
 * to do. A file never waits longer than `lockTimeoutMs` (3000) for a lock; one that did is tried six times.
 * Migrations in the database that the code does not know are a warning: a newer version has expanded the schema.
 * Throws StartupError when a file fails, when one was edited after it was applied, and when the database cannot be
 * reached; no message contains the password.
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: string[] }> {
  const { url, log = SILENT, directory = MIGRATIONS, lockTimeoutMs = 3000 } = options;
  const migrationsList = await readMigrations(directory);
  return withEngine({ url, log, lockTimeoutMs, lock: true }, async ({ schemaEngine, lastFailure }) => {
    for (const name of await clearFailures(schemaEngine, migrationsList)) {
      log.info(`Migration ${name} failed or was interrupted before, and was rolled back: trying it again.`);
    }
    const state = await diagnose(schemaEngine, migrationsList);
    if (state.edited.length > 0) throw editedMigrations(state.edited);
    if (state.unknown.length > 0) log.warn(unknownMigrations(state.unknown));
    refuseTransactionControl(migrationsList, state.pending);
    try {
      const { appliedMigrationNames } = await schemaEngine.applyMigrations({
        migrationsList,
        filters: NO_FILTER,
      });
      return { applied: appliedMigrationNames };
    } catch (error) {
      const failure = lastFailure();
      if (!failure) throw error;
      const [name] = await clearFailures(schemaEngine, migrationsList).catch(() => []);
      throw name === undefined ? connectionLost() : failedMigration(name, failure);
    }
  });
}

export type MigrationState = {
  applied: string[];
  pending: string[];
  /** Failed or interrupted, and rolled back: the next run tries them again. */
  failed: string[];
  /** Changed after they were applied. */
  edited: string[];
  /** Applied to the database, but not in the code. */
  unknown: string[];
};

/** Compare the database's record with the migrations of the code. Changes nothing and waits for nobody. */
export async function migrationState(
  options: Omit<MigrateOptions, 'log' | 'lockTimeoutMs'>,
): Promise<MigrationState> {
  const migrationsList = await readMigrations(options.directory ?? MIGRATIONS);
  const session = { url: options.url, log: SILENT, lockTimeoutMs: 3000, lock: false };
  return withEngine(session, ({ schemaEngine }) => diagnose(schemaEngine, migrationsList));
}

async function diagnose(engine: SchemaEngine, migrationsList: MigrationList): Promise<MigrationState> {
  const { editedMigrationNames, failedMigrationNames, history } = await engine.diagnoseMigrationHistory({
    migrationsList,
    optInToShadowDatabase: false,
    filters: NO_FILTER,
  });
  const pending = history && 'unappliedMigrationNames' in history ? history.unappliedMigrationNames : [];
  const names = migrationsList.migrationDirectories.map(({ path }) => path);
  return {
    applied: names.filter((name) => !pending.includes(name) && !failedMigrationNames.includes(name)),
    pending,
    failed: failedMigrationNames,
    edited: editedMigrationNames.filter((name) => !failedMigrationNames.includes(name)),
    unknown: history && 'unpersistedMigrationNames' in history ? history.unpersistedMigrationNames : [],
  };
}

// At an unfinished record Prisma stops until a person says what became of the file (P3009). Of ours it is known:
// a file's transaction finishes its record, so one that is unfinished was rolled back whole. (A lone CONCURRENTLY
// has no transaction; tried again, it says that its index exists.)
async function clearFailures(engine: SchemaEngine, migrationsList: MigrationList): Promise<string[]> {
  const { failed } = await diagnose(engine, migrationsList);
  for (const migrationName of failed) await engine.markMigrationRolledBack({ migrationName });
  return failed;
}

function refuseTransactionControl({ migrationDirectories }: MigrationList, pending: string[]): void {
  for (const { path, migrationFile } of migrationDirectories) {
    const { content } = migrationFile;
    const control =
      pending.includes(path) && content.tag === 'ok' ? findTransactionControl(content.value) : undefined;
    if (control) throw transactionControl(path, control.line, control.text);
  }
}

async function run([command = 'apply', ...words]: string[]): Promise<void> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  if (command === 'apply') {
    const { applied } = await migrate({ url: databaseUrl(), log: { info: say, warn: say } });
    await migrateJobs(databaseUrl());
    say(applied.length === 0 ? 'The database is up to date.' : `${applied.length} applied.`);
  } else if (command === 'status') {
    const state = await migrationState({ url: databaseUrl() });
    for (const [name, migrations] of Object.entries(state))
      say(`${name.padEnd(8)} ${migrations.join(' ') || '-'}`);
    if (state.pending.length + state.failed.length + state.edited.length > 0) process.exitCode = 1;
  } else if (command === 'check') {
    const difference = await schemaDifference({ serverUrl: words[0] ?? databaseUrl() }, 'outline');
    say(difference ?? 'The migrations make what the schema files say.');
    if (difference !== null) process.exitCode = 1;
  } else if (command === 'new' && words[0] !== undefined) {
    say(await draftMigration(words[0], { serverUrl: words[1] ?? databaseUrl() }));
  } else {
    throw new StartupError(
      'That is no command.',
      'node prisma/migrate.ts [status | check [server] | new <name> [server]]',
    );
  }
}

function databaseUrl(): string {
  const url = process.env.DATABASE_DIRECT_URL || process.env.DATABASE_URL;
  if (url) return url;
  throw new StartupError(
    'There is no database to work on.',
    'Set DATABASE_URL; `check` and `new` take a server as well.',
  );
}

if (import.meta.main) {
  await run(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(
      error instanceof StartupError ? `${error.message}\n${error.hint}\n` : `${String(error)}\n`,
    );
    process.exitCode = 1;
  });
}
