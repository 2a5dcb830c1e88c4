// The door for HTTP and SSE: a front that reads and bounds requests, our gate, and Yoga behind them.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { useEngine } from '@envelop/core';
import { type ExecutionArgs, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { RequestFacts } from '../../core/actor.ts';
import { readBody } from '../../core/request-body.ts';
import { localeOf } from '../../core/texts.ts';
import type { Gate } from '../admit.ts';
import type { Context } from '../context.ts';
import { maskError, RETRY_AFTER_S, withStatus } from '../execute/answer.ts';
import type { Engine } from '../execute.ts';
import { inLanguage, requestError, requestTexts } from '../request-errors.ts';
import type { Leave } from '../toll/shed.ts';
import { heldActor } from './credentials.ts';
import { type Door, REQUEST_BYTES_MAX } from './door.ts';
import { bearerOf, factsOf, traceparentOf } from './request.ts';

/** Streams are quiet for so long at most: Yoga writes something every 12 s. */
const STREAM_PAUSE_MS = 20_000;

/** One request on its way through Yoga. */
interface Exchange {
  incoming: IncomingMessage;
  response: ServerResponse;
  /** Body of a POST, read whole; else empty. */
  body: string;
  /** Gives the place in the crowd to the next, once there is an answer to send. */
  leave: Leave;
  /** Whoever asks, once they are known. */
  known?: Context;
}

/** The handler of `/graphql` for everything but WebSockets. */
export function makeHttpDoor(
  { schema, gate, engine, crowd, authenticate, introspects }: Door,
  { slowReaderSeconds }: { slowReaderSeconds: number },
) {
  const knownOf = (context: object) => {
    const { known } = context as Exchange;
    if (!known) throw new Error('an operation came past the gate');
    return known;
  };
  const throughTheGate: Plugin<Exchange> = {
    // The body was read already, and only JSON comes this far.
    onRequestParse({ request, serverContext, setRequestParser }) {
      if (request.method === 'POST')
        setRequestParser(() => parametersIn((serverContext as unknown as Exchange).body));
    },
    async onParams({ context, params, setResult }) {
      const exchange = context as unknown as Exchange;
      const { incoming, response } = exchange;
      const about = factsOf(incoming, opensStream(gate, incoming, params) ? 'sse' : 'http');
      const found = await contextOf(about, response, () => authenticate(bearerOf(incoming), about));
      if (found instanceof GraphQLError) setResult({ errors: [found] });
      else exchange.known = { ...found, traceparent: traceparentOf(incoming) };
    },
    onParse: ({ context, setParseFn }) =>
      setParseFn((text: string | { body: string }) => {
        const source = typeof text === 'string' ? text : text.body;
        const { document, errors } = gate.admit(source, { introspects: introspects(knownOf(context).actor) });
        if (!document) throw errors[0];
        return document;
      }),
    onValidate: ({ context, params, setValidationFn }) =>
      setValidationFn(() => {
        const source = params.documentAST.loc?.source.body ?? '';
        return gate.admit(source, { introspects: introspects(knownOf(context).actor) }).errors;
      }),
    // Yoga answers those who accept nothing of what there is with an empty body, and would leave this error out.
    onResultProcess({ result, resultProcessor, setResultProcessor }) {
      if (resultProcessor || !('errors' in result)) return;
      const [error] = result.errors ?? [];
      if (error?.extensions.code !== requestTexts.STREAM_ONLY.code) return;
      setResultProcessor(
        (_result, { Response }) =>
          new Response(bodyOf(error.message, requestTexts.STREAM_ONLY.code), {
            status: 406,
            headers: { 'Content-Type': JSON_TYPE },
          }),
        'application/json',
      );
    },
    // What it took to make the answer ends here: how long somebody takes to read it is their own affair.
    onResponse({ serverContext }) {
      const { response, leave, known } = serverContext as unknown as Exchange;
      leave();
      const isStream = known?.actor.source === 'sse';
      response.setTimeout(slowReaderSeconds * 1_000 + (isStream ? STREAM_PAUSE_MS : 0), () =>
        response.destroy(),
      );
    },
  };
  const yoga = createYoga<Exchange>({
    schema,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    logging: false,
    batching: false,
    parserAndValidationCache: false,
    maxRequestBodySize: false,
    maskedErrors: { maskError: (error: unknown) => maskError(error), isDev: false },
    plugins: [
      useEngine({ execute: engine.execute as never, subscribe: streamsOnly(engine) as never }),
      throughTheGate as Plugin,
    ],
    context: (exchange: Exchange) => knownOf(exchange),
  } as never);
  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (incoming.method === 'POST' && !isJson(incoming)) return refuseType(response);
    // Read before there is a place for it: who sends slowly keeps nobody else waiting.
    const body = incoming.method === 'POST' ? await readBody(incoming, REQUEST_BYTES_MAX) : '';
    if (body === null) return refuseBody(response);
    const leave = await crowd.enter();
    if (!leave) return refuseForNow(incoming, response);
    try {
      await yoga(incoming, response, { incoming, response, body, leave });
    } finally {
      leave();
    }
  };
}

