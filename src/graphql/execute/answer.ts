// What callers get to see of a result: errors masked, in their language, with the status that they mean.

import { type ExecutionResult, GraphQLError } from 'graphql';
import { isOverload } from '../../core/db-errors.ts';
import { newId } from '../../core/ids.ts';
import { log } from '../../core/log.ts';
import type { Locale } from '../../core/texts.ts';
import type { Context } from '../context.ts';
import { inLanguage, requestTexts } from '../request-errors.ts';

/** A request whose variables do not fit. Their errors carry a cause, which is no fault of ours. */
export const refused = (errors: readonly GraphQLError[], { actor }: Context): ExecutionResult => ({
  errors: errors.map((error) => {
    const code = (error.originalError as GraphQLError | undefined)?.extensions?.code ?? 'BAD_REQUEST';
    return withCode(error, String(code), actor.source === 'ws' ? {} : { http: { spec: true, status: 400 } });
  }),
});

/** A result as callers may see it, with what was added to it. */
export function finish(result: ExecutionResult, { actor, extensions }: Context): ExecutionResult {
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

/** An answer over HTTP of which overload or a limit left nothing says so by its status as well. */
export const withStatus = (error: GraphQLError): GraphQLError =>
  String(error.extensions.code) in waiting
    ? withCode(error, String(error.extensions.code), {
        http: {
          status: waiting[error.extensions.code as keyof typeof waiting],
          headers: { 'Retry-After': String(error.extensions.retryAfterSeconds ?? RETRY_AFTER_S) },
        },
      })
    : error;

/** Status of those who may come back later, as HTTP has it. */
const waiting = { OVERLOADED: 503, RATE_LIMITED: 429 } as const;

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
