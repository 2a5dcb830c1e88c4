// Dayshift beside PostGraphile 5 on the same tables, and beside Vendure 3 on the same goods and orders.

import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Pace, type Say, say } from './bench-options.ts';
import { type Comparison, compare, expectSameAnswers, openGenerator, type Side } from './compare.ts';
import { dayshiftSide, startDayshift } from './dayshift.ts';
import { idOf, ORDERS } from './department.ts';
import * as dayshiftAnswers from './others/dayshift-answers.ts';
import { install } from './others/packages.ts';
import * as postgraphile from './others/postgraphile-questions.ts';
import { fillVendure } from './others/vendure-department.ts';
import * as vendure from './others/vendure-questions.ts';
import { type Place, query } from './place.ts';
import { type Server, startServer } from './processes.ts';
import { printComparisons } from './results.ts';
import { progressOf } from './table.ts';
import { type Workload, workloads } from './workloads.ts';

type Read = (data: never) => unknown;

/** What one side is asked for a workload, and how its answers read. */
interface Question {
  path: string;
  query: string;
  variables: object[];
  read: Read;
}

const own: Record<string, Read> = {
  'order page': dayshiftAnswers.readPage,
  'order detail': dayshiftAnswers.readDetail,
  'product search': dayshiftAnswers.readSearch,
};

const sideOf = (server: Server, token: string, questions: Record<string, Question>): Side => ({
  server,
  token,
  requestsOf: ({ name }) =>
    (questions[name]?.variables ?? []).map((variables) => ({
      path: questions[name]?.path ?? '',
      body: JSON.stringify({ query: questions[name]?.query, variables }),
    })),
  read: ({ name }, data) => questions[name]?.read(data as never),
});

async function askOnce(server: Server, path: string, body: object): Promise<Response> {
  return fetch(server.origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const detailOf = (i: number): number => ORDERS - 600 - i * 37;

/** The cursors that PostGraphile gives for the first pages, one after the other. */
async function cursorsOf(server: Server): Promise<object[]> {
  const found: object[] = [];
  let after: string | null = null;
  for (let i = 0; i < 100; i++) {
    const response = await askOnce(server, '/graphql', { query: postgraphile.PAGE, variables: { after } });
    const { data } = (await response.json()) as {
      data: { allOrders: { pageInfo: { endCursor: string } } };
    };
    after = data.allOrders.pageInfo.endCursor;
    found.push({ after });
  }
  return found;
}

async function startPostGraphile(url: string): Promise<Side> {
  const server = await startServer('PostGraphile', join(import.meta.dirname, 'others/postgraphile.ts'), {
    DATABASE_URL: url,
    GRAPHILE_ENV: 'production',
  });
  return sideOf(server, '', {
    'order page': {
      path: '/graphql',
      query: postgraphile.PAGE,
      variables: await cursorsOf(server),
      read: postgraphile.readPage,
    },
    'order detail': {
      path: '/graphql',
      query: postgraphile.DETAIL,
      variables: Array.from({ length: 200 }, (_, i) => ({ id: idOf('order', detailOf(i)) })),
      read: postgraphile.readDetail,
    },
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startVendure(place: Place, from: string, searches: readonly Workload[]): Promise<Side> {
  const url = await place.empty('bench_vendure');
  const open = async (synchronize: string) =>
    startServer('Vendure', join(import.meta.dirname, 'others/vendure.ts'), {
      DATABASE_URL: url,
      SYNCHRONIZE: synchronize,
      PORT: String(await freePort()),
    });
  say('Vendure makes its tables, and they are filled …');
  await (await open('on')).stop();
  await fillVendure(from, url);
  const server = await open('off');
  const { headers } = await askOnce(server, '/admin-api', { query: vendure.LOGIN });
  const searched = searches.find(({ name }) => name === 'product search')?.asks ?? [];
  return sideOf(server, headers.get('vendure-auth-token') ?? '', {
    'order page': {
      path: '/admin-api',
      query: vendure.PAGE,
      variables: Array.from({ length: 100 }, (_, i) => ({ skip: 20 * (i + 1) })),
      read: vendure.readPage,
    },
    'order detail': {
      path: '/admin-api',
      query: vendure.DETAIL,
      variables: Array.from({ length: 200 }, (_, i) => ({ id: String(detailOf(i)) })),
      read: vendure.readDetail,
    },
    'product search': {
      path: '/shop-api',
      query: vendure.SEARCH,
      variables: searched.map(({ graphql }) => (JSON.parse(graphql) as { variables: object }).variables),
      read: vendure.readSearch,
    },
  });
}

async function compareWith(
  place: Place,
  pace: Pace,
  start: (url: string, all: readonly Workload[]) => Promise<Side>,
  names: readonly string[],
  tell: Say,
): Promise<Comparison[]> {
  const url = await place.clone('bench_others');
  const all = await workloads((sql) => query<never>(url, sql));
  const dayshift = await startDayshift(url);
  const other = await start(url, all);
  const side: Side = { ...dayshiftSide(dayshift), read: ({ name }, data) => own[name]?.(data as never) };
  const generator = openGenerator();
  const results: Comparison[] = [];
  try {
    for (const workload of all.filter(({ name }) => names.includes(name))) {
      await expectSameAnswers(workload, side, other);
      const progress = progressOf(`${other.server.name}, ${workload.name}`);
      results.push(await compare(workload, [side, other], pace, generator, progress.at));
      progress.end();
    }
  } finally {
    await generator.stop();
    await Promise.all([dayshift.server.stop(), other.server.stop()]);
  }
  printComparisons(results, tell);
  return results;
}

export interface OtherResults {
  postgraphile: Comparison[];
  vendure: Comparison[];
}

/** Install PostGraphile and Vendure where they are missing, and compare with both. */
export async function compareOthers(pace: Pace, place: Place, tell: Say): Promise<OtherResults> {
  for (const other of ['postgraphile', 'vendure'] as const) await install(other, tell);
  tell('Beside PostGraphile 5, on the same tables. It authenticates nobody and checks no rights.\n');
  const beside = await compareWith(place, pace, startPostGraphile, ['order page', 'order detail'], tell);
  tell('Beside Vendure 3, on the same goods and orders in its own tables. Both know who asks.\n');
  const names = ['order page', 'order detail', 'product search'];
  const start = (url: string, all: readonly Workload[]) => startVendure(place, url, all);
  return { postgraphile: beside, vendure: await compareWith(place, pace, start, names, tell) };
}
