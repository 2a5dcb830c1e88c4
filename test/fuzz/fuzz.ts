// Sends made-up operations to a running Dayshift and looks at every answer: no 500, no unmasked error, nothing unnamed.

import pLimit from 'p-limit';
import { schema } from '../../src/schema.ts';
import type { App } from '../setup/app.ts';
import { type Operation, operationsOf, randomFrom } from './operations.ts';

/** Codes of errors about a request, as the README lists them. INTERNAL is a bug of ours. */
const known = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_REQUEST',
  'BAD_INPUT',
  'TOO_COSTLY',
  'RATE_LIMITED',
  'RESYNC_REQUIRED',
  'OVERLOADED',
]);
const AT_ONCE = 8;

export interface Finding {
  status: number;
  problem: string;
  operation: Operation;
}

/** Send operations that a seed makes, as several callers in turn. What was wrong with the answers. */
export async function fuzz(
  app: App,
  { count, seed, progress }: { count: number; seed: number; progress?: (done: number) => void },
): Promise<Finding[]> {
  const ids = await idsIn(app);
  const make = operationsOf(schema, randomFrom(seed), ids);
  const callers = [app.admin.token, (await app.given.customer()).token, app.given.guest().token, null];
  const findings: Finding[] = [];
  const limit = pLimit(AT_ONCE);
  let done = 0;
  await Promise.all(
    Array.from({ length: count }, (_, i) => {
      const operation = make();
      return limit(async () => {
        const found = await send(app.url, callers[i % 5 < 2 ? 0 : i % callers.length] ?? null, operation);
        if (found) findings.push(found);
        progress?.(++done);
      });
    }),
  );
  return findings;
}

/** Ids of something of everything that there is. */
async function idsIn(app: App): Promise<string[]> {
  const lists = [...Object.values(schema.getQueryType()?.getFields() ?? {})].filter(
    (field) =>
      String(field.type).endsWith('Connection!') &&
      field.args.every((arg) => !String(arg.type).endsWith('!')),
  );
  const ids: string[] = [];
  for (const { name } of lists) {
    const { data } = await app.admin.run<Record<string, { edges: { node: { id?: string } }[] } | null>>(
      `{ ${name}(first: 3) { edges { node { ... on Node { id } } } } }`,
    );
    for (const { node } of data?.[name]?.edges ?? []) if (node.id) ids.push(node.id);
  }
  return ids;
}

async function send(url: string, token: string | null, operation: Operation): Promise<Finding | null> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(operation),
    signal: AbortSignal.timeout(30_000),
  });
  const body = await response.text();
  const problem = problemIn(response.status, body);
  return problem === null ? null : { status: response.status, problem, operation };
}

function problemIn(status: number, body: string): string | null {
  if (status >= 500 && status !== 503) return body.slice(0, 500);
  let answer: { errors?: { message: string; extensions?: { code?: string } }[] };
  try {
    answer = JSON.parse(body);
  } catch {
    return `no JSON: ${body.slice(0, 200)}`;
  }
  const odd = (answer.errors ?? []).find(({ extensions }) => !known.has(extensions?.code ?? ''));
  return odd ? JSON.stringify(odd).slice(0, 500) : null;
}
