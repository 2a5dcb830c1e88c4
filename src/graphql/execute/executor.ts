// Runs an operation that was validated: its fields are worked out once for each document, then only called.

import type { ExecutionResult, GraphQLError, ValidatedExecutionArgs } from 'graphql';
import { executeFields, executeInTurn } from './objects.ts';
import { Run } from './run.ts';
import { rootFieldsOf } from './selections.ts';

/** How long an answer may be, and how long it is waited for. */
interface Bounds {
  /** Millions of characters of JSON. */
  millions: number;
  signal?: AbortSignal | undefined;
}

/**
 * Answer a query, a mutation or one event. An answer that becomes too long is an error: reading ends at once, a mutation
 * does all that it was asked to do. Rejects with the reason of the signal when that fires first, and resolves no field more.
 *
 * It is our own because it takes the least CPU that is safe, and because reads are planned from the fields that it knows
 * (`graphql/plan.ts`): `npm run bench -- --only executors` has the others without such plans. graphql-jit 0.8.9 makes code
 * of documents, and text in a literal (`__MAGIC_DATE__…`) runs there.
 */
export async function executeRequest(
  request: ValidatedExecutionArgs,
  { millions, signal }: Bounds,
): Promise<ExecutionResult> {
  signal?.throwIfAborted();
  const run = new Run(request, millions, signal);
  try {
    const data = await untilAborted(run, root(run));
    if (run.excess) return { errors: [run.excess] };
    return {
      data: data as ExecutionResult['data'],
      ...(run.errors.length > 0 ? { errors: run.errors } : {}),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (run.excess) return { errors: [run.excess] };
    return { data: null, errors: [...run.errors, error as GraphQLError] };
  }
}

async function root(run: Run): Promise<unknown> {
  const { operation, rootValue } = run.request;
  const fields = rootFieldsOf(run.request);
  return operation.operation === 'mutation'
    ? executeInTurn(run, fields, rootValue)
    : executeFields(run, fields, rootValue, undefined);
}

function untilAborted(run: Run, data: Promise<unknown>): Promise<unknown> {
  const { signal } = run;
  if (!signal) return data;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const end = () => {
    run.over = signal.reason;
    reject(signal.reason);
  };
  signal.addEventListener('abort', end, { once: true });
  data.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', end));
}
