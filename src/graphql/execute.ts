// Execution, the same for every transport: paid first, answered, told in one log line for each operation.

import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  validateExecutionArgs,
} from 'graphql';
import { type Actor, isInternal } from '../core/actor.ts';
import { limitSeconds } from '../core/pools.ts';
import { withSqlTime } from '../core/sql-time.ts';
import type { Context } from './context.ts';
import { cursorOf } from './event-cursor.ts';
import { finish, refused } from './execute/answer.ts';
import { answerMillions } from './execute/answer-size.ts';
import { executeRequest } from './execute/executor.ts';
import { tellOperation } from './execute/operation-log.ts';
import { openSubscription } from './execute/subscribe.ts';
import { requestError } from './request-errors.ts';
import { type Cost, charge, type Receipt, type Toll } from './toll.ts';

export interface Engine {
  /** Run a query or a mutation. */
  execute(args: ExecutionArgs): Promise<ExecutionResult>;
  /** Open a subscription. Every event runs in a context of its own, so nothing read for one event serves the next. */
  subscribe(args: ExecutionArgs): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult>;
}

interface EngineOptions {
  toll: Toll;
  introspects: (actor: Actor) => boolean;
  /** Hears of every operation that runs, before it does. */
  watch: (args: ExecutionArgs) => void;
}

/** Make what executes operations that the gate admitted, each of which pays its toll first. */
export function makeEngine({ toll, introspects, watch }: EngineOptions): Engine {
  const prepared = (given: ExecutionArgs): ExecutionArgs => {
    const args = { ...given, variableValues: declared(given) };
    watch(args);
    return withSuggestions(args, introspects);
  };
  return {
    execute: (args) => execute(toll, prepared(args)),
    subscribe: (args) => subscribe(toll, prepared(args)),
  };
}

/** The variables that the operation declares. What else was sent is nobody's business, and may be much. */
function declared({ document, operationName, variableValues = {} }: ExecutionArgs): Record<string, unknown> {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {};
  const given = variableValues as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable: { name } }) =>
      Object.hasOwn(given, name.value) ? [[name.value, given[name.value]]] : [],
    ),
  );
}

/** Errors about variables suggest names of the schema as well. */
const withSuggestions = (args: ExecutionArgs, introspects: (actor: Actor) => boolean): ExecutionArgs => ({
  ...args,
  hideSuggestions: !introspects((args.contextValue as Context).actor),
});

const execute = (toll: Toll, args: ExecutionArgs): Promise<ExecutionResult> =>
  withSqlTime(async (sql) => {
    const started = performance.now();
    const context = args.contextValue as Context;
    const operation = getOperationAST(args.document, args.operationName);
    const paid = await charge(toll, args, context.actor);
    const result =
      paid instanceof GraphQLError
        ? unpaid(paid, context)
        : await run(args, operation?.operation, context, paid);
    const answer = finish(result, context);
    const cost = context.extensions.cost as Cost | undefined;
    tellOperation(operation, context, { started, sql, cost, errors: answer.errors });
    return answer;
  });

/** An operation that could not be paid for: its answer says what it would have cost, like any other. */
function unpaid(error: GraphQLError, { extensions }: Context): ExecutionResult {
  extensions.cost = error.extensions.cost;
  return { errors: [error] };
}

/** What an operation that was paid for comes to. What it changes it changes whole; a query ends with the wish for it. */
async function run(
  args: ExecutionArgs,
  kind: string | undefined,
  context: Context,
  paid: Receipt | null,
): Promise<ExecutionResult> {
  // Wherever the document selects it: a cursor that is read too early only repeats an event, one read too late loses it.
  if (isInternal(context.actor) && kind === 'query' && args.document.loc?.source.body.includes('eventCursor'))
    await cursorOf(context).catch(() => {});
  const resultOf = async (abortSignal?: AbortSignal): Promise<ExecutionResult> => {
    const valid = validateExecutionArgs(args);
    return 'schema' in valid
      ? executeRequest(valid, { millions: answerMillions(context.actor), signal: abortSignal })
      : refused(valid, context);
  };
  const result = kind === 'query' ? await whileWanted(context.signal, resultOf) : await resultOf();
  if (paid) {
    const isWhole = !result.errors?.length && !context.signal.aborted;
    context.extensions.cost = isWhole ? paid.settle(result.data) : paid.cost;
  }
  return result;
}

/** Work until the caller hangs up or it took too long: nothing more is then read for them. */
async function whileWanted(
  caller: AbortSignal,
  work: (signal: AbortSignal) => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, limitSeconds.request * 1_000);
  caller.addEventListener('abort', end, { once: true });
  if (caller.aborted) end();
  try {
    return await work(ending.signal);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    return { errors: [caller.aborted ? hungUp() : requestError('OVERLOADED')] };
  } finally {
    clearTimeout(timer);
    caller.removeEventListener('abort', end);
  }
}

/** Nobody is told but the log. */
const hungUp = () => new GraphQLError('The caller hung up.', { extensions: { code: 'HUNG_UP' } });

const subscribe = (
  toll: Toll,
  args: ExecutionArgs,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> =>
  withSqlTime(async (sql) => {
    const started = performance.now();
    const context = args.contextValue as Context;
    const operation = getOperationAST(args.document, args.operationName);
    const paid = await charge(toll, args, context.actor);
    const isRefused = paid instanceof GraphQLError;
    const opened = isRefused
      ? finish(unpaid(paid, context), context)
      : await openSubscription(args, context, paid);
    const errors = Symbol.asyncIterator in opened ? undefined : opened.errors;
    tellOperation(operation, context, { started, sql, cost: isRefused ? undefined : paid?.cost, errors });
    return opened;
  });
