// Migrations: applied once, in order, each whole or not at all, on the records that Prisma keeps.

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { draftMigration, schemaDifference } from '../../prisma/migrate/draft.ts';
import { placeOf, splitStatements } from '../../prisma/migrate/sql.ts';
import { migrate, migrationState } from '../../prisma/migrate.ts';
import { StartupError } from '../../src/core/startup-error.ts';

const serverUrl = inject('serverUrl');
const log = { info: vi.fn<(message: string) => void>(), warn: vi.fn<(message: string) => void>() };

let url: string;
let directory: string;
let client: pg.Client;

beforeEach(async () => {
  const name = `migrate_${randomBytes(8).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name}`);
  url = withDatabase(name);
  directory = await mkdtemp(join(tmpdir(), 'dayshift-migrations-'));
  client = new pg.Client({ connectionString: url });
  await client.connect();
  log.info.mockClear();
  log.warn.mockClear();
});

afterEach(async () => {
  await client.end();
  await onServer(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
  await rm(directory, { recursive: true });
});

const withDatabase = (name: string) => {
  const address = new URL(serverUrl);
  address.pathname = `/${name}`;
  return address.href;
};

async function onServer(sql: string) {
  const server = new pg.Client({ connectionString: serverUrl });
  await server.connect();
  try {
    return (await server.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await server.end();
  }
}

const rowsOf = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;

async function write(name: string, sql: string) {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, 'migration.sql'), sql);
}

const apply = (options: { lockTimeoutMs?: number } = {}) => migrate({ url, directory, log, ...options });

async function refusal(work: Promise<unknown>): Promise<StartupError> {
  const error = await work.then(() => undefined).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartupError);
  return error as StartupError;
}

const FIRST = '20260101000000_first';
const SECOND = '20260102000000_second';
const THIRD = '20260103000000_third';

describe('applying', () => {
  test('goes in the order of the names, and only once', async () => {
    await write(SECOND, 'INSERT INTO shop VALUES (1);');
    await write(FIRST, 'CREATE TABLE shop (id int PRIMARY KEY);');
    expect(await apply()).toEqual({ applied: [FIRST, SECOND] });
    expect(await apply()).toEqual({ applied: [] });
    await write(THIRD, 'INSERT INTO shop VALUES (2);');
    expect(await apply()).toEqual({ applied: [THIRD] });
    expect(await rowsOf('SELECT id FROM shop ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(log.info.mock.calls.flat()).toContain(`Applying migration ${THIRD}.`);
  });

  test('keeps function bodies, DO blocks, triggers and partitions as written', async () => {
    await write(
      FIRST,
      `-- One; two; three.
       CREATE TABLE event (seq bigint PRIMARY KEY, note text DEFAULT 'a;b') PARTITION BY RANGE (seq);
       CREATE TABLE event_p0 PARTITION OF event FOR VALUES FROM (0) TO (1000);
       CREATE TABLE event_default PARTITION OF event DEFAULT;
       CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
       BEGIN
         RAISE EXCEPTION 'append-only; no %', TG_OP;
         RETURN NULL;
       END;
       $body$;
       CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event
         FOR EACH ROW EXECUTE FUNCTION refuse_change();
       CREATE FUNCTION two() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;
       DO $$ BEGIN EXECUTE 'INSERT INTO event VALUES (1); INSERT INTO event VALUES (2000)'; END $$; -- no end of line`,
    );
    await apply();
    expect(await rowsOf('SELECT two(), count(*)::int FROM event')).toEqual([{ two: 2, count: 2 }]);
    expect(await rowsOf('SELECT count(*)::int FROM event_p0')).toEqual([{ count: 1 }]);
    await expect(client.query('DELETE FROM event')).rejects.toThrow('append-only; no DELETE');
  });

  test('does not let the settings of one file reach the next', async () => {
    await write(FIRST, "SELECT set_config('search_path', '', false); CREATE TABLE public.shop (id int);");
    await write(SECOND, 'INSERT INTO shop VALUES (1);');
    expect(await apply()).toEqual({ applied: [FIRST, SECOND] });
  });

  test('runs CREATE INDEX CONCURRENTLY alone in its file, also while another process waits', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);');
    await write(SECOND, '-- Big table.\nCREATE INDEX CONCURRENTLY shop_id ON shop (id);\n');
    const runs = await Promise.all([apply(), apply()]);
    expect(runs.map(({ applied }) => applied.length).sort()).toEqual([0, 2]);
    expect(await rowsOf("SELECT indisvalid FROM pg_index WHERE indexrelid = 'shop_id'::regclass")).toEqual([
      { indisvalid: true },
    ]);
  });

  test('says so when the folder, or a file in it, is missing', async () => {
    expect((await refusal(migrate({ url, directory: join(directory, 'none') }))).message).toContain(
      'no folder',
    );
    await mkdir(join(directory, FIRST));
    expect((await refusal(apply())).message).toContain('migration.sql');
  });
});

