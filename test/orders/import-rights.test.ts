// Whoever asked for an import may have lost the right to it before the file comes, or before its turn; whose business it is; and who does it.

import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { readEnv } from '../../src/core/env.ts';
import { readFile } from '../../src/core/files.ts';
import { fromGlobalId } from '../../src/core/ids.ts';
import { startDayshift } from '../../src/main.ts';
import { importJob } from '../../src/orders/jobs/import-upload.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { clock } from '../setup/clock.ts';
import { uniqueName } from '../setup/given.ts';
import { csvOf, importingIn } from './importing.ts';

// Nobody does the jobs: the test itself does.
const app = await startApp({ env: { BACKGROUND: 'off' } });
const importing = importingIn(app);
const scopes = ['orders.import', 'orders.read', 'events.read'];
const { signal } = new AbortController();

const fileOf = (invoice = uniqueName('I')) => csvOf({ invoice });
const work = (id: string) => importJob.work({ orderImportId: fromGlobalId(id)?.id }, signal);

/** True while the content of a file lies in the folder of files. */
async function isKept(file: string): Promise<boolean> {
  const found = await readFile(createHash('sha256').update(file).digest('hex'));
  found?.destroy();
  return found !== null;
}

/** Ways to lose the right to import into a store, and the callers who will. */
const losses: [string, (storeId: string) => Promise<{ by: Client; lose: () => Promise<unknown> }>][] = [
  [
    'a key that was revoked',
    async () => {
      const by = await app.given.key({ scopes });
      const lose = () => app.admin.act('keyRevoke', { keyId: by.keyId, reason: 'Stolen' });
      return { by, lose };
    },
  ],
  [
    'a colleague who left',
    async () => {
      const by = await app.given.staff({ permissions: scopes });
      const lose = () => app.admin.act('staffLeave', { staffId: by.staffId });
      return { by, lose };
    },
  ],
  [
    'a colleague who does not act in the store any more',
    async (storeId) => {
      const by = await app.given.staff({ permissions: scopes, stores: [storeId] });
      const lose = () =>
        app.sql('DELETE FROM staff_store WHERE staff_id = $1', [fromGlobalId(by.staffId ?? '')?.id]);
      return { by, lose };
    },
  ],
];

test.each(losses)('%s imports no more: neither a file that comes, nor one that waits', async (_, losing) => {
  const storeId = await importing.store();
  const { by, lose } = await losing(storeId);
  const [coming, waiting] = [fileOf(), fileOf()];
  const requested = [await importing.request(storeId, {}, by), await importing.request(storeId, {}, by)];
  const [late, queued] = requested as [{ id: string; url: string }, { id: string; url: string }];
  expect((await importing.put(queued.url, waiting)).status).toBe(202);
  await lose();
  expect((await importing.put(late.url, coming)).status).toBe(403);
  expect((await importing.put(late.url, coming)).status).toBe(404);
  await work(queued.id);
  for (const { id } of requested)
    expect(await importing.read(id)).toMatchObject({ state: 'FAILED', failure: 'RIGHTS_LOST', linesRead: 0 });
  expect((await importing.orders(storeId)).size).toBe(0);
  expect([await isKept(coming), await isKept(waiting)]).toEqual([false, false]);
});

test('an import that broke off goes on in the name of whoever asks again, and its file is not kept meanwhile', async () => {
  const storeId = await importing.store();
  const partner = await app.given.partner();
  const [first, second] = [
    await app.given.key({ partner, scopes }),
    await app.given.key({ partner, scopes }),
  ];
  const file = csvOf({ invoice: '1' }, { invoice: '2' });
  const { id, url } = await importing.request(storeId, {}, first);
  await importing.put(url, file);
  await app.sql(
    `UPDATE order_import SET line_count = 2, lines_read = 1, lines_imported = 1,
       outcomes = '{"SOLD": {"lines": 1, "units": 1, "amountMinor": "1275"}}' WHERE id = $1`,
    [fromGlobalId(id)?.id],
  );
  expect(await isKept(file)).toBe(true);
  await importJob.giveUp({ orderImportId: fromGlobalId(id)?.id });
  expect(await importing.read(id)).toMatchObject({ state: 'FAILED', failure: 'BROKE_OFF' });
  expect(await isKept(file)).toBe(false);
  await app.admin.act('keyRevoke', { keyId: first.keyId, reason: 'Replaced' });
  const again = await importing.request(storeId, {}, second);
  await importing.put(again.url, file);
  expect(await importing.read(again.id)).toMatchObject({ state: 'DUPLICATE', original: { id } });
  await work(id);
  expect(await importing.read(id)).toMatchObject({ state: 'COMPLETED', linesRead: 2 });
  expect(await isKept(file)).toBe(false);
});

