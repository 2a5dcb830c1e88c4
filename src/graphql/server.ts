// The doors: HTTP, SSE and WebSocket on one port, all through the same gate and the same execution.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { ExecutionArgs, GraphQLSchema } from 'graphql';
import type { Route } from '../core/http-answer.ts';
import { StartupError } from '../core/startup-error.ts';
import { now } from '../core/time.ts';
import { makeGate } from './admit.ts';
import type { Context } from './context.ts';
import { maskError, RETRY_AFTER_S } from './execute/answer.ts';
import { deprecatedIn, type OnDeprecated } from './execute/deprecated.ts';
import { makeEngine } from './execute.ts';
import { type Door, type Introspection, introspectors } from './server/door.ts';
import { endStreams, makeHttpDoor } from './server/http.ts';
import { type AllowedOrigins, answerOrigin } from './server/origins.ts';
import type { Authenticate } from './server/request.ts';
import { openSockets } from './server/sockets.ts';
import type { Buckets, Budget } from './toll/budget.ts';
import { makeCrowd, noCrowd } from './toll/shed.ts';

export interface ServerOptions {
  schema: GraphQLSchema;
  authenticate: Authenticate;
  host: string;
  port: number;
  graphiql: boolean;
  introspection: Introspection;
  /** What each caller may ask for over time, and where that is kept. */
  budget: Budget;
  buckets: Buckets;
  /** Hears of deprecated parts of the schema that somebody uses. */
  onDeprecated: OnDeprecated;
  /** Origins of web pages that may call from a browser, beside the server's own. */
  allowedOrigins: AllowedOrigins;
  /** Seconds for which a connection may leave untaken what was sent. */
  slowReaderSeconds: number;
  /** Send operations away that would not be answered in good time. */
  shedding: boolean;
  routes: readonly Route[];
  /** False while the instance cannot serve; makes `/ready` answer 503. */
  isReady: () => Promise<boolean>;
}

export interface RunningServer {
  url: string;
  /** Refuse new work, finish what runs, then close what is open. */
  stop(): Promise<void>;
}

const DRAIN_MS = 10_000;
const GRACE_MS = 250;

/** Start serving. Throws StartupError when the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const door = makeDoor(options);
  const answer = makeHttpDoor(door, options);
  let draining = false;
  const server = createServer({ connectionsCheckingInterval: 2_000 }, (request, response) => {
    if (draining) response.setHeader('Connection', 'close');
    respond(options, answer, () => draining, request, response).catch((error: unknown) => {
      const hungUp = request.destroyed && !request.complete;
      if (hungUp) response.destroy();
      else fail(response, error);
    });
  });
  server.keepAliveTimeout = 72_000;
  // Who sends a request byte by byte holds a connection, and nothing else, for so long.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  const closeSockets = openSockets(server, door, options);
  await listen(server, options.host, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    async stop() {
      draining = true;
      // Closing drops connections that are open but have not sent their request yet: those get a moment to do so.
      await sleep(GRACE_MS);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await closeSockets();
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

function makeDoor({
  schema,
  authenticate,
  introspection,
  budget,
  buckets,
  shedding,
  onDeprecated,
}: ServerOptions): Door {
  const introspects = introspectors(introspection);
  const deprecated = deprecatedIn(schema);
  const watch = (args: ExecutionArgs) => {
    const used = deprecated(args);
    if (used.length > 0) onDeprecated((args.contextValue as Context).actor, used, now());
  };
  return {
    schema,
    authenticate,
    introspects,
    gate: makeGate(schema),
    engine: makeEngine({ toll: { budget, buckets }, introspects, watch }),
    crowd: shedding ? makeCrowd() : noCrowd,
  };
}

async function respond(
  { graphiql, routes, isReady, allowedOrigins }: ServerOptions,
  answer: ReturnType<typeof makeHttpDoor>,
  draining: () => boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (answerOrigin(request, response, allowedOrigins)) return;
  if (path === '/graphql') {
    if (request.method === 'GET' && graphiql && wantsPage(request)) return sendPage(response);
    return answer(request, response);
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
  const { extensions, message } = maskError(error);
  if (response.headersSent) response.destroy();
  else if (extensions.code === 'OVERLOADED') {
    response.setHeader('Retry-After', String(RETRY_AFTER_S));
    sendText(response, 503, message);
  } else sendText(response, 500, `Unexpected error ${extensions.errorId ?? ''}`);
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
