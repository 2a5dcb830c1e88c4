// The doors: HTTP, SSE and WebSocket on one port, all through the same gate and the same execution.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { useEngine } from '@envelop/core';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import {
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  GraphQLError as RequestError,
} from 'graphql';
import { CloseCode } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { createYoga, type Plugin } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import type { Actor } from '../core/actor.ts';
import { newId } from '../core/ids.ts';
import { log } from '../core/log.ts';
import { StartupError } from '../core/startup-error.ts';
import { localeOf } from '../core/texts.ts';
import { type Gate, makeGate } from './admit.ts';
import type { Context } from './context.ts';
import { type HeldCredential, holdCredential } from './credentials.ts';
import { execute, maskError, subscribe } from './execute.ts';

/** What is known of a request before its credential is checked. */
export type RequestFacts = Pick<Actor, 'requestId' | 'source' | 'locale' | 'address' | 'userAgent'>;

/** Turns the credential of a request, or its absence, into an actor. Null refuses it. */
export type Authenticate = (credential: string | null, facts: RequestFacts) => Promise<Actor | null>;

/** Answers a path beside `/graphql`. False when the path is not its own. */
export type Route = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>;

export interface ServerOptions {
  schema: GraphQLSchema;
  authenticate: Authenticate;
  host: string;
  port: number;
  graphiql: boolean;
  introspection: boolean;
  routes: readonly Route[];
  /** False while the instance cannot serve; makes `/ready` answer 503. */
  isReady: () => Promise<boolean>;
}

export interface RunningServer {
  url: string;
  /** Refuse new work, finish what runs, then close what is open. */
  stop(): Promise<void>;
}

const BODY_BYTES_MAX = 256 * 1024;
const MESSAGE_BYTES_MAX = 256 * 1024;
const DRAIN_MS = 10_000;
const CLOSE_SLICE = 200;

/** Start serving. Throws StartupError when the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const gate = makeGate(options.schema, options);
  const yoga = makeYoga(options, gate);
  let draining = false;
  const server = createServer((request, response) => {
    if (draining) response.setHeader('Connection', 'close');
    respond(options, yoga, () => draining, request, response).catch((error: unknown) =>
      fail(response, error),
    );
  });
  server.keepAliveTimeout = 72_000;
  server.requestTimeout = 30_000;
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: MESSAGE_BYTES_MAX });
  const disposable = useServer(socketOptions(options, gate), sockets, 12_000);
  sockets.on('error', () => {});
  await listen(server, options.host, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    async stop() {
      draining = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await closeSockets(sockets);
      await disposable.dispose();
      endStreams();
      // A connection that was busy when the server closed turns idle once it is answered.
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
      clearInterval(idle);
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Exchange {
  incoming: IncomingMessage;
  response: ServerResponse;
}

function makeYoga({ schema, authenticate }: ServerOptions, gate: Gate) {
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
      const actor = await authenticated(authenticate, bearerOf(incoming), facts);
      return httpContext(actor, response);
    },
  } as never);
}

const streams = new Set<AbortController>();

const endStreams = (): void => {
  for (const stream of streams) stream.abort();
};

/** Context of an HTTP request. Its stream, if it opens one, ends with the response, the credential or the server. */
function httpContext(actor: Actor, response: ServerResponse): Context {
  const held = holdCredential(actor);
  const ending = new AbortController();
  streams.add(ending);
  response.once('close', () => ending.abort());
  held.signal.addEventListener('abort', () => ending.abort(held.signal.reason), { once: true });
  ending.signal.addEventListener('abort', () => release(held, ending), { once: true });
  return { actor, signal: ending.signal, extensions: {} };
}

function release(held: HeldCredential, stream: AbortController): void {
  held.release();
  streams.delete(stream);
}

interface SocketExtra extends Extra {
  context?: Context;
  held?: HeldCredential;
}