describe('a file that fails', () => {
  test('is rolled back whole, leaves the old schema working, and goes on once corrected', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int PRIMARY KEY); INSERT INTO shop VALUES (1);');
    await write(
      SECOND,
      'ALTER TABLE shop ADD name text;\nUPDATE shop SET id = 2;\n\nINSERT INTO shop (id)\n  VALUES (nobody);\nDROP TABLE shop;',
    );
    await write(THIRD, 'CREATE TABLE third (id int);');
    const error = await refusal(apply());
    expect(error.message).toContain(SECOND);
    expect(error.message).toContain('line 5, column 11');
    expect(error.message).toContain('column "nobody" does not exist');
    expect(error.hint).toContain(`Correct prisma/migrations/${SECOND}/migration.sql`);
    expect(await rowsOf('SELECT * FROM shop')).toEqual([{ id: 1 }]);
    expect(await rowsOf("SELECT to_regclass('third') AS third")).toEqual([{ third: null }]);
    expect((await refusal(apply())).message).toContain(SECOND);

    await write(SECOND, 'ALTER TABLE shop ADD name text;');
    expect(await apply()).toEqual({ applied: [SECOND, THIRD] });
  });

  test('is located by its statement where PostgreSQL gives no position, without quoting rows', async () => {
    await write(
      FIRST,
      "CREATE TABLE person (email text);\nINSERT INTO person VALUES ('li@example.com'), ('li@example.com');",
    );
    await write(SECOND, '-- One address each.\nSELECT 1;\n\n/* ; */ ALTER TABLE person ADD UNIQUE (email);');
    const error = await refusal(apply());
    expect(error.message).toContain('line 4, statement 2 (ALTER TABLE person ADD UNIQUE (email))');
    expect(error.message).toContain('could not create unique index');
    expect(
      `${error.message}${JSON.stringify(await rowsOf('SELECT logs FROM _prisma_migrations'))}`,
    ).not.toContain('li@');
  });

  test('may not control transactions, because half of it would stay', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);');
    await write(SECOND, 'ALTER TABLE shop ADD name text;\nCOMMIT;\nSELECT broken;');
    expect((await refusal(apply())).message).toContain(
      `${SECOND} controls transactions itself (line 2: COMMIT)`,
    );
    expect(await rowsOf("SELECT to_regclass('shop') AS shop")).toEqual([{ shop: null }]);
  });

  test('is tried again after a process was killed in the middle', { timeout: 30_000 }, async () => {
    await write(
      FIRST,
      'CREATE TABLE shop (id int); SELECT pg_sleep(2); INSERT INTO shop VALUES (1); SELECT 1/0;',
    );
    const program = `import { migrate } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../prisma/migrate.ts')).href)};
      await migrate(${JSON.stringify({ url, directory })});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
    await vi.waitFor(
      async () =>
        expect(
          await rowsOf(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND pid <> pg_backend_pid()",
          ),
        ).toHaveLength(1),
      { timeout: 10_000, interval: 50 },
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    await write(FIRST, 'CREATE TABLE shop (id int);');
    expect(await apply()).toEqual({ applied: [FIRST] });
    expect(log.info.mock.calls.flat().join()).toContain('was interrupted before');
  });

  test('is told from one that was applied: the transaction of the file finishes its record', async () => {
    await write(FIRST, 'CREATE TABLE transaction (id bigint, what text);');
    await apply();
    await client.query(`CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO transaction VALUES (txid_current(), 'record'); RETURN NEW; END $$;
      CREATE TRIGGER note BEFORE UPDATE OF finished_at ON _prisma_migrations FOR EACH ROW EXECUTE FUNCTION note()`);
    await write(SECOND, "INSERT INTO transaction VALUES (txid_current(), 'file');");
    await apply();
    const [file, record] = await rowsOf('SELECT * FROM transaction ORDER BY id, what LIMIT 2');
    expect(file).toMatchObject({ what: 'file' });
    expect(record).toEqual({ ...file, what: 'record' });
  });
});

describe('several processes', () => {
  test('do not collide: one migrates, the others wait and find nothing to do', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int); SELECT pg_sleep(1);');
    await write(SECOND, 'INSERT INTO shop VALUES (1);');
    const runs = await Promise.all([apply(), apply(), apply()]);
    expect(runs.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 2]);
    expect(await rowsOf('SELECT count(*)::int FROM shop')).toEqual([{ count: 1 }]);
    expect(log.info.mock.calls.flat()).toContain(
      'Another process is migrating this database; waiting for it to finish.',
    );
  });

  test('wait for the lock that Prisma takes, and leave it when they are done', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);');
    await client.query('SELECT pg_advisory_lock(72707369)');
    const run = apply();
    await sleep(500);
    expect(await rowsOf("SELECT to_regclass('shop') AS shop")).toEqual([{ shop: null }]);
    await client.query('SELECT pg_advisory_unlock(72707369)');
    expect(await run).toEqual({ applied: [FIRST] });
    expect(await rowsOf('SELECT pg_try_advisory_lock(72707369) AS free')).toEqual([{ free: true }]);
  });
});

describe('a lock that somebody holds', () => {
  test('is given up after lock_timeout and tried again', { timeout: 30_000 }, async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);');
    await apply();
    await write(
      SECOND,
      "ALTER TABLE shop ADD timeout text; UPDATE shop SET timeout = 'x'; SELECT set_config('dayshift.seen', current_setting('lock_timeout'), false);",
    );
    await client.query('BEGIN; LOCK TABLE shop IN ACCESS SHARE MODE');
    const run = apply();
    await vi.waitFor(() => expect(log.warn).toHaveBeenCalledOnce(), { timeout: 9000 });
    await client.query('COMMIT');
    expect(await run).toEqual({ applied: [SECOND] });
    expect(log.warn.mock.calls.flat().join()).toContain('lock timeout');
  });

  test('ends the attempt after six tries, with the schema unchanged and the next run free to go on', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);');
    await apply();
    await write(SECOND, 'ALTER TABLE shop ADD name text;');
    await client.query('BEGIN; LOCK TABLE shop IN ACCESS SHARE MODE');
    const error = await refusal(apply({ lockTimeoutMs: 30 }));
    expect(error.message).toContain('lock timeout');
    expect(error.hint).toContain('pg_stat_activity');
    expect(log.warn).toHaveBeenCalledTimes(5);
    await client.query('COMMIT');
    expect(await apply()).toEqual({ applied: [SECOND] });
  });
});

describe('the record', () => {
  test('is what Prisma writes: the SHA-256 of the file, one finished step', async () => {
    const sql = 'CREATE TABLE shop (id int); -- 店铺 €\r\nINSERT INTO shop VALUES (1);\n';
    await write(FIRST, sql);
    await apply();
    const [record] = await rowsOf('SELECT * FROM _prisma_migrations');
    expect(record).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      checksum: createHash('sha256').update(sql).digest('hex'),
      migration_name: FIRST,
      started_at: expect.any(Date),
      finished_at: expect.any(Date),
      rolled_back_at: null,
      logs: null,
      applied_steps_count: 1,
    });
  });

  test('takes over from `prisma migrate deploy`, also after a failure that it left unresolved', async () => {
    const sql = 'CREATE TABLE shop (id int);';
    await write(FIRST, sql);
    await client.query(`${sql} ${PRISMA_TABLE}`);
    const checksum = createHash('sha256').update(sql).digest('hex');
    const insert = `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, logs, applied_steps_count)
      VALUES (gen_random_uuid(), $1, $2, now(), $3, $4, $5)`;
    await client.query(insert, [checksum, FIRST, new Date(), null, 1]);
    await client.query(insert, ['0'.repeat(64), SECOND, null, 'Database error code: 42P01', 0]);
    await write(SECOND, 'INSERT INTO shop VALUES (1);');
    expect(await migrationState({ url, directory })).toMatchObject({ applied: [FIRST], failed: [SECOND] });
    expect(await apply()).toEqual({ applied: [SECOND] });
    expect(await migrationState({ url, directory })).toEqual({
      applied: [FIRST, SECOND],
      pending: [],
      failed: [],
      edited: [],
      unknown: [],
    });
  });

  test('refuses a migration that was edited after it was applied', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);');
    await apply();
    await write(FIRST, 'CREATE TABLE shop (id bigint);');
    await write(SECOND, 'CREATE TABLE second (id int);');
    expect((await refusal(apply())).message).toContain(FIRST);
    expect(await rowsOf("SELECT to_regclass('second') AS second")).toEqual([{ second: null }]);
  });

  test('does not take other line ends for an edit', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);\nSELECT 1;\n');
    await apply();
    await write(FIRST, 'CREATE TABLE shop (id int);\r\nSELECT 1;\r\n');
    expect(await apply()).toEqual({ applied: [] });
  });

  test('may be ahead of the code, with a warning', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);');
    await write(SECOND, 'ALTER TABLE shop ADD name text;');
    await apply();
    await rm(join(directory, SECOND), { recursive: true });
    expect(await apply()).toEqual({ applied: [] });
    expect(log.warn).toHaveBeenCalledOnce();
    expect(log.warn.mock.calls.flat().join()).toContain(SECOND);
  });

  test('refuses a database that holds other tables', async () => {
    await client.query('CREATE TABLE somebody_elses (id int)');
    await write(FIRST, 'CREATE TABLE shop (id int);');
    expect((await refusal(apply())).hint).toContain('empty database');
  });
});

describe('a server that does not answer', () => {
  const wrong = (change: (address: URL) => void) => {
    const address = new URL(url);
    address.password = 'hunter-two';
    change(address);
    return refusal(migrate({ url: address.href, directory }));
  };

  test.each([
    [
      'no server',
      'cannot be reached',
      (address: URL) => {
        address.port = '1';
      },
    ],
    [
      'no host',
      'cannot be reached',
      (address: URL) => {
        address.hostname = 'no-such-host.invalid';
      },
    ],
    [
      'no such role',
      'no_such_role',
      (address: URL) => {
        address.username = 'no_such_role';
      },
    ],
    [
      'no address',
      'not a PostgreSQL address',
      (address: URL) => {
        address.protocol = 'mysql:';
      },
    ],
  ])('%s: says what is wrong, without the password', async (_, message, change) => {
    const error = await wrong(change);
    expect(error.message).toContain(message);
    expect(`${error.message} ${error.hint} ${error.stack} ${JSON.stringify(error)}`).not.toContain(
      'hunter-two',
    );
  });

  /** The refusal of a user whose password is right, and who may do nothing but log in. */
  const wrongAs = async (change: (address: URL) => void) => {
    const role = `reader_${randomBytes(6).toString('hex')}`;
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'hunter-two'`);
    try {
      return await wrong((address) => {
        address.username = role;
        change(address);
      });
    } finally {
      await client.query(`DROP ROLE ${role}`);
    }
  };

  test('no database: says so', async () => {
    const error = await wrongAs((address) => {
      address.pathname = '/no_such_database';
    });
    expect(error.message).toContain('has no such database');
  });

  test('a user who may not create tables: says which right is missing', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);');
    const error = await wrongAs(() => {});
    expect(error.message).toContain('permission denied for schema public');
    expect(error.hint).toContain('GRANT CREATE');
  });
});

