// Events to many sockets: Dayshift beside a bare broadcast of the same text, one process each, in turns.

import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { toGlobalId } from '../../src/core/ids.ts';
import type { Wish } from './bench-options.ts';
import { median } from './compare.ts';
import { type Dayshift, startDayshift } from './dayshift.ts';
import { idOf, ORDERS } from './department.ts';
import { ask } from './ipc.ts';
import type { Crowd, Heard } from './listeners.ts';
import type { Place } from './place.ts';
import { type Server, startServer } from './processes.ts';
import { fixed, progressOf, table } from './table.ts';

/** Sockets of one process of listeners, and subscriptions of one key. */
const LISTENERS_MAX = 5_000;
const SOCKETS_OF_KEY = 200;
/** Messages of a burst of events at most, and events of one. */
const MESSAGES_MAX = 50_000;
const EVENTS_MAX = 20;

const FEED =
  'subscription { orderEvents { cursor type occurredAt inFilter changes { field before after } order { id number state total { amount currency } } } }';

export interface SocketResult {
  sockets: number;
  /** Microseconds of CPU for one message to one socket, on both sides. */
  cpuMicros: number;
  bareCpuMicros: number;
  /** Messages told a second, of the bare broadcast’s. */
  throughput: number;
  /** Milliseconds for which one event blocks the event loop at most, for 1,000 sockets. */
  blockMs: number;
  /** From the commit of a change until the last socket has it; with one socket, until it has it. */
  commitToSocketMs: number;
  memoryMb: number;
}

interface Telling {
  cpuMicros: number;
  perSecond: number;
}

export async function compareSockets(
  wish: Wish,
  place: Place,
  say: (line: string) => void,
): Promise<SocketResult[]> {
  const url = await place.clone('bench_sockets');
  const results: SocketResult[] = [];
  for (const sockets of wish.sockets) {
    const progress = progressOf(`${fixed(sockets)} sockets`);
    const dayshift = await startDayshift(url);
    const bare = await startServer('bare broadcast', join(import.meta.dirname, 'broadcast.ts'), {});
    const keys = await issueKeys(dayshift, Math.ceil(sockets / SOCKETS_OF_KEY));
    const wsUrl = `${dayshift.server.origin.replace('http', 'ws')}/graphql`;
    const watching = await gather({ url: wsUrl, count: sockets, tokens: keys, query: FEED });
    const watchingBare = await gather({ url: bare.origin, count: sockets, tokens: [], query: null });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      results.push(
        await measure({ wish, sockets, dayshift, bare, watching, watchingBare, client, progress }),
      );
    } finally {
      progress.end();
      await client.end();
      for (const child of [...watching, ...watchingBare]) child.kill('SIGKILL');
      await Promise.all([dayshift.server.stop(), bare.stop()]);
    }
  }
  say(`Events to sockets, up to ${EVENTS_MAX} at once, beside a bare broadcast of the same text.\n`);
  print(results, say);
  return results;
}

async function issueKeys({ act }: Dayshift, count: number): Promise<string[]> {
  const name = `bench-${Date.now()}`;
  const { partner } = await act<{ partner: { id: string } }>(
    'partnerOpen',
    { code: name, kind: 'OTHER', texts: [{ locale: 'en', name }] },
    'partner { id }',
  );
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    const input = {
      partnerId: partner.id,
      name: `key ${i}`,
      scopes: ['orders.read'],
      allStores: true,
      allLocations: true,
    };
    keys.push((await act<{ secret: string }>('keyIssue', input, 'secret')).secret);
  }
  return keys;
}

/** Processes of listeners, all connected. */
async function gather(crowd: Crowd): Promise<ChildProcess[]> {
  const children: ChildProcess[] = [];
  for (let from = 0; from < crowd.count; from += LISTENERS_MAX) {
    const child = fork(join(import.meta.dirname, 'listeners.ts'));
    children.push(child);
    const count = Math.min(LISTENERS_MAX, crowd.count - from);
    const tokens = crowd.tokens.slice(from / SOCKETS_OF_KEY, (from + count) / SOCKETS_OF_KEY + 1);
    await ask(child, { crowd: { ...crowd, count, tokens } });
  }
  return children;
}

/** What all listeners heard, once they have heard so much. */
async function heardBy(children: readonly ChildProcess[], count: number): Promise<Heard> {
  const sum: Heard = { count: 0, lastAt: 0, bytes: 0 };
  for (const deadline = Date.now() + 60_000; sum.count < count; await sleep(sum.count === 0 ? 5 : 20)) {
    for (const heard of await Promise.all(children.map((child) => ask<Heard>(child, { ask: true })))) {
      sum.count += heard.count;
      sum.bytes += heard.bytes;
      sum.lastAt = Math.max(sum.lastAt, heard.lastAt);
    }
    if (Date.now() > deadline) throw new Error(`${sum.count} of ${count} messages came`);
  }
  return sum;
}

interface Measured {
  wish: Wish;
  sockets: number;
  dayshift: Dayshift;
  bare: Server;
  watching: ChildProcess[];
  watchingBare: ChildProcess[];
  client: pg.Client;
  progress: ReturnType<typeof progressOf>;
}

