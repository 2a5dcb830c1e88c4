// Executors on the real schema and the real database, without a door before them: which one answers with the least CPU.
// Reads are planned from the fields that our own executor knows; under the others Pothos plans them.

import { isDeepStrictEqual } from 'node:util';
import { execute as executeOfTools } from '@graphql-tools/executor';
import { type DocumentNode, type ExecutionResult, execute, parse, validateExecutionArgs } from 'graphql';
import { compileQuery } from 'graphql-jit';
import { systemActor } from '../../src/core/actor.ts';
import { connectDatabase, disconnectDatabase } from '../../src/core/db.ts';
import { closeEventLog, openEventLog } from '../../src/core/event-log.ts';
import type { Context } from '../../src/graphql/context.ts';
import { executeRequest } from '../../src/graphql/execute/executor.ts';
import { schema } from '../../src/schema.ts';
import type { Pace, Say } from './bench-options.ts';
import { median } from './compare.ts';
import { type Place, query } from './place.ts';
import { fixed, progressOf, table } from './table.ts';
import { workloads } from './workloads.ts';

interface Request {
  document: DocumentNode;
  variables: Record<string, unknown>;
}

type Execute = (request: Request, contextValue: Context) => ExecutionResult | Promise<ExecutionResult>;

const compiled = new Map<DocumentNode, ReturnType<typeof compileQuery>>();

const executors: Record<string, Execute> = {
  'graphql-js 17': ({ document, variables }, contextValue) =>
    execute({ schema, document, variableValues: variables, contextValue }) as Promise<ExecutionResult>,
  '@graphql-tools/executor': ({ document, variables }, contextValue) =>
    executeOfTools({ schema, document, variableValues: variables, contextValue }) as Promise<ExecutionResult>,
  Dayshift: ({ document, variables }, contextValue) => {
    const request = validateExecutionArgs({ schema, document, variableValues: variables, contextValue });
    if (!('schema' in request)) throw request[0];
    return executeRequest(request, { millions: 16 });
  },
  'graphql-jit': ({ document, variables }, contextValue) => {
    const known = compiled.get(document) ?? compileQuery(schema, document);
    compiled.set(document, known);
    if (!('query' in known)) throw new Error(JSON.stringify(known));
    return known.query({}, contextValue, variables) as Promise<ExecutionResult>;
  },
};

const contextOf = (): Context => ({
  actor: systemActor('bench'),
  signal: new AbortController().signal,
  extensions: {},
});

export interface ExecutorResult {
  workload: string;
  /** Microseconds of CPU for one request, by executor. */
  cpuMicros: Record<string, number>;
}

const BATCH = 40;

/** Compare the executors on all reads, in turns. */
export async function compareExecutors(pace: Pace, place: Place, say: Say): Promise<ExecutorResult[]> {
  const url = await place.clone('bench_executors');
  await connectDatabase({ url, poolSize: 10 });
  await openEventLog({ url, directUrl: url });
  const results: ExecutorResult[] = [];
  try {
    const reads = (await workloads((sql) => query<never>(url, sql))).filter(({ writes }) => !writes);
    for (const { name, asks } of reads) {
      const progress = progressOf(name);
      const requests = requestsOf(asks.map(({ graphql }) => graphql));
      await expectSameResults(requests.slice(0, 5));
      const taken = Object.fromEntries(Object.keys(executors).map((executor) => [executor, [] as number[]]));
      for (let round = -1; round < pace.rounds; round++) {
        progress.at((round + 1) / (pace.rounds + 1));
        for (const [executor, run] of Object.entries(executors)) {
          const micros = await cpuOf(run, requests, pace.connections);
          if (round >= 0) taken[executor]?.push(micros);
        }
      }
      progress.end();
      const cpuMicros = Object.entries(taken).map(([executor, micros]) => [executor, median(micros)]);
      results.push({ workload: name, cpuMicros: Object.fromEntries(cpuMicros) });
    }
  } finally {
    await closeEventLog();
    await disconnectDatabase();
  }
  print(results, say);
  return results;
}

function requestsOf(bodies: readonly string[]): Request[] {
  const documents = new Map<string, DocumentNode>();
  return bodies.map((body) => {
    const { query: text, variables } = JSON.parse(body) as { query: string; variables: Request['variables'] };
    const document = documents.get(text) ?? parse(text);
    documents.set(text, document);
    return { document, variables };
  });
}

async function expectSameResults(requests: readonly Request[]): Promise<void> {
  for (const request of requests) {
    const answers: string[] = [];
    for (const run of Object.values(executors))
      answers.push(JSON.stringify((await run(request, contextOf())).data));
    const [first = '', ...others] = answers.map((answer) => JSON.parse(answer) as unknown as string);
    if (!first || !others.every((other) => isDeepStrictEqual(first, other)))
      throw new Error(`the executors answer differently\n${answers.join('\n')}`);
  }
}

/** Microseconds of CPU for one request; several are under way at once, as in a server. */
async function cpuOf(run: Execute, requests: readonly Request[], connections: number): Promise<number> {
  const before = process.cpuUsage();
  let next = 0;
  const one = async () => {
    while (next < BATCH) {
      const request = requests[next++ % requests.length];
      const { errors } = request ? await run(request, contextOf()) : {};
      if (errors?.[0]) throw errors[0];
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / BATCH;
}

function print(results: readonly ExecutorResult[], say: Say): void {
  const names = Object.keys(executors);
  const [base = ''] = names;
  say(
    'Executors on the real schema, CPU µs for one request with all that resolvers and Prisma do; the answers are equal.\n',
  );
  const rows = results.map(({ workload, cpuMicros }) => [
    workload,
    ...names.flatMap((name) => [
      fixed(cpuMicros[name] ?? 0),
      fixed((cpuMicros[base] ?? 0) / (cpuMicros[name] ?? 0), 2),
    ]),
  ]);
  for (const line of table(['workload', ...names.flatMap((name) => [name, 'ratio'])], rows)) say(line);
  say(`\nRatios: ${base} ÷ executor; more than 1 is faster.\n`);
}