/** The parameters of a JSON body, which Yoga checks one by one. */
function parametersIn(body: string): GraphQLParams {
  let parameters: unknown;
  try {
    parameters = JSON.parse(body);
  } catch {
    throw badBody('The body is no JSON.');
  }
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw badBody('The body is one JSON object with `query`: operations are not batched.');
  return parameters as GraphQLParams;
}

const badBody = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });

/** Subscriptions for those who take a stream. Others are refused before anything is paid or opened. */
const streamsOnly =
  ({ subscribe }: Engine) =>
  (args: ExecutionArgs): ReturnType<Engine['subscribe']> => {
    const { actor } = args.contextValue as Context;
    if (actor.source === 'sse') return subscribe(args);
    const refusal = requestError('STREAM_ONLY', { data: { http: { status: 406 } } });
    return Promise.resolve({ errors: [inLanguage(refusal, actor.locale)] });
  };

/** True for subscriptions as server-sent events. Some clients accept these for whatever they ask. */
function opensStream(
  gate: Gate,
  { headers }: IncomingMessage,
  { query = '', operationName }: GraphQLParams,
): boolean {
  if (!acceptsStreams(headers.accept) || !/\bsubscription\b/.test(query)) return false;
  const { document } = gate.admit(query, { introspects: false });
  return (
    document !== undefined &&
    getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION
  );
}

/** Who names no type takes every one. */
const acceptsStreams = (accept: string | undefined): boolean =>
  (accept || '*/*')
    .split(',')
    .some((type) =>
      ['text/event-stream', 'text/*', '*/*'].includes(type.split(';')[0]?.trim().toLowerCase() ?? ''),
    );

/** Forms and plain text are what a foreign page may post without asking, so nothing else than JSON is executed. */
const isJson = (request: IncomingMessage): boolean =>
  /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');

const JSON_TYPE = 'application/json; charset=utf-8';

const bodyOf = (message: string, code: string): string =>
  JSON.stringify({ errors: [{ message, extensions: { code } }] });

/** Refuse a request of which nothing, or not all, was read: that makes its connection useless. */
function refuse(response: ServerResponse, status: number, code: string, message: string, headers = {}): void {
  response.writeHead(status, { 'Content-Type': JSON_TYPE, ...headers }).end(bodyOf(message, code));
}

/** For those whose body was not read. */
const closing = { Connection: 'close' };

const refuseType = (response: ServerResponse): void =>
  refuse(response, 415, 'BAD_REQUEST', 'Send JSON, with Content-Type: application/json.', closing);

const refuseBody = (response: ServerResponse): void =>
  refuse(response, 413, 'BAD_REQUEST', `A request has at most ${REQUEST_BYTES_MAX / 1024} KiB.`, closing);

/** The connection stays: new ones wait longest of all where there is too much to do. */
function refuseForNow({ headers }: IncomingMessage, response: ServerResponse): void {
  const message = requestTexts.OVERLOADED[localeOf(headers['accept-language']) ?? 'en'];
  refuse(response, 503, 'OVERLOADED', message, { 'Retry-After': String(RETRY_AFTER_S) });
}

const streams = new Set<ServerResponse>();

/** Cut every SSE stream, because the server stops: a proper end would tell clients not to come back. */
export const endStreams = (): void => {
  for (const response of streams) response.destroy();
};

/** Context of an HTTP request. Its stream, if it opens one, ends with the response, the credential or the server. */
async function contextOf(
  { source, locale }: RequestFacts,
  response: ServerResponse,
  authenticate: Parameters<typeof heldActor>[0],
): Promise<Context | GraphQLError> {
  const isStream = source === 'sse';
  const ending = new AbortController();
  // Nothing is under way once an answer that is no stream was sent whole, and an abort costs as much as a small answer.
  response.once('close', () => {
    if (isStream || !response.writableFinished) ending.abort();
  });
  if (response.destroyed) ending.abort();
  try {
    const actor = await (isStream ? heldActor(authenticate, ending) : authenticate());
    if (!actor)
      return inLanguage(
        requestError('CREDENTIAL_INVALID', { data: { http: { status: 401 } } }),
        locale ?? 'en',
      );
    if (isStream && !ending.signal.aborted) {
      streams.add(response);
      ending.signal.addEventListener('abort', () => streams.delete(response), { once: true });
    }
    return { actor, signal: ending.signal, extensions: {} };
  } catch (error) {
    return withStatus(maskError(error, locale ?? 'en'));
  }
}
