// Requests over HTTP: reads and orders, Dayshift beside the server that was written by hand.

import { join } from 'node:path';
import { isWanted, type Wish } from './bench-options.ts';
import { type Comparison, compare, expectSameAnswers, openGenerator, type Side } from './compare.ts';
import { dayshiftSide, SECRET_KEY, startDayshift } from './dayshift.ts';
import { hotSpots } from './hot-spots.ts';
import { type Place, query } from './place.ts';
import { startServer } from './processes.ts';
import { printComparisons } from './results.ts';
import { progressOf } from './table.ts';
import { type Workload, workloads } from './workloads.ts';

/** Compare all workloads that are wanted, and print the ratios. */
export async function compareRequests(
  wish: Wish,
  place: Place,
  say: (line: string) => void,
): Promise<Comparison[]> {
  const [url, writingUrl] = [await place.clone('bench_dayshift'), await place.clone('bench_by_hand')];
  const wanted = (await workloads((sql) => query<never>(url, sql))).filter(({ name }) =>
    isWanted(wish, 'requests', name),
  );
  if (wanted.length === 0) return [];
  const dayshift = await startDayshift(url);
  const byHand = await startServer('by hand', join(import.meta.dirname, 'by-hand.ts'), {
    DATABASE_URL: url,
    WRITING_URL: writingUrl,
    SECRET_KEY,
  });
  const sides = [
    dayshiftSide(dayshift),
    {
      server: byHand,
      token: dayshift.token,
      requestsOf: ({ asks }: Workload) => asks.map(({ path, body }) => ({ path, ...(body ? { body } : {}) })),
    },
  ] as const;
  const generator = openGenerator();
  const results: Comparison[] = [];
  try {
    for (const workload of wanted) {
      const same = () => expectSameAnswers(workload, ...sides);
      await (workload.writes ? expectSameRows([url, writingUrl], same) : same());
      const progress = progressOf(workload.name);
      results.push(await compare(workload, sides, wish, generator, progress.at));
      progress.end();
      if (wish.profile) await profile(workload, sides[0], wish, generator, say);
    }
  } finally {
    await generator.stop();
    await Promise.all([dayshift.server.stop(), byHand.stop()]);
  }
  say(`Requests, ${wish.connections} at once; the answers of both sides are equal.\n`);
  printComparisons(results, say);
  return results;
}

const WRITTEN = [
  '"order"',
  'order_line',
  'person_order',
  'payment_account',
  'payment_ledger_entry',
  'deadline',
  'allocation',
  'stock_ledger_entry',
  'idempotency_record',
];

/** Rows that placing orders writes, counted by table. */
async function rowsOf(url: string): Promise<Record<string, number>> {
  const counts = WRITTEN.map((name) => `(SELECT count(*) FROM ${name})::int AS ${name.replaceAll('"', '')}`);
  const events = `(SELECT count(*) FROM (SELECT type FROM event UNION ALL SELECT type FROM event_outbox) e
    WHERE type IN ('order.placed', 'stock.allocated'))::int AS events`;
  const [row = {}] = await query<Record<string, number>>(url, `SELECT ${[...counts, events].join()}`);
  return row;
}

/** Throws unless both sides write as many rows to every table during `work`: placing an order is the same work. */
async function expectSameRows(urls: readonly [string, string], work: () => Promise<void>): Promise<void> {
  const [own, other] = await Promise.all(urls.map(rowsOf));
  await work();
  const [ownAfter, otherAfter] = await Promise.all(urls.map(rowsOf));
  const written = (before = {} as Record<string, number>, after = {} as Record<string, number>) =>
    JSON.stringify(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));
  const [a, b] = [written(own, ownAfter), written(other, otherAfter)];
  if (a !== b) throw new Error(`the sides write other rows\n${a}\n${b}`);
}

async function profile(
  workload: Workload,
  side: Side,
  { sliceMs, connections }: Wish,
  generator: ReturnType<typeof openGenerator>,
  say: (line: string) => void,
): Promise<void> {
  const { origin } = side.server;
  const order = { origin, token: side.token, requests: side.requestsOf(workload), connections };
  const found = await side.server.profile(() => generator.send({ ...order, milliseconds: sliceMs * 3 }));
  say(`Where Dayshift spends its time, ${workload.name}:`);
  for (const line of hotSpots(found, 60)) say(`  ${line}`);
  say('');
}
