// What can go wrong in a migration, where, and what to do next.

import pg from 'pg';
import { StartupError } from '../../src/core/startup-error.ts';
import { codeOf, type ScriptFailure } from './session.ts';
import { placeOf, runsOutsideTransaction, splitStatements } from './sql.ts';

export const invalidUrl = () =>
  new StartupError(
    'DATABASE_URL (or DATABASE_DIRECT_URL) is not a PostgreSQL address.',
    'Write it as postgresql://user:password@host:5432/database, with special characters percent-encoded.',
  );

export const oldServer = (server: string, version: string) =>
  new StartupError(
    `PostgreSQL ${version} at ${server} is too old.`,
    'Use PostgreSQL 15 or newer, or leave DATABASE_URL empty to run the embedded one.',
  );

const CONNECTION_PROBLEMS: Record<string, { what: string; hint: string }> = {
  '28P01': {
    what: 'refused the user or the password',
    hint: 'Correct the user and the password in DATABASE_URL.',
  },
  '28000': {
    what: 'does not let this user in',
    hint: 'Correct the user in DATABASE_URL, or pg_hba.conf on the server.',
  },
  '3D000': { what: 'has no such database', hint: 'Create it (CREATE DATABASE), or correct DATABASE_URL.' },
  '53300': {
    what: 'has no connection left',
    hint: 'Lower DATABASE_POOL_SIZE, or raise max_connections on the server.',
  },
  '57P03': { what: 'does not accept connections yet', hint: 'Start again when it does.' },
};

/** For an error of connecting; anything that is not an Error is returned as it is. */
export function connectionProblem(error: unknown, server: string): unknown {
  if (!(error instanceof Error)) return error;
  // SASL: node-postgres has no password to send, or the server proved not to know it.
  const known = CONNECTION_PROBLEMS[error.message.startsWith('SASL') ? '28P01' : codeOf(error)];
  if (known) return new StartupError(`PostgreSQL at ${server} ${known.what}: ${error.message}.`, known.hint);
  return new StartupError(
    `PostgreSQL at ${server} cannot be reached: ${error.message || codeOf(error)}.`,
    'Start the server, or correct DATABASE_URL (DATABASE_DIRECT_URL, where it is set). With neither, an embedded PostgreSQL runs.',
  );
}

const ENGINE_PROBLEMS: Record<string, { what: string; hint: string }> = {
  P1012: { what: 'The Prisma schema is not valid.', hint: 'Correct the file in prisma/schema.' },
  P3005: {
    what: 'The database holds tables already, and no record of our migrations.',
    hint: 'Use an empty database.',
  },
};

/** For an error of the engine, whose message goes on with a trace through its Rust sources; others are kept. */
export function engineProblem(error: unknown, server: string): unknown {
  if (!(error instanceof Error) || error.name !== 'SchemaConnectorError') return error;
  const [message = ''] = error.message.replace(/^external connector error\n/, '').split(/\n\s+0: /);
  const known = ENGINE_PROBLEMS[codeOf(error)];
  if (known) return new StartupError(`${known.what} ${server}: ${message.trim()}`, known.hint);
  const hint = /permission denied/i.test(message)
    ? 'The user of DATABASE_URL must own the database, or may create tables in it: GRANT CREATE ON SCHEMA public TO <user>.'
    : 'Start again. If it happens again, look at the log of PostgreSQL and at the table _prisma_migrations.';
  return new StartupError(`Prisma's schema engine stopped at ${server}: ${message.trim()}`, hint);
}

export const noMigrationsFolder = (directory: string) =>
  new StartupError(
    `There is no folder of migrations at ${directory}.`,
    'Deploy prisma/migrations with the code, or draft the first one: node prisma/migrate.ts new <name>.',
  );

export const noMigrationFile = (folder: string) =>
  new StartupError(
    `The migration ${folder} has no file migration.sql that can be read.`,
    'Put the file back, or remove the folder if it was never applied anywhere.',
  );

export const transactionControl = (name: string, line: number, statement: string) =>
  new StartupError(
    `Migration ${name} controls transactions itself (line ${line}: ${statement.slice(0, 40)}).`,
    'Take that statement out: every migration file is one transaction already, applied whole or not at all.',
  );

export const editedMigrations = (names: string[]) =>
  new StartupError(
    `Migrations were edited after they had been applied: ${names.join(', ')}.`,
    'Put the files back as they were (git checkout prisma/migrations) and make the change in a new migration.',
  );

export const unknownMigrations = (names: string[]) =>
  `The database is newer than this code: it has migrations that this code does not know (${names.join(', ')}). ` +
  'That is normal while a newer version is rolled out, or after one was rolled back; otherwise deploy the newer version.';

export const connectionLost = () =>
  new StartupError(
    'The connection to PostgreSQL was lost while a migration was being applied.',
    'Start again: each file is applied whole or not at all, and the next run finds out which.',
  );

/** For a file that PostgreSQL refused; the database is as it was before the file. */
export function failedMigration(name: string, failure: ScriptFailure): StartupError {
  const outcome = runsOutsideTransaction(failure.sql) ? 'failed' : 'failed and was rolled back';
  return new StartupError(
    `Migration ${name} ${outcome} ${describeFailure(failure)}`,
    nextStep(name, failure),
  );
}

/** For a file that was applied elsewhere and cannot be replayed on an empty database. */
export const notReplayable = (name: string, failure: ScriptFailure) =>
  new StartupError(
    `Migration ${name} cannot be replayed on an empty database: it fails ${describeFailure(failure)}`,
    'The migrations must build the schema from nothing, in the order of their names. Correct the file if it was never applied anywhere.',
  );

function describeFailure({ sql, error, statementsDone }: ScriptFailure): string {
  const { code, position, detail, hint, where } = error instanceof pg.DatabaseError ? error : {};
  // The detail of a violated constraint quotes the row, and with it personal data.
  const safeDetail = code?.startsWith('23') ? undefined : detail;
  const more = [safeDetail, hint, where].filter(Boolean).map((line) => `\n  ${line}`);
  return `at ${placeOfFailure(sql, position, statementsDone)}: ${error.message}${more.join('')}`;
}

function placeOfFailure(sql: string, position: string | undefined, statementsDone: number): string {
  if (position) {
    const { line, column, text } = placeOf(sql, Number(position));
    return `line ${line}, column ${column} (${text.slice(0, 80)})`;
  }
  const statement = splitStatements(sql)[statementsDone];
  const [firstLine = ''] = statement?.text.split('\n') ?? [];
  return statement
    ? `line ${statement.line}, statement ${statementsDone + 1} (${firstLine.slice(0, 80)})`
    : 'its end';
}

function nextStep(name: string, { sql, error }: ScriptFailure): string {
  const file = `prisma/migrations/${name}/migration.sql`;
  if (codeOf(error) === '55P03') {
    return 'A long transaction holds the table. End it (SELECT pid, state, query FROM pg_stat_activity ORDER BY xact_start) and start again; the database is unchanged.';
  }
  if (runsOutsideTransaction(sql)) {
    return `This statement cannot run in a transaction and may have left an invalid index: drop that, correct ${file} if need be, and start again.`;
  }
  return `The database is as it was before this file, and the version that runs goes on working. Correct ${file} and start again.`;
}