describe('drafting', () => {
  const SCHEMA = `datasource db {
    provider = "postgresql"
  }
  model Shop {
    id   String @id @db.Uuid
    code String
    @@map("shop")
  }\n`;
  let schemaDirectory: string;

  beforeEach(async () => {
    schemaDirectory = await mkdtemp(join(tmpdir(), 'dayshift-schema-'));
    await writeFile(join(schemaDirectory, 'shop.prisma'), SCHEMA);
  });
  afterEach(() => rm(schemaDirectory, { recursive: true }));

  const options = () => ({ serverUrl, directory, schemaDirectory });

  // Waits, because other test files may be drafting on this server as well, each for a moment.
  const noShadowDatabaseLeft = () =>
    vi.waitFor(async () =>
      expect(await onServer("SELECT 1 FROM pg_database WHERE datname LIKE 'dayshift\\_shadow\\_%'")).toEqual(
        [],
      ),
    );

  test('writes what the migrations lack, after which nothing is missing', async () => {
    expect(await schemaDifference(options(), 'outline')).toContain('shop');
    const file = await draftMigration('Add the shop', options());
    expect(file).toMatch(/[0-9]{14}_add_the_shop.migration\.sql$/);
    expect(await readFile(file, 'utf8')).toContain('CREATE TABLE "shop"');
    expect(await schemaDifference(options(), 'sql')).toBeNull();
    expect((await apply()).applied).toHaveLength(1);
    expect(await readdir(directory)).toContain('migration_lock.toml');
  });

  test('sees past what Prisma does not know, and leaves no database behind', async () => {
    const file = await draftMigration('init', options());
    const more = `ALTER TABLE shop ADD CHECK (code <> '');
      CREATE SEQUENCE order_number;
      CREATE UNIQUE INDEX shop_code_live ON shop (lower(code)) WHERE code <> 'x';
      CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;`;
    await writeFile(file, (await readFile(file, 'utf8')) + more);
    expect(await schemaDifference(options(), 'sql')).toBeNull();
    await noShadowDatabaseLeft();
  });

  test('says which migration cannot be replayed, and where', async () => {
    await write(FIRST, 'CREATE TABLE shop (id int);\nALTER TABLE shop DROP nothing;');
    const error = await refusal(schemaDifference(options(), 'sql'));
    expect(error.message).toContain(`${FIRST} cannot be replayed`);
    expect(error.message).toContain('line 2');
    await noShadowDatabaseLeft();
  });

  test('the migrations of this project make what its schema files say', async () => {
    expect(await schemaDifference({ serverUrl }, 'outline')).toBeNull();
    await cp(join(import.meta.dirname, '../../prisma/migrations'), directory, { recursive: true });
    await apply();
    expect(await migrationState({ url, directory })).toMatchObject({ pending: [], failed: [], edited: [] });
  });
});

describe('cutting a file into statements', () => {
  test('knows quotes, dollar quotes, comments, rules and atomic bodies', () => {
    const sql = `-- a; b
/* c; /* d; */ e; */ SELECT ';', E'\\';', "f;g";
CREATE FUNCTION h() RETURNS int LANGUAGE plpgsql AS $x$ BEGIN RETURN $$;$$; END; $x$;;
CREATE FUNCTION i() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
CREATE RULE j AS ON INSERT TO k DO (SELECT 1; SELECT 2);
SELECT 'last' -- ;`;
    expect(splitStatements(sql).map(({ text, line }) => [line, text.slice(0, 17)])).toEqual([
      [2, "SELECT ';', E'\\';"],
      [3, 'CREATE FUNCTION h'],
      [4, 'CREATE FUNCTION i'],
      [5, 'CREATE RULE j AS '],
      [6, "SELECT 'last' -- "],
    ]);
  });

  test('counts characters the way PostgreSQL does', () => {
    expect(placeOf("SELECT '😀';\nSELECT '🙂', x;", 25)).toEqual({
      line: 2,
      column: 13,
      text: "SELECT '🙂', x;",
    });
  });
});

const PRISMA_TABLE = `CREATE TABLE _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;
