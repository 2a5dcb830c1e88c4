// The door for HTTP and SSE: Yoga behind our gate.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { useEngine } from '@envelop/core';
import type { GraphQLSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Actor, RequestFacts } from '../core/actor.ts';
import type { Gate } from './admit.ts';
import type { Context } from './context.ts';
import { heldActor } from './credentials.ts';
import { execute, maskError, subscribe, withStatus } from './execute.ts';
import { type Authenticate, bearerOf, factsOf } from './request.ts';
import { inLanguage, requestError } from './request-errors.ts';

const BODY_BYTES_MAX = 256 * 1024;

interface Exchange {
  incoming: IncomingMessage;
  response: ServerResponse;
}

/** The handler of `/graphql` for everything but WebSockets. */
export function makeYoga(schema: GraphQLSchema, authenticate: Authenticate, gate: Gate) {
  const throughTheGate: Plugin = {
    onParse: ({ setParseFn }) =>
      setParseFn((text: string | { body: string }) => {
        const { document, errors } = gate.admit(typeof text === 'string' ? text : text.body);
        if (!document) throw errors[0];
        return document;
      }),
    onValidate: ({ params, setValidationFn }) =>
      setValidationFn(() => gate.admit((params.documentAST.loc?.source.body ?? '') as string).errors),
  };
  return createYoga<Exchange>({
    schema,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    logging: false,
    batching: false,
    parserAndValidationCache: false,
    maxRequestBodySize: BODY_BYTES_MAX,
    maskedErrors: { maskError: (error: unknown) => maskError(error), isDev: false },
    plugins: [useEngine({ execute: execute as never, subscribe: subscribe as never }), throughTheGate],
    context: async ({ incoming, response }: Exchange) => {
      const accepts = incoming.headers.accept ?? '';
      const facts = factsOf(incoming, accepts.includes('text/event-stream') ? 'sse' : 'http');
      const credential = bearerOf(incoming);
      return httpContext(() => authenticate(credential, facts), facts, response);
    },
  } as never);
}

const streams = new Set<ServerResponse>();

/** Cut every SSE stream, because the server stops: a proper end would tell clients not to come back. */
export const endStreams = (): void => {
  for (const response of streams) response.destroy();
};

/** Context of an HTTP request. Its stream, if it opens one, ends with the response, the credential or the server. */
async function httpContext(
  authenticate: () => Promise<Actor | null>,
  { source, locale }: RequestFacts,
  response: ServerResponse,
): Promise<Context> {
  const isStream = source === 'sse';
  const ending = new AbortController();
  response.once('close', () => ending.abort());
  if (response.destroyed) ending.abort();
  const known = isStream ? heldActor(authenticate, ending) : authenticate();
  const actor = await known.catch((error: unknown) => {
    throw withStatus(maskError(error, locale ?? 'en'));
  });
  if (!actor) {
    throw inLanguage(requestError('CREDENTIAL_INVALID', { data: { http: { status: 401 } } }), locale ?? 'en');
  }
  if (isStream && !ending.signal.aborted) {
    streams.add(response);
    ending.signal.addEventListener('abort', () => streams.delete(response), { once: true });
  }
  return { actor, signal: ending.signal, extensions: {} };
}