async function measure(all: Measured): Promise<SocketResult> {
  const { wish, sockets, dayshift, bare, watching, watchingBare, client, progress } = all;
  const { server } = dayshift;
  const events = Math.min(EVENTS_MAX, Math.ceil(MESSAGES_MAX / sockets));
  const orders = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => idOf('order', ORDERS - from - i));
  let bytes = 400;
  const burst = async (): Promise<Telling> => {
    const before = await server.usage();
    const started = performance.timeOrigin + performance.now();
    await happen(client, orders(1 + Math.floor(Math.random() * 1_000) * events, events));
    const heard = await heardBy(watching, sockets * events);
    bytes = Math.round(heard.bytes / heard.count);
    const { cpuMicros } = await server.usage();
    return telling(before.cpuMicros, cpuMicros, sockets * events, heard.lastAt - started);
  };
  const bareBurst = async (): Promise<Telling> => {
    const before = await bare.usage();
    const started = performance.timeOrigin + performance.now();
    for (let i = 0; i < events; i++) await ask(bare.child, { tell: 'x'.repeat(bytes) });
    const heard = await heardBy(watchingBare, sockets * events);
    const { cpuMicros } = await bare.usage();
    return telling(before.cpuMicros, cpuMicros, sockets * events, heard.lastAt - started);
  };
  for (let i = 0; i < 3; i++) for (const one of [burst, bareBurst]) await one();
  const taken: [Telling, Telling][] = [];
  for (let round = 0; round < wish.rounds; round++) {
    progress.at(round / wish.rounds / 2);
    taken.push([await burst(), await bareBurst()]);
  }
  // One event after the other on a server that has nothing else to do.
  const blocks: number[] = [];
  const waits: number[] = [];
  for (let i = 0; i < wish.rounds * 4; i++) {
    progress.at(0.5 + i / wish.rounds / 8);
    await sleep(50);
    await server.watch();
    const id = idOf('order', ORDERS - 30_000 - sockets - i);
    await dayshift.act(
      'orderFlag',
      { orderId: toGlobalId('Order', id), flag: i % 2 ? 'RED' : 'GREEN' },
      'order { id }',
    );
    const { lastAt } = await heardBy(watching, sockets);
    blocks.push((await server.usage()).blockMs);
    waits.push(lastAt - (await committedAt(client, id)));
  }
  return {
    sockets,
    cpuMicros: median(taken.map(([own]) => own.cpuMicros)),
    bareCpuMicros: median(taken.map(([, other]) => other.cpuMicros)),
    throughput: median(taken.map(([own, other]) => own.perSecond / other.perSecond)),
    blockMs: median(blocks) / Math.max(1, sockets / 1_000),
    commitToSocketMs: median(waits),
    memoryMb: (await server.usage()).memoryMb,
  };
}

const telling = (before: number, after: number, messages: number, milliseconds: number): Telling => ({
  cpuMicros: (after - before) / messages,
  perSecond: messages / (milliseconds / 1_000),
});

/** Let something happen to orders, all in one transaction, as another instance would tell it. */
async function happen(client: pg.Client, orderIds: string[]): Promise<void> {
  await client.query(
    `INSERT INTO event_outbox (event_id, type, entity_type, entity_id, version, payload, changes, facets, actor_kind, request_id, source, store_id, occurred_at)
     SELECT gen_random_uuid(), 'order.flagged', 'Order', o.id, o.version, '{}', '[{"field": "flag", "before": null, "after": "RED"}]',
       jsonb_build_object('state', o.state, 'storeId', o.store_id), 'SYSTEM', gen_random_uuid(), 'bench', o.store_id, date_trunc('milliseconds', now())
     FROM "order" o WHERE o.id = ANY ($1)`,
    [orderIds],
  );
  await client.query('NOTIFY dayshift_events');
}

async function committedAt(client: pg.Client, orderId: string): Promise<number> {
  const { rows } = await client.query<{ at: string }>(
    `SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS at FROM "order" WHERE id = $1`,
    [orderId],
  );
  return Number(rows[0]?.at);
}

function print(results: readonly SocketResult[], say: (line: string) => void): void {
  const head = [
    'sockets',
    'CPU µs',
    'bare µs',
    'throughput',
    'CPU',
    'block ms per 1,000',
    'commit to socket ms',
    'MB',
  ];
  const rows = results.map((row) => [
    fixed(row.sockets),
    ...[fixed(row.cpuMicros, 1), fixed(row.bareCpuMicros, 1), fixed(row.throughput, 2)],
    ...[fixed(row.bareCpuMicros / row.cpuMicros, 2), fixed(row.blockMs, 1)],
    ...[fixed(row.commitToSocketMs, 1), fixed(row.memoryMb)],
  ]);
  for (const line of table(head, rows)) say(line);
  say(
    '\nCPU of one message to one socket; ratios to the bare broadcast; times are medians, until the last socket has it.\n',
  );
}
