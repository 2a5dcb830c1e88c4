// One live operation as a test sees it: what came, what comes next, how it ended. Over WebSocket and over SSE.

import type { GraphQLFormattedError } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient, type Client as SocketClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface Closing {
  code: number;
  reason: string;
}

/** Results of one subscription in their order. */
export interface Stream<Data> {
  /** Every item that came, also those that `next` has passed. */
  readonly items: readonly Data[];
  /** Errors that came with items or ended the operation. */
  readonly errors: readonly GraphQLFormattedError[];
  /** Wait for the next item that fulfils the predicate, passing over others. Fails when the operation ends or errs before. */
  next(predicate?: (item: Data) => boolean, timeoutMs?: number): Promise<Data>;
  /** Settles when the server or `close` ended the operation, with the errors that ended it. */
  readonly ended: Promise<readonly GraphQLFormattedError[]>;
  /** Settles when the connection is gone. An SSE stream that is gone has code 0. */
  readonly closed: Promise<Closing>;
  close(): Promise<void>;
}

export interface Door {
  url: string;
  wsUrl: string;
  token: string | null;
  language?: string | undefined;
}

interface Operation {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

interface Result {
  data?: unknown;
  errors?: readonly GraphQLFormattedError[] | undefined;
}

const open = new Set<Stream<never>>();

/** Close every stream that a test left open. */
export async function closeStreams(): Promise<void> {
  for (const stream of [...open]) await stream.close();
}

/** Subscribe over a WebSocket of its own. */
export function openSocketStream<Data>(door: Door, operation: Operation): Stream<Data> {
  const closed = Promise.withResolvers<Closing>();
  const client: SocketClient = createSocketClient({
    url: door.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: {
      ...(door.token === null ? {} : { authorization: `Bearer ${door.token}` }),
      ...(door.language ? { acceptLanguage: door.language } : {}),
    },
    on: {
      closed: (event) => closed.resolve({ code: (event as Closing).code, reason: (event as Closing).reason }),
    },
  });
  return makeStream<Data>(closed, (sink) => {
    client.subscribe(operation, sink as Parameters<SocketClient['subscribe']>[1]);
    return () => client.dispose();
  });
}

/** Subscribe over SSE, a request of its own. */
export function openSseStream<Data>(door: Door, operation: Operation): Stream<Data> {
  const closed = Promise.withResolvers<Closing>();
  const client = createSseClient({
    url: door.url,
    retryAttempts: 0,
    headers: {
      ...(door.token === null ? {} : { authorization: `Bearer ${door.token}` }),
      ...(door.language ? { 'accept-language': door.language } : {}),
    },
  });
  return makeStream<Data>(closed, (sink) => {
    const finish = () => closed.resolve({ code: 0, reason: '' });
    const stop = client.subscribe(operation, {
      next: (result) => sink.next(result as Result),
      error: (error) => {
        sink.error(error);
        finish();
      },
      complete: () => {
        sink.complete();
        finish();
      },
    });
    return () => {
      stop();
      client.dispose();
    };
  });
}

interface Sink {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

interface Waiter<Data> {
  predicate: (item: Data) => boolean;
  resolve(item: Data): void;
  reject(error: Error): void;
}

function makeStream<Data>(
  closed: PromiseWithResolvers<Closing>,
  start: (sink: Sink) => () => unknown,
): Stream<Data> {
  const items: Data[] = [];
  const errors: GraphQLFormattedError[] = [];
  const ended = Promise.withResolvers<readonly GraphQLFormattedError[]>();
  let passed = 0;
  let waiter: Waiter<Data> | null = null;
  let over: string | null = null;

  const serve = () => {
    while (waiter && passed < items.length) {
      const item = items[passed++] as Data;
      if (waiter.predicate(item)) waiter.resolve(item);
    }
    if (waiter && over !== null) waiter.reject(new Error(over));
  };
  const fail = (found: readonly GraphQLFormattedError[]) => {
    errors.push(...found);
    over = `the stream failed: ${JSON.stringify(found)}`;
    serve();
  };
  const stop = start({
    next(result) {
      if (result.errors?.length) fail(result.errors);
      else items.push(result.data as Data);
      serve();
    },
    error(error) {
      fail(errorsOf(error));
      ended.resolve(errors);
    },
    complete() {
      over ??= 'the stream ended';
      serve();
      ended.resolve(errors);
    },
  });
  const stream: Stream<Data> = {
    items,
    errors,
    ended: ended.promise,
    closed: closed.promise,
    next: (predicate = () => true, timeoutMs = 5_000) =>
      new Promise<Data>((resolve, reject) => {
        const settle = (finish: () => void) => {
          waiter = null;
          clearTimeout(timer);
          finish();
        };
        const timer = setTimeout(
          () =>
            settle(() =>
              reject(
                new Error(
                  `no such item came in ${timeoutMs} ms; ${items.length} came: ${JSON.stringify(items.slice(-5))}`,
                ),
              ),
            ),
          timeoutMs,
        );
        waiter = {
          predicate,
          resolve: (item) => settle(() => resolve(item)),
          reject: (error) => settle(() => reject(error)),
        };
        serve();
      }),
    async close() {
      open.delete(stream as Stream<never>);
      await stop();
    },
  };
  open.add(stream as Stream<never>);
  return stream;
}

/** What a client library calls an error: a list of GraphQL errors, a closing of the connection, or a network error. */
function errorsOf(error: unknown): readonly GraphQLFormattedError[] {
  if (Array.isArray(error)) return error as GraphQLFormattedError[];
  const { code, reason, message } = error as { code?: number; reason?: string; message?: string };
  return [{ message: reason ?? message ?? String(error), extensions: { code: code ?? 'NETWORK' } }];
}
