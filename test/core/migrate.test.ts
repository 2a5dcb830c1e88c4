// Migrations: applied once, in order, each whole or not at all, whatever happens meanwhile.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { migrate } from '../../prisma/migrate.ts';

import {
  apply,
  client,
  directory,
  FIRST,
  freshDatabases,
  log,
  refusal,
  rowsOf,
  SECOND,
  THIRD,
  url,
  write,
} from './migrations.ts';

freshDatabases();

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