function socketOptions({ schema, authenticate }: ServerOptions, gate: Gate) {
  return {
    connectionInitWaitTimeout: 5_000,
    onConnect: async (connection: { connectionParams?: Record<string, unknown>; extra: SocketExtra }) => {
      const { request, socket } = connection.extra;
      const facts = factsOf(request, 'ws', connection.connectionParams?.acceptLanguage);
      const credential =
        connection.connectionParams?.authorization ?? connection.connectionParams?.Authorization;
      const token =
        credential === undefined || credential === null ? bearerOf(request) : tokenOf(String(credential));
      const actor = await authenticate(token, facts).catch((error: unknown) => {
        log.error({ error }, 'authentication failed');
        return null;
      });
      if (!actor) return false;
      const ending = new AbortController();
      const held = holdCredential(actor);
      socket.once('close', () => {
        held.release();
        ending.abort();
      });
      held.signal.addEventListener('abort', () => socket.close(CloseCode.Forbidden, 'Credential ended'), {
        once: true,
      });
      connection.extra.context = { actor, signal: ending.signal, extensions: {} };
      return true;
    },
    onSubscribe: (
      connection: { extra: SocketExtra },
      _id: string,
      payload: { query: string; operationName?: string | null; variables?: Record<string, unknown> | null },
    ) => {
      const { context } = connection.extra;
      const { document, errors } = gate.admit(payload.query);
      if (errors.length > 0 || !document || !context) return errors as GraphQLError[];
      if (!getOperationAST(document, payload.operationName)) {
        return [
          new RequestError('The document has no operation of this name.', {
            extensions: { code: 'BAD_REQUEST' },
          }),
        ];
      }
      const actor = { ...context.actor, requestId: newId() };
      return {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: { ...context, actor, extensions: {} } satisfies Context,
      };
    },
    execute,
    subscribe,
  } as unknown as Parameters<typeof useServer>[0];
}

async function authenticated(
  authenticate: Authenticate,
  credential: string | null,
  facts: RequestFacts,
): Promise<Actor> {
  const actor = await authenticate(credential, facts);
  if (actor) return actor;
  throw new RequestError('The session or key is not valid, or no longer.', {
    extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
  });
}

const factsOf = (request: IncomingMessage, source: string, language?: unknown): RequestFacts => ({
  requestId: newId(),
  source,
  locale: localeOf(typeof language === 'string' ? language : request.headers['accept-language']),
  address: request.socket.remoteAddress ?? null,
  userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
});

const bearerOf = (request: IncomingMessage): string | null =>
  request.headers.authorization ? tokenOf(request.headers.authorization) : null;

/** The token of `Bearer <token>`. Any other scheme is an empty token, which nobody has. */
const tokenOf = (authorization: string): string => /^Bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '';

async function respond(
  { graphiql, routes, isReady }: ServerOptions,
  yoga: ReturnType<typeof makeYoga>,
  draining: () => boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path === '/graphql') {
    if (request.method === 'GET' && graphiql && wantsPage(request)) return sendPage(response);
    if (request.method === 'POST' && !isJson(request))
      return sendText(response, 415, 'Send JSON, with Content-Type: application/json.');
    await yoga(request, response, { incoming: request, response });
    return;
  }
  if (path === '/live') return sendText(response, 200, 'live');
  if (path === '/ready') {
    const ready = !draining() && (await isReady());
    return sendText(response, ready ? 200 : 503, ready ? 'ready' : 'not ready');
  }
  for (const route of routes) if (await route(request, response, path)) return;
  if (path === '/' && graphiql) {
    response.writeHead(302, { Location: '/graphql' }).end();
    return;
  }
  sendText(response, 404, 'There is nothing here. The API is at /graphql.');
}

/** Forms and plain text are what a foreign page may post without asking, so nothing else than JSON is executed. */
const isJson = (request: IncomingMessage): boolean =>
  /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');

const wantsPage = (request: IncomingMessage): boolean =>
  (request.headers.accept ?? '').includes('text/html') && !/[?&]query=/.test(request.url ?? '');

let page: string | undefined;

function sendPage(response: ServerResponse): void {
  page ??= renderGraphiQL({ title: 'Dayshift', endpoint: '/graphql', subscriptionsProtocol: 'SSE' });
  response
    .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' })
    .end(page);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

function fail(response: ServerResponse, error: unknown): void {
  const { extensions } = maskError(error);
  if (!response.headersSent) sendText(response, 500, `Unexpected error ${extensions.errorId ?? ''}`);
  else response.destroy();
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new StartupError(
      `Port ${port} is in use by another program.`,
      `Stop it, or choose another port: PORT=${port + 1} npm start`,
    );
  }
  if (error.code === 'EACCES') {
    return new StartupError(
      `This user may not open port ${port}.`,
      'Choose a port above 1023: PORT=4000 npm start',
    );
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new StartupError(
      `This machine has no address ${host}.`,
      'Set HOST to an address of this machine, or leave it out.',
    );
  }
  return error;
}

/** Close sockets with a code on which clients connect again, in slices so that they do not come back all at once. */
async function closeSockets(server: WebSocketServer): Promise<void> {
  const clients = [...server.clients];
  for (let from = 0; from < clients.length; from += CLOSE_SLICE) {
    for (const client of clients.slice(from, from + CLOSE_SLICE)) client.close(1012, 'Restarting');
    if (from + CLOSE_SLICE < clients.length) await sleep(50);
  }
}
