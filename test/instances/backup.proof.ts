// Backups as the README describes them: taken, lost data, restored. Who watches with a cursor of what was lost is told.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import type { App } from '../setup/app.ts';
import { type Instance, startInstance } from '../setup/instances.ts';
import { appOf, environmentOf, scratchFolder } from './own-server.ts';

interface Shelf {
  storeId: string;
  variantId: string;
}

async function openShelf(app: App): Promise<Shelf> {
  const shop = shopIn(app);
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [100]);
  return { storeId: at.storeId, variantId };
}

const place = async (app: App, { storeId, variantId }: Shelf) =>
  (await shopIn(app).place(storeId, [{ variantId, quantity: 1 }])).id;

const cursorOf = async (app: App) =>
  (await app.admin.ok<{ eventCursor: string }>('{ eventCursor }')).eventCursor;

const ordersOf = async (app: App) => {
  const { orders } = await app.admin.ok<{ orders: { edges: { node: { id: string } }[] } }>(
    '{ orders(first: 100) { edges { node { id } } } }',
  );
  return orders.edges.map(({ node }) => node.id).sort();
};

const watch = (app: App, after: string) =>
  app.admin.subscribe<{ orderEvents: { type: string; nodeId: string | null } }>(
    'subscription ($after: EventCursor) { orderEvents(after: $after) { type nodeId } }',
    { after },
  );

/** Back up, go on, lose that, and see what is there and what cursors are told. */
async function loseAndRestore(
  env: Record<string, string>,
  { backUp, restore }: { backUp(): unknown; restore(): unknown },
  { isStopped, isSameLog }: { isStopped: boolean; isSameLog: boolean },
): Promise<void> {
  let instance: Instance = await startInstance({ env, admin: { token: null } });
  let app = await appOf(instance, env);
  const restart = async () => {
    instance = await startInstance({ env, admin: { token: null } });
    app = await appOf(instance, env);
  };
  const stop = async () => expect(await instance.end('SIGINT')).toBe(0);

  const shelf = await openShelf(app);
  const kept = [await place(app, shelf), await place(app, shelf)].sort();
  const cursorKept = await cursorOf(app);
  if (isStopped) await stop();
  backUp();
  if (isStopped) await restart();
  await place(app, shelf);
  const cursorLost = await cursorOf(app);
  await stop();
  restore();
  await restart();
  expect(await ordersOf(app)).toEqual(kept);
  // The log goes on, past the place of the cursor that was lost.
  const anew = [await place(app, shelf), await place(app, shelf), await place(app, shelf)];
  expect((await watch(app, cursorLost).ended)[0]?.extensions).toMatchObject({ code: 'RESYNC_REQUIRED' });
  if (isSameLog) {
    const feed = watch(app, cursorKept);
    await feed.next(({ orderEvents }) => orderEvents.nodeId === anew.at(-1), 15_000);
    const placed = feed.items.filter(({ orderEvents }) => orderEvents.type === 'order.placed');
    expect(placed.map(({ orderEvents }) => orderEvents.nodeId)).toEqual(anew);
  } else {
    expect((await watch(app, cursorKept).ended)[0]?.extensions).toMatchObject({ code: 'RESYNC_REQUIRED' });
  }
  await stop();
}

test('a copy of the data folder of a stopped instance brings everything back', async () => {
  const folder = await scratchFolder();
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  const { DATABASE_URL: _, ...others } = environmentOf('', folder);
  const env = { ...others, DATA_DIR: data };
  await loseAndRestore(
    env,
    {
      backUp: () => execFileSync('cp', ['-a', data, join(folder, 'backup')]),
      restore() {
        execFileSync('rm', ['-rf', data]);
        execFileSync('cp', ['-a', join(folder, 'backup'), data]);
      },
    },
    { isStopped: true, isSameLog: true },
  );
}, 180_000);

const bin = '/usr/lib/postgresql/15/bin';
const with15 = test.skipIf(!existsSync(join(bin, 'pg_dump')));

interface Server15 {
  url: string;
  data: string;
  /** Run one of its programs on the line, as the owner of its files. */
  run(command: string): void;
  start(): void;
  stop(): void;
}

/** A server of Debian's PostgreSQL 15, which brings pg_dump and pg_basebackup. Stopped after the test. */
async function startServer15(folder: string): Promise<Server15> {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as { port: number };
  socket.close();
  chmodSync(folder, 0o755);
  const home = join(folder, 'server');
  mkdirSync(home);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const { uid, gid } = statSync('/var/lib/postgresql');
    chownSync(home, uid, gid);
  }
  const run = (command: string) =>
    void (isRoot
      ? execFileSync('su', ['postgres', '-s', '/bin/bash', '-c', command], { cwd: home, stdio: 'ignore' })
      : execFileSync('bash', ['-c', command], { cwd: home, stdio: 'ignore' }));
  const data = join(home, 'data');
  const server: Server15 = {
    url: `postgresql://dayshift@127.0.0.1:${port}/dayshift`,
    data,
    run,
    start: () =>
      run(
        `${bin}/pg_ctl -D ${data} -l ${home}/log -w start -o '-p ${port} -k ${home} -c listen_addresses=127.0.0.1'`,
      ),
    stop: () => run(`${bin}/pg_ctl -D ${data} -m fast -w stop`),
  };
  run(`${bin}/initdb -D ${data} -U dayshift -A trust -E UTF8 --locale=C.UTF-8`);
  server.start();
  onTestFinished(() => server.stop());
  run(`${bin}/createdb -h 127.0.0.1 -p ${port} -U dayshift dayshift`);
  return server;
}

with15(
  'a dump restored into an empty database brings everything back, and every cursor of before is told to resync',
  async () => {
    const folder = await scratchFolder();
    const { url, run } = await startServer15(folder);
    const maintenance = url.replace(/dayshift$/, 'postgres');
    const dump = join(folder, 'server', 'dayshift.dump');
    await loseAndRestore(
      environmentOf(url, folder),
      {
        backUp: () => run(`${bin}/pg_dump --format=custom --file=${dump} ${url}`),
        restore() {
          run(`${bin}/dropdb --maintenance-db=${maintenance} dayshift`);
          run(`${bin}/createdb --maintenance-db=${maintenance} dayshift`);
          run(`${bin}/pg_restore --no-owner --exit-on-error --dbname=${url} ${dump}`);
        },
      },
      { isStopped: false, isSameLog: false },
    );
  },
  180_000,
);

with15(
  'a base backup of a running server restored in place brings everything back, and cursors of what was lost are told to resync',
  async () => {
    const folder = await scratchFolder();
    const server = await startServer15(folder);
    const backup = join(folder, 'server', 'backup');
    await loseAndRestore(
      environmentOf(server.url, folder),
      {
        backUp: () =>
          server.run(`${bin}/pg_basebackup --dbname=${server.url} --pgdata=${backup} --checkpoint=fast`),
        restore() {
          server.stop();
          server.run(`rm -rf ${server.data} && mv ${backup} ${server.data}`);
          server.start();
        },
      },
      { isStopped: false, isSameLog: true },
    );
  },
  180_000,
);
