// The embedded PostgreSQL on real folders: whose they are, where they lie, what is in them already.

import { existsSync } from 'node:fs';
import { chmod, chown, copyFile, link, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  keepHouse,
  killGroup,
  makeFolder,
  makeUsedFolder,
  ordinaryUser,
  query,
  recall,
  refusal,
  remember,
  start,
  startElsewhere,
  template,
} from './postgres-folders.ts';

keepHouse();

describe('a data folder', { timeout: 30_000 }, () => {
  test('an ordinary user needs rights on the data folder only and no LANG, and root can go on with those data', async () => {
    const folder = await makeFolder();
    const ids = ordinaryUser();
    const node = join(folder, 'node');
    await link(process.execPath, node).catch(() => copyFile(process.execPath, node));
    await mkdir(join(folder, 'data'));
    if (ids) await chown(join(folder, 'data'), ids.uid, ids.gid);
    const { child, report } = startElsewhere(folder, { from: join(template, 'project'), node, ids });
    const { problem, url, uid } = await report;
    expect(problem).toBeUndefined();
    expect(uid).toBe(ids?.uid ?? process.getuid?.());
    expect(await query(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
    killGroup(child);
    const next = await start(folder, { durable: true });
    expect(next).toMatchObject({ url, adopted: true });
    for (const name of await readdir(join(folder, 'data'))) {
      expect((await stat(join(folder, 'data', name))).uid, name).toBe(uid);
    }
  });

  test('a project under a folder that only its owner may enter works, restarts and keeps its data', async () => {
    const folder = await makeFolder(0o700);
    await chmod(template, 0o700);
    for (const again of [false, true]) {
      const { child, report } = startElsewhere(folder, { from: join(template, 'project') });
      const { problem, url, adopted } = await report;
      expect(problem).toBeUndefined();
      expect(adopted).toBe(again);
      if (again) expect(await recall(url)).toEqual({ answer: 42 });
      else await remember(url);
      killGroup(child);
    }
    for (const path of [folder, template]) expect((await stat(path)).mode & 0o777).toBe(0o700);
    await chmod(template, 0o755);
  });

  test('data that were moved away and are gone are reported instead of replaced by an empty database', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data/moved-to'), join(folder, 'gone'));
    const { message, hint } = await refusal(folder);
    expect(message).toContain(`were moved to ${join(folder, 'gone')}, which is gone`);
    expect(hint).toContain('moved-to');
  });

  test('a port that another program has is named, and without a wish for one another is chosen', async () => {
    const folder = await makeUsedFolder();
    const first = await start(folder);
    await first.stop();
    const port = Number(new URL(first.url).port);
    const blocker = createServer();
    await new Promise<void>((done) => blocker.listen(port, '127.0.0.1', done));
    try {
      expect((await refusal(folder, { port })).message).toContain(`Port ${port}`);
      const next = await start(folder);
      expect(new URL(next.url).port).not.toBe(String(port));
    } finally {
      blocker.close();
    }
  });

  test('data of another major version are refused untouched', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'data/cluster'), { recursive: true });
    await writeFile(join(folder, 'data/cluster/PG_VERSION'), '17\n');
    const { message, hint } = await refusal(folder);
    expect(message).toMatch(/made by PostgreSQL 17; this Dayshift brings PostgreSQL 18/);
    expect(hint).toContain('DATA_DIR');
    expect(await readdir(join(folder, 'data/cluster'))).toEqual(['PG_VERSION']);
  });

  test('a folder that holds something else, and a path that is no folder, are refused', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'data/cluster'), { recursive: true });
    await writeFile(join(folder, 'data/cluster/holiday.jpg'), '');
    expect((await refusal(folder)).message).toContain('is not a PostgreSQL data directory');
    await writeFile(join(folder, 'file'), '');
    const { message, hint } = await refusal(folder, { dataDirectory: join(folder, 'file/data') });
    expect(message).toContain('cannot be used');
    expect(hint).toContain('DATA_DIR');
  });

  test('a failure of the server is reported with its own last words', async () => {
    const folder = await makeUsedFolder();
    const { message, hint } = await refusal(folder, { settings: { shared_buffers: 'plenty' } });
    expect(message).toContain('invalid value for parameter "shared_buffers"');
    expect(hint).toContain('server.log');
  });

  test('a platform without packaged binaries is told to bring its own PostgreSQL', async () => {
    const folder = await makeFolder();
    const real = process.arch;
    Object.defineProperty(process, 'arch', { value: 'mips' });
    try {
      expect((await refusal(folder)).hint).toContain('DATABASE_URL');
    } finally {
      Object.defineProperty(process, 'arch', { value: real });
    }
  });

  test('a data folder closed to others, with spaces, quotes, dollars and Chinese in its name, is used in place', async () => {
    const folder = await makeFolder();
    const dataDirectory = join(folder, `it's "my" $HOME 店铺/data`);
    await mkdir(dirname(dataDirectory));
    await chmod(dirname(dataDirectory), 0o755);
    await mkdir(dataDirectory, { mode: 0o700 });
    const { url } = await start(folder, { dataDirectory });
    expect(await query(url, 'SELECT 1 AS one')).toEqual({ one: 1 });
    expect(existsSync(join(dataDirectory, 'moved-to'))).toBe(existsSync(join(template, 'data/moved-to')));
  });
});
