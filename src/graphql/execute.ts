// Execution, the same for every transport: errors masked, extensions added, one log line for each operation.

import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  executeRootSelectionSet,
  executeSubscriptionEvent,
  GraphQLError,
  getOperationAST,
  mapSourceToResponseEvent,
  validateExecutionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import { type Actor, isInternal, principalOf } from '../core/actor.ts';
import { isOverload } from '../core/db.ts';
import { newId } from '../core/ids.ts';
import { log } from '../core/log.ts';
import type { Locale } from '../core/texts.ts';
import type { Context } from './context.ts';
import { cursorOf } from './event-cursor.ts';
import { inLanguage, requestError, requestTexts } from './request-errors.ts';
import { tooCostly } from './size.ts';

/** Run a query or a mutation. */
export async function execute(args: ExecutionArgs): Promise<ExecutionResult> {
  const started = performance.now();
  const context = args.contextValue as Context;
  const operation = getOperationAST(args.document, args.operationName);
  // Wherever the document selects it: a cursor that is read too early only repeats an event, one read too late loses it.
  const excess = tooCostly(args, isUnproved(context.actor));
  if (excess) return finish({ errors: [excess] }, context);
  if (
    isInternal(context.actor) &&
    operation?.operation === 'query' &&
    args.document.loc?.source.body.includes('eventCursor')
  )
    await cursorOf(context).catch(() => {});
  const valid = validateExecutionArgs(args);
  const answer = finish(
    'schema' in valid ? await executeRootSelectionSet(valid) : refused(valid, context),
    context,
  );
  logOperation(operation?.operation ?? 'query', operation?.name?.value, context, started, answer.errors);
  return answer;
}

/** Open a subscription. Every event runs in a context of its own, so nothing read for one event serves the next. */
export async function subscribe(
  args: ExecutionArgs,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const started = performance.now();
  const context = args.contextValue as Context;
  const operation = getOperationAST(args.document, args.operationName);
  const opened = await openSubscription(args, context);
  const errors = Symbol.asyncIterator in opened ? undefined : opened.errors;
  logOperation('subscription', operation?.name?.value, context, started, errors);
  return opened;
}

async function openSubscription(
  args: ExecutionArgs,
  context: Context,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const excess = tooCostly(args, false);
  if (excess) return finish({ errors: [excess] }, context);
  // A generator that waits for an event cannot be returned from: the signal wakes it.
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const valid = validateSubscriptionArgs({ ...args, contextValue: { ...context, signal } });
  if (!('schema' in valid)) return finish(refused(valid, context), context);
  const source = await createSourceEventStream(valid);
  if (!(Symbol.asyncIterator in source)) return finish(source, context);
  const leave = enterStream(context.actor);
  if (!leave) {
    await source[Symbol.asyncIterator]().return?.();
    return finish({ errors: [tooManyStreams()] }, context);
  }
  const results = guarded(
    leave,
    context.actor.locale,
    mapSourceToResponseEvent(valid, source, async (event) => {
      const own: Context = { ...context, extensions: {} };
      return finish(await executeSubscriptionEvent({ ...event, contextValue: own } as never), own);
    }),
  );
  return stoppable(results, stopping);
}

/** The same results; returning from them fires the signal first, so that it takes effect at once. */
function stoppable(
  results: AsyncGenerator<ExecutionResult>,
  stopping: AbortController,
): AsyncGenerator<ExecutionResult> {
  return {
    next: () => results.next(),
    throw: (error: unknown) => results.throw(error),
    return: (value: unknown) => {
      stopping.abort();
      return results.return(value);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await results.return(undefined);
    },
  };
}

/** A request whose variables do not fit. Their errors carry a cause, which is no fault of ours. */
const refused = (errors: readonly GraphQLError[], { actor }: Context): ExecutionResult => ({
  errors: errors.map((error) => {
    const code = (error.originalError as GraphQLError | undefined)?.extensions?.code ?? 'BAD_REQUEST';
    return withCode(error, String(code), actor.source === 'ws' ? {} : { http: { spec: true, status: 400 } });
  }),
});