test('C57 a partner learns nothing of what another imports, and has no part in it', async () => {
  const storeId = await importing.store();
  const [one, other] = [await app.given.key({ scopes }), await app.given.key({ scopes })];
  const file = fileOf('shared');
  const [ofOne, ofOther] = [
    await importing.request(storeId, {}, one),
    await importing.request(storeId, {}, other),
  ];
  await importing.put(ofOne.url, file);
  await importing.put(ofOther.url, file);
  await work(ofOne.id);
  await work(ofOther.id);
  expect(await importing.read(ofOne.id, one)).toMatchObject({ state: 'COMPLETED', linesImported: 1 });
  const second = await importing.read(ofOther.id, other);
  expect(second).toMatchObject({ state: 'COMPLETED', original: null, linesRejected: 1 });
  expect(importing.counts(second)).toEqual({ ALREADY_IMPORTED: 1 });
  const told = async (by: Client, nodeId: string) => {
    const { events } = await by.ok<{ events: { edges: { node: { type: string } }[] } }>(
      'query ($nodeId: ID!) { events(where: { nodeId: $nodeId }) { edges { node { type } } } }',
      { nodeId },
    );
    return events.edges.map(({ node }) => node.type).sort();
  };
  const all = ['completed', 'received', 'requested', 'started'].map((what) => `orderImport.${what}`);
  expect([await told(one, ofOne.id), await told(other, ofOne.id)]).toEqual([all, []]);
  expect([await told(app.admin, ofOne.id), await told(other, ofOther.id)]).toEqual([all, all]);
});

test('a file that came too late is not kept', async () => {
  const { url } = await importing.request(await importing.store());
  const file = fileOf();
  const rest = Promise.withResolvers<void>();
  const body = new ReadableStream({
    start: (stream) => stream.enqueue(Buffer.from(file.slice(0, 20))),
    async pull(stream) {
      await rest.promise;
      stream.enqueue(Buffer.from(file.slice(20)));
      stream.close();
    },
  });
  const answer = fetch(url, { method: 'PUT', body, duplex: 'half' } as RequestInit);
  const incoming = join(app.env.DATA_DIR ?? '', 'media', 'incoming');
  await expect.poll(() => readdir(incoming), { timeout: 15_000 }).toHaveLength(1);
  clock.pass({ minutes: 61 });
  rest.resolve();
  expect((await answer).status).toBe(404);
  expect(await isKept(file)).toBe(false);
});

test('an import that waited while nobody did the jobs is done by an instance that still starts', async () => {
  const { id, url } = await importing.request(await importing.store());
  await importing.put(url, fileOf());
  await app.stop();
  const blocker = new pg.Client({ connectionString: app.databaseUrl });
  await blocker.connect();
  // The start comes to the last of the queues, and waits there.
  await blocker.query(`BEGIN; SELECT FROM pgboss.queue WHERE name = 'webhooks.deliver' FOR UPDATE`);
  const starting = startDayshift(readEnv({ ...app.env, BACKGROUND: 'on' }));
  const state = () =>
    app.sql('SELECT state, failure FROM order_import WHERE id = $1', [fromGlobalId(id)?.id]);
  try {
    await expect.poll(state).toEqual([{ state: 'COMPLETED', failure: null }]);
  } finally {
    await blocker.end();
    await (await starting).stop();
  }
});
