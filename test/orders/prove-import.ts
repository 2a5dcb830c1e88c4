// `npm run prove:import -- FILE…`: months of a real shop's orders imported at full size: time, memory, kill -9, sums.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { recordingPath } from '../../prisma/seed/replay/recording.ts';
import { startEmbeddedPostgres } from '../../src/core/embedded-postgres.ts';
import { project } from '../setup/source.ts';
import { type MonthTotals, recordedTotals } from './recorded-totals.ts';

const SECONDS_MAX = 60;
const KILLS = 12;

const files = process.argv.length > 2 ? process.argv.slice(2) : [recordingPath];
const folder = await mkdtemp(join(tmpdir(), 'dayshift-prove-'));
const server = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres') });
let failures = 0;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const count = (number: number): string => number.toLocaleString('en');
const check = (holds: boolean, what: string): void => {
  if (!holds) failures++;
  say(`${holds ? '✓' : '✗'} ${what}`);
};

/** A database on the server, and the variables with which Dayshift works on it. */
async function database(name: string) {
  await rowsOf(server.url, `CREATE DATABASE ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const variables = {
    DATABASE_URL: url.href,
    DATA_DIR: join(folder, name),
    SECRET_KEY: 'a secret key that only the proof knows',
    ADMIN_EMAIL: 'admin@prove.example',
    ADMIN_PASSWORD: 'correct horse battery staple',
    LOG_LEVEL: 'warn',
    PORT: '0',
    SAMPLE: 'off',
  };
  return { url: url.href, variables };
}

async function rowsOf<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

const node = (variables: object, ...args: string[]): ChildProcess =>
  spawn(process.execPath, args, {
    cwd: project,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** As `npm run import` does. */
const importing = (variables: object) =>
  node(variables, '--max-old-space-size=256', 'prisma/seed/history/import.ts', ...files);

/** Resident memory of a process in MB; 0 when it is gone. */
function memoryOf(pid: number | undefined): number {
  try {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
  } catch {
    return 0;
  }
}

/** Import all files: seconds, and the most memory while each file was imported. */
async function measure(variables: object): Promise<{ seconds: number; peaks: number[] }> {
  const startedAt = performance.now();
  const running = importing(variables);
  const ended = once(running, 'close');
  const peaks = [0];
  running.stdout?.on('data', (text) => {
    for (const _ of String(text).matchAll(/each counted once/g)) peaks.push(0);
  });
  const watch = setInterval(() => {
    peaks.push(Math.max(peaks.pop() ?? 0, memoryOf(running.pid)));
  }, 250);
  const [code] = await ended;
  clearInterval(watch);
  if (code !== 0) throw new Error(`the import ended with ${code}`);
  return { seconds: (performance.now() - startedAt) / 1_000, peaks: peaks.slice(0, files.length) };
}

/** What an import left, but for its ids: the same however it came about. */
async function left(url: string): Promise<Record<string, unknown>> {
  const [sums] = await rowsOf(
    url,
    `SELECT (SELECT count(*) FROM order_line) AS lines, (SELECT count(*) FROM "order") AS orders,
       (SELECT count(*) FROM customer) AS customers, (SELECT count(*) FROM variant) AS variants,
       (SELECT count(*) FROM stock_ledger_entry) AS ledger, (SELECT count(*) FROM imported_invoice) AS invoices,
       (SELECT count(*) FROM order_import_problem) AS problems,
       (SELECT md5(string_agg(concat_ws('|', o.external_reference, o.state, o.total_minor, o.version, l.position, l.sku,
          l.name, l.quantity, l.cancelled), E'\\n' ORDER BY o.external_reference, l.position))
        FROM "order" o LEFT JOIN order_line l ON l.order_id = o.id) AS content,
       (SELECT md5(string_agg(concat_ws('|', file_name, line_count, lines_imported, lines_rejected, outcomes), E'\\n'
          ORDER BY file_name)) FROM order_import) AS reports,
       (SELECT md5(string_agg(concat(v.sku, '|', t.name), E'\\n' ORDER BY v.sku)) FROM variant v
        JOIN product_version p ON p.product_id = v.product_id JOIN product_version_text t ON t.product_version_id = p.id)
        AS names`,
  );
  return { ...sums };
}

async function monthsOf(url: string): Promise<Map<string, MonthTotals>> {
  const rows = await rowsOf<Record<'month' | keyof MonthTotals, string>>(
    url,
    `SELECT to_char(o.placed_at AT TIME ZONE 'Europe/London', 'YYYY-MM') AS month, count(*) AS orders,
       sum(l.sold) AS sold, sum(o.freight_minor) AS freight, sum(l.cancelled) AS cancelled
     FROM "order" o CROSS JOIN LATERAL (
       SELECT coalesce(sum(unit_price_minor * quantity), 0) AS sold,
         coalesce(sum(unit_price_minor * cancelled), 0) AS cancelled
       FROM order_line WHERE order_id = o.id) l
     GROUP BY 1 ORDER BY 1`,
  );
  return new Map(
    rows.map(({ month, ...own }) => [
      month,
      {
        orders: Number(own.orders),
        sold: Number(own.sold),
        freight: Number(own.freight),
        cancelled: Number(own.cancelled),
      },
    ]),
  );
}

async function proveSums(url: string): Promise<void> {
  const expected = recordedTotals(...files);
  const months = await monthsOf(url);
  const pounds = (pence: number) =>
    (pence / 100).toLocaleString('en', { minimumFractionDigits: 2 }).padStart(14);
  say('\nmonth     orders          sold       freight     cancelled   (GBP, as the database sums them)');
  for (const [month, { orders, sold, freight, cancelled }] of months)
    say(`${month} ${count(orders).padStart(8)}${[sold, freight, cancelled].map(pounds).join('')}`);
  check(
    JSON.stringify([...months]) === JSON.stringify([...expected.months]),
    'the totals of every month are those that the files alone come to',
  );
  const outcomes = await rowsOf<{ outcome: string; lines: string }>(
    url,
    `SELECT key AS outcome, sum((value->>'lines')::int) AS lines FROM order_import, jsonb_each(outcomes) GROUP BY 1`,
  );
  const own = Object.fromEntries(outcomes.map(({ outcome, lines }) => [outcome, Number(lines)]));
  const sorted = (table: Record<string, number>) => JSON.stringify(Object.entries(table).sort());
  check(
    sorted(own) === sorted(expected.outcomes),
    `all ${count(expected.lines)} lines are accounted for: ${Object.entries(own)
      .map(([what, lines]) => `${what} ${count(lines)}`)
      .join(', ')}`,
  );
}

/** Import with processes that are killed at any moment of their work, until one comes to the end. Answers how far each came. */
async function killAndGoOn(url: string, variables: object): Promise<number[]> {
  const reached: number[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    const running = importing(variables);
    running.stdout?.resume();
    const ended = once(running, 'close');
    while (running.exitCode === null && (await linesRead(url)) <= (reached.at(-1) ?? 0)) await sleep(20);
    await Promise.race([sleep(Math.random() * 2_000), ended]);
    running.kill('SIGKILL');
    await ended;
    reached.push(await linesRead(url));
  }
  const last = importing(variables);
  last.stdout?.resume();
  await once(last, 'close');
  return reached;
}

async function linesRead(url: string): Promise<number> {
  const [row] = await rowsOf<{ lines: string }>(
    url,
    'SELECT coalesce(sum(lines_read), 0) AS lines FROM order_import',
  );
  return Number(row?.lines);
}

/** Start Dayshift on what was imported: the log takes in all events, and lists, search and board answer. */
async function proveServing({ url, variables }: Awaited<ReturnType<typeof database>>): Promise<void> {
  const { startDayshift } = await import('../../src/main.ts');
  const { readEnv } = await import('../../src/core/env.ts');
  const startedAt = performance.now();
  const dayshift = await startDayshift(readEnv({ ...variables, BACKGROUND: 'off' }));
  const seconds = (from: number) => ((performance.now() - from) / 1_000).toFixed(1);
  say(`\nDayshift starts on it in ${seconds(startedAt)} s.`);
  const waiting = 'SELECT count(*) AS waiting FROM event_outbox';
  while (Number((await rowsOf<{ waiting: string }>(url, waiting))[0]?.waiting) > 0) await sleep(50);
  const [log] = await rowsOf<{ events: string; whole: boolean; imported: string }>(
    url,
    `SELECT count(*) AS events, max(seq) = count(*) AS whole, count(*) FILTER (WHERE type = 'order.imported') AS imported
     FROM event`,
  );
  const [orders] = await rowsOf<{ count: string }>(url, 'SELECT count(*) FROM "order"');
  check(
    log?.whole === true,
    `${count(Number(log?.events))} events are in the log without a gap, ${seconds(startedAt)} s after the start`,
  );
  check(
    log?.imported === orders?.count,
    `each of ${count(Number(orders?.count))} orders has one event of its import`,
  );
  await dayshift.stop();
}

try {
  const straight = await database('straight');
  const prepared = await once(node(straight.variables, 'prisma/seed/history/prepare.ts'), 'close');
  if (prepared[0] !== 0) throw new Error('the database could not be made ready');
  await rowsOf(server.url, 'CREATE DATABASE killed TEMPLATE straight');
  const { seconds, peaks } = await measure(straight.variables);
  say(`${files.length} files, ${count(recordedTotals(...files).lines)} lines in ${seconds.toFixed(1)} s`);
  say(
    `peak memory (MB): ${files.map((path, i) => `${basename(path).replace(/\..*/, '')} ${Math.round(peaks[i] ?? 0)}`).join(', ')}`,
  );
  check(seconds < SECONDS_MAX, `under ${SECONDS_MAX} s`);
  await proveSums(straight.url);
  const before = await left(straight.url);
  const again = await measure(straight.variables);
  check(
    JSON.stringify(await left(straight.url)) === JSON.stringify(before),
    `the same files again change nothing (${again.seconds.toFixed(1)} s)`,
  );
  const killed = new URL(straight.url);
  killed.pathname = '/killed';
  const reached = await killAndGoOn(killed.href, { ...straight.variables, DATABASE_URL: killed.href });
  say(`killed after lines ${reached.map(count).join('; ')}`);
  check(
    JSON.stringify(await left(killed.href)) === JSON.stringify(before),
    `killed ${KILLS} times with -9 and begun again: the same to the last line`,
  );
  await proveServing(straight);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
say(failures === 0 ? '\nAll holds.' : `\n${failures} things do not hold.`);
process.exit(failures === 0 ? 0 : 1);
