// The door for WebSockets: graphql-ws behind our gate.

import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocket, WebSocketServer } from 'ws';
import { newId } from '../../core/ids.ts';
import { log } from '../../core/log.ts';
import type { Context, Line } from '../context.ts';
import { inLanguage, requestError } from '../request-errors.ts';
import { countOpen, socketPlaces } from '../toll/open-streams.ts';
import { credentialEnded, heldActor } from './credentials.ts';
import { type Door, REQUEST_BYTES_MAX } from './door.ts';
import { sendFrame } from './frames.ts';
import { type AllowedOrigins, isOriginAllowed } from './origins.ts';
import { bearerOf, factsOf, tokenOf } from './request.ts';
import { closeStalled, TRY_AGAIN_LATER } from './stalled.ts';

const CLOSE_SLICE = 200;
const CLOSING_MS = 1_000;

/** Accept WebSockets on `/graphql` of a server. Returns the function that closes them all. */
export function openSockets(
  server: Server,
  door: Door,
  { allowedOrigins, slowReaderSeconds }: { allowedOrigins: AllowedOrigins; slowReaderSeconds: number },
): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: REQUEST_BYTES_MAX });
  const disposable = useServer(socketOptions(door), sockets, 12_000);
  sockets.on('connection', (socket) => {
    socket.once('close', countOpen('sockets'));
    // The library prints what clients do wrong, and anybody may be one.
    socket.removeAllListeners('error').on('error', (error) => log.debug({ error }, 'a WebSocket broke'));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    // Of an upgrade with a body Node hands out a stream around the socket, on which frames of two writers could mix.
    if (socket !== request.socket) return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    if ((request.url ?? '').split('?')[0] !== '/graphql') return socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    // Browsers ask nobody before they open a WebSocket to another origin: the server has to look.
    if (!isOriginAllowed(request, allowedOrigins)) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });
  const endWatch = closeStalled(sockets.clients, slowReaderSeconds);
  return async () => {
    endWatch();
    await closeSockets(sockets);
    await disposable.dispose();
  };
}

interface SocketExtra extends Extra {
  context?: Context;
}

/** Close with a code on which clients come back with a new credential; cut the line of those that do not answer. */
function endSocket(socket: Extra['socket']): void {
  socket.close(CloseCode.Forbidden, 'Credential ended');
  setTimeout(() => (socket as WebSocket).terminate(), CLOSING_MS).unref();
}

function socketOptions({ schema, gate, engine, crowd, authenticate, introspects }: Door) {
  return {
    connectionInitWaitTimeout: 5_000,
    onConnect: async (connection: { connectionParams?: Record<string, unknown>; extra: SocketExtra }) => {
      const { request, socket } = connection.extra;
      const facts = factsOf(request, 'ws', connection.connectionParams?.acceptLanguage);
      const credential =
        connection.connectionParams?.authorization ?? connection.connectionParams?.Authorization;
      const token =
        credential === undefined || credential === null ? bearerOf(request) : tokenOf(String(credential));
      const ending = new AbortController();
      socket.once('close', () => ending.abort());
      const actor = await heldActor(() => authenticate(token, facts), ending).catch((error: unknown) => {
        log.error({ error }, 'authentication failed');
        socket.close(TRY_AGAIN_LATER, 'Try again later');
        return null;
      });
      if (!actor || ending.signal.aborted) {
        socket.close(CloseCode.Unauthorized, 'Log in again');
        return false;
      }
      const leave = socketPlaces.take(actor);
      if (!leave) {
        socket.close(TRY_AGAIN_LATER, `At most ${socketPlaces.max} sockets at once`);
        return false;
      }
      socket.once('close', leave);
      ending.signal.addEventListener('abort', () => endSocket(socket), { once: true });
      connection.extra.context = { actor, signal: ending.signal, extensions: {} };
      return true;
    },
    onSubscribe: (
      connection: { extra: SocketExtra },
      id: string,
      payload: { query: string; operationName?: string | null; variables?: Record<string, unknown> | null },
    ) => {
      const { context } = connection.extra;
      // A client that does not answer the closing handshake may still send.
      if (!context || context.signal.aborted)
        return [inLanguage(credentialEnded(), context?.actor.locale ?? 'en')];
      const { document, errors } = gate.admit(payload.query, { introspects: introspects(context.actor) });
      if (errors.length > 0 || !document) return errors as GraphQLError[];
      if (!getOperationAST(document, payload.operationName)) {
        return [
          new GraphQLError('The document has no operation of this name.', {
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
        contextValue: {
          ...context,
          actor,
          extensions: {},
          line: lineTo(connection.extra, id),
        } satisfies Context,
      };
    },
    async execute(args: ExecutionArgs) {
      const leave = await crowd.enter();
      const { actor } = args.contextValue as Context;
      if (!leave) return { errors: [inLanguage(requestError('OVERLOADED'), actor.locale)] };
      return engine.execute(args).finally(leave);
    },
    subscribe: engine.subscribe,
  } as unknown as Parameters<typeof useServer>[0];
}

/** Messages of an operation as graphql-ws writes them: the end of each is the same for all who take it. */
function lineTo({ socket, request }: Extra, id: string): Line {
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  const isOpen = () => (socket as WebSocket).readyState === WebSocket.OPEN;
  return {
    send: (rest) => isOpen() && sendFrame(request.socket, head, rest),
    waiting: () => request.socket.writableLength,
  };
}

/** Close sockets with a code on which clients connect again, in slices so that they do not come back all at once. */
async function closeSockets(server: WebSocketServer): Promise<void> {
  const clients = [...server.clients];
  for (let from = 0; from < clients.length; from += CLOSE_SLICE) {
    for (const client of clients.slice(from, from + CLOSE_SLICE)) client.close(1012, 'Restarting');
    if (from + CLOSE_SLICE < clients.length) await sleep(50);
  }
}