/** An error of the source stream ends the operation as its last result, masked like any other. */
async function* guarded(
  leave: () => void,
  locale: Locale,
  results: AsyncGenerator<ExecutionResult>,
): AsyncGenerator<ExecutionResult> {
  try {
    yield* results;
  } catch (error) {
    yield { errors: [maskError(error, locale)] };
  } finally {
    leave();
  }
}

/** Nobody has vouched for an anonymous caller, nor for a guest, who makes up the token. */
const isUnproved = ({ kind }: Actor): boolean => kind === 'ANONYMOUS' || kind === 'GUEST';

/** Streams that one person, key or address may have open on an instance. */
const STREAMS_MAX = 200;
const streams = new Map<string, number>();

/** Count a stream of an actor. Returns the function that takes it off again; null when there are too many. */
function enterStream(actor: Actor): (() => void) | null {
  const principal = isUnproved(actor) ? `address:${actor.address}` : principalOf(actor);
  const open = streams.get(principal) ?? 0;
  if (open >= STREAMS_MAX) return null;
  streams.set(principal, open + 1);
  return () => {
    const left = (streams.get(principal) ?? 1) - 1;
    if (left > 0) streams.set(principal, left);
    else streams.delete(principal);
  };
}

const tooManyStreams = (): GraphQLError => requestError('TOO_MANY_STREAMS', { params: { max: STREAMS_MAX } });

function finish(result: ExecutionResult, { actor, extensions }: Context): ExecutionResult {
  const masked = result.errors?.map((error) => maskError(error, actor.locale));
  const errors = actor.source === 'http' && !result.data ? masked?.map(withStatus) : masked;
  return {
    ...(errors ? { errors } : {}),
    ...('data' in result ? { data: result.data } : {}),
    ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
  } as ExecutionResult;
}

/** Seconds after which who was refused for overload may come back. */
export const RETRY_AFTER_S = 2;

/** An answer over HTTP of which overload left nothing says so by its status as well. */
export const withStatus = (error: GraphQLError): GraphQLError =>
  error.extensions.code === 'OVERLOADED'
    ? withCode(error, 'OVERLOADED', {
        http: { status: 503, headers: { 'Retry-After': String(RETRY_AFTER_S) } },
      })
    : error;

/**
 * The error as callers may see it, in their language: errors of the request get a stable code, overload is called
 * OVERLOADED; anything unexpected becomes INTERNAL with an id under which the log has the whole of it.
 */
export function maskError(found: unknown, locale: Locale = 'en'): GraphQLError {
  const error = found instanceof GraphQLError ? inLanguage(found, locale) : found;
  if (error instanceof GraphQLError) {
    const cause = error.originalError;
    if (error.extensions.code === 'OPERATION_RESOLUTION_FAILURE') return withCode(error, 'BAD_REQUEST');
    if (error.extensions.code) return error;
    if (cause instanceof GraphQLError && cause.extensions.code)
      return withCode(error, String(cause.extensions.code));
    // With a path it arose while resolving, which is our fault; without one it is about the request.
    if (!cause && !error.path) return withCode(error, 'BAD_REQUEST');
  }
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  if (isOverload(cause)) {
    log.warn({ error: cause }, 'no connection to the database was free in time');
    return new GraphQLError(requestTexts.OVERLOADED[locale], {
      extensions: { code: 'OVERLOADED' },
      ...place,
    });
  }
  const errorId = newId();
  log.error(
    { error: cause, errorId, path: error instanceof GraphQLError ? error.path : undefined },
    'unexpected error',
  );
  return new GraphQLError(requestTexts.INTERNAL[locale], {
    extensions: { code: 'INTERNAL', errorId },
    ...place,
  });
}

const withCode = (error: GraphQLError, code: string, more: object = {}): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
    extensions: { ...error.extensions, code, ...more },
  });

function logOperation(
  kind: string,
  name: string | undefined,
  { actor }: Context,
  started: number,
  errors: readonly GraphQLError[] | undefined,
): void {
  log.info(
    {
      operation: name ?? 'anonymous',
      kind,
      source: actor.source,
      principal: principalOf(actor),
      requestId: actor.requestId,
      milliseconds: Math.round((performance.now() - started) * 10) / 10,
      ...(errors?.length ? { errors: errors.map((error) => error.extensions.code) } : {}),
    },
    'operation',
  );
}
