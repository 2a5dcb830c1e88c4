// Migrations: the records that Prisma keeps, servers that refuse, drafts of what is missing.

import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { draftMigration, schemaDifference } from '../../prisma/migrate/draft.ts';
import { placeOf, splitStatements } from '../../prisma/migrate/sql.ts';
import { migrate, migrationState } from '../../prisma/migrate.ts';

import {
  apply,
  client,
  directory,
  FIRST,
  freshDatabases,
  log,
  onServer,
  refusal,
  rowsOf,
  SECOND,
  serverUrl,
  url,
  write,
} from './migrations.ts';

freshDatabases();

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
