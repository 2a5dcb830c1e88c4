// Where `npm run import` writes: the database, the store of the orders, and the person in whose name it is done.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import '../../../src/catalog/events.ts';
import { openStore } from '../../../src/catalog/actions/stores.ts';
import { type Actor, systemActor } from '../../../src/core/actor.ts';
import { connectDatabase, db, disconnectDatabase, transact } from '../../../src/core/db.ts';
import { startEmbeddedPostgres } from '../../../src/core/embedded-postgres.ts';
import { type Env, readEnv } from '../../../src/core/env.ts';
import { log } from '../../../src/core/log.ts';
import { StartupError } from '../../../src/core/startup-error.ts';
import { now } from '../../../src/core/time.ts';
import type { Store } from '../../../src/generated/prisma/client.ts';
import '../../../src/identity/events.ts';
import { openLocation } from '../../../src/inventory/actions/locations.ts';
import '../../../src/inventory/events.ts';
import '../../../src/orders/events.ts';

export interface HistoryPlace {
  store: Store;
  actor: Actor;
  stop(): Promise<void>;
}

/** The shop of the recorded orders. */
const SHOP = 'online-retail';

/** Transactions follow each other: more connections would be idle. */
const CONNECTIONS = 2;

/**
 * Open the database, made ready where it is new, and find or open the store. Nothing is served or relayed meanwhile:
 * the events wait for the next instance of Dayshift.
 */
export async function openPlace(
  storeCode: string | undefined,
  say: (line: string) => void,
): Promise<HistoryPlace> {
  const { LOG_LEVEL = 'warn' } = process.env;
  const variables = { ...process.env, PORT: '0', BACKGROUND: 'off', SAMPLE: 'off', LOG_LEVEL };
  const env = readEnv(variables);
  log.level = LOG_LEVEL;
  if (!(await isReady(env, say))) await makeReady(variables);
  const stop = await connect(env, say);
  try {
    const actor = await findImporter();
    return { actor, store: await storeOf(actor, storeCode), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function connect(env: Env, say: (line: string) => void): Promise<() => Promise<void>> {
  if (env.DATABASE_URL) {
    await connectDatabase({ url: env.DATABASE_URL, poolSize: CONNECTIONS });
    return disconnectDatabase;
  }
  const dataDirectory = join(env.DATA_DIR, 'postgres');
  const embedded = await startEmbeddedPostgres({ dataDirectory, log: say });
  await connectDatabase({ url: embedded.url, poolSize: CONNECTIONS });
  return async () => {
    await disconnectDatabase();
    await embedded.stop();
  };
}

/** True when Dayshift of this version has started on the database before: it has its tables, and somebody who may import. */
async function isReady(env: Env, say: (line: string) => void): Promise<boolean> {
  const disconnect = await connect(env, say);
  try {
    await db.orderImport.count();
    await findImporter();
    return true;
  } catch {
    return false;
  } finally {
    await disconnect();
  }
}

/** Let a whole Dayshift migrate the database and make its first administrator: in another process, whose memory goes with it. */
async function makeReady(variables: Record<string, string | undefined>): Promise<void> {
  const preparing = fork(join(import.meta.dirname, 'prepare.ts'), { env: { ...variables } });
  const [code] = await once(preparing, 'exit');
  if (code !== 0)
    throw new StartupError('The database could not be made ready.', 'What stands above says why.');
}

/** Whoever has been an administrator longest: goods and orders are written in somebody's name. */
async function findImporter(): Promise<Actor> {
  const staff = await db.staff.findFirst({
    where: {
      state: 'ACTIVE',
      allStores: true,
      allLocations: true,
      posts: { some: { post: { permissions: { has: 'orders.import' } } } },
    },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  if (staff) return { ...systemActor('orders.import'), kind: 'STAFF', id: staff.id };
  throw new StartupError(
    'Nobody may import orders: there is no administrator yet.',
    'Set ADMIN_EMAIL and ADMIN_PASSWORD to have one made, and start again.',
  );
}

async function storeOf(actor: Actor, code: string = SHOP): Promise<Store> {
  const found = await db.store.findUnique({ where: { code } });
  if (found) return found;
  if (code !== SHOP) {
    const codes = (await db.store.findMany({ orderBy: { code: 'asc' }, take: 100 })).map(
      (store) => store.code,
    );
    throw new StartupError(
      `There is no store ${code}.`,
      codes.length > 0 ? `Those that there are: ${codes.join(', ')}.` : 'There is no store at all yet.',
    );
  }
  const texts = [
    { locale: 'en' as const, name: 'Online retail' },
    { locale: 'zh' as const, name: '在线零售' },
  ];
  const { id } = await transact(async (tx) => {
    const shop = {
      code,
      platform: 'OWN_SITE' as const,
      timeZone: 'Europe/London',
      currencies: ['GBP'],
      texts,
    };
    const opened = await openStore(tx, actor, shop, now());
    await openLocation(tx, actor, { code, texts, stores: [{ storeId: opened.id, priority: 1 }] }, now());
    return opened;
  });
  return db.store.findUniqueOrThrow({ where: { id } });
}
