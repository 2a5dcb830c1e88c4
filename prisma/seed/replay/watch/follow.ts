// Follows the feeds over one graphql-ws connection, for ever: lost connections are resumed from the last cursor.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type CatchUp, makeCatchUp } from './catch-up.ts';
import {
  type Board,
  boardSubscription,
  type FeedName,
  feeds,
  type OrderItem,
  type ShipmentItem,
  type StockItem,
  startQuery,
} from './feeds.ts';

export interface FollowOptions {
  /** `ws://host:port/graphql` */
  url: string;
  token: string;
  language?: string | undefined;
}

/** What the follower tells. Events of one feed come in their order, each once. */
export interface Sink {
  order(item: OrderItem): void;
  shipment(item: ShipmentItem): void;
  stock(item: StockItem): void;
  board(board: Board): void;
  /** There is no connection: not yet, or not any more. Told once until there is one. */
  lost(was: 'OPEN' | 'NEVER', why: string): void;
  /** The connection is there again, and so many events that happened meanwhile were told. */
  back(caughtUp: number, awayMs: number): void;
  /** The feed cannot be continued from where it was; the board was read anew and the feeds go on from there. */
  resynced(): void;
}

export interface Follower {
  /** Settles when following ended: after `close`, or with an error that trying again cannot mend. */
  readonly ended: Promise<void>;
  /** Ask something over the same connection. */
  ask<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
  close(): Promise<void>;
}

/** An end that trying again cannot mend: the login is not accepted, or the server does not know what is asked for. */
class FollowError extends Error {
  override readonly name = 'FollowError';
}

/** What the API says where asking again gets the same answer. Anything else, like INTERNAL, may pass. */
const hopeless = new Set(['BAD_REQUEST', 'BAD_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED']);
const LOGIN_ENDED = 'The login is not accepted, or not any more.';

const KEEP_ALIVE_MS = 10_000;
const PONG_MS = 5_000;
const RETRY_MAX_MS = 5_000;
const REOPEN_MS = 1_000;
/** A login may be refused while the server's database is away; so often in a row it is not. */
const REFUSALS_MAX = 5;

export function follow(options: FollowOptions, sink: Sink): Follower {
  const ending = Promise.withResolvers<void>();
  const closing = new AbortController();
  const catchUp = makeCatchUp(sink.back);
  const fail = (error: unknown) =>
    ending.reject(error instanceof Error ? error : new FollowError(String(error)));
  const client = connect(options, sink, catchUp, closing.signal);
  const ask = <Data>(query: string, variables: Record<string, unknown> = {}) =>
    askOnce<Data>(client, query, variables);
  const start = startingPoint(ask, sink, closing.signal);

  const follower: Follower = {
    ended: ending.promise,
    ask,
    async close() {
      closing.abort();
      catchUp.stop();
      // Rejects where it is connecting just now and cannot.
      await Promise.resolve(client.dispose()).catch(() => {});
      ending.resolve();
    },
  };
  start
    .first()
    .then((cursor) => {
      const watch = <Item>(feed: FeedName, tell: (item: Item) => void) =>
        keepFeed<Item>({ client, feed, tell, start, catchUp, signal: closing.signal, fail }, cursor);
      watch('orderEvents', sink.order);
      watch('shipmentEvents', sink.shipment);
      watch('stockEvents', sink.stock);
      keepOpen(client, { query: boardSubscription }, closing.signal, {
        next: (data) => sink.board((data as { boardUpdates: Board }).boardUpdates),
        fail,
      });
    })
    .catch(fail);
  return follower;
}

/** The connection: kept alive, found dead when it is, tried again for ever. */
function connect(options: FollowOptions, sink: Sink, catchUp: CatchUp, closing: AbortSignal): Client {
  let state: 'NEVER' | 'OPEN' | 'LOST' = 'NEVER';
  let told = false;
  let lostAt = 0;
  let refusals = 0;
  let pongTimer: NodeJS.Timeout | undefined;
  const lose = (why: string) => {
    clearTimeout(pongTimer);
    if (closing.aborted || told) return;
    told = true;
    lostAt = Date.now();
    sink.lost(state === 'NEVER' ? 'NEVER' : 'OPEN', why);
    if (state === 'OPEN') state = 'LOST';
  };
  const client = createClient({
    url: options.url,
    webSocketImpl: WebSocket,
    connectionParams: {
      authorization: `Bearer ${options.token}`,
      ...(options.language ? { acceptLanguage: options.language } : {}),
    },
    keepAlive: KEEP_ALIVE_MS,
    // Between the first question and the feeds nothing is open: the connection stays for them.
    lazyCloseTimeout: REOPEN_MS,
    connectionAckWaitTimeout: 10_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (problem) => (isForbidden(problem) ? ++refusals < REFUSALS_MAX : true),
    retryWait: (retries) => {
      const pause = Math.min(RETRY_MAX_MS, 200 * 2 ** Math.min(retries, 6)) * (0.5 + Math.random() / 2);
      return sleep(pause, undefined, { signal: closing }).catch(() => {});
    },
    on: {
      connected: () => {
        if (state === 'LOST') catchUp.begin(lostAt);
        state = 'OPEN';
        told = false;
        refusals = 0;
      },
      closed: (event) => lose(closeReason(event)),
      error: (error) => lose((error as Error).message || 'no answer'),
      // A connection that is half open looks like a quiet one: without a pong it is given up.
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => client.terminate(), PONG_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
    },
  });
  return client;
}

const isForbidden = (problem: unknown): boolean => {
  const { code } = problem as { code?: unknown };
  return code === 4401 || code === 4403;
};

function closeReason(event: unknown): string {
  const { code, reason } = event as { code?: number; reason?: string };
  return reason || (code === 1006 || code === undefined ? 'cut' : `code ${code}`);
}

interface StartingPoint {
  first(): Promise<string>;
  /** A new point, because the old one is out of reach; the same one for feeds that ask at the same time. */
  again(): Promise<string>;
}

function startingPoint(ask: Follower['ask'], sink: Sink, closing: AbortSignal): StartingPoint {
  const read = async (): Promise<string> => {
    try {
      const { eventCursor, board } = await ask<{ eventCursor: string; board: Board }>(startQuery);
      sink.board(board);
      return eventCursor;
    } catch (error) {
      if (error instanceof FollowError || closing.aborted) throw error;
      await sleep(REOPEN_MS);
      return read();
    }
  };
  let renewed: { at: number; cursor: Promise<string> } | null = null;
  return {
    first: read,
    again() {
      if (!renewed || Date.now() - renewed.at > REOPEN_MS) {
        renewed = { at: Date.now(), cursor: read() };
        renewed.cursor.then(sink.resynced, () => {});
      }
      return renewed.cursor;
    },
  };
}

interface Feed<Item> {
  client: Client;
  feed: FeedName;
  tell: (item: Item) => void;
  start: StartingPoint;
  catchUp: CatchUp;
  signal: AbortSignal;
  fail: (error: unknown) => void;
}

/**
 * Keep one feed running. There is one `variables` object for the whole life of the feed: graphql-ws sends the payload
 * that it was given once more when it reconnects, and finds the cursor of the last item in it.
 */
function keepFeed<Item>(
  { client, feed, tell, start, catchUp, signal, fail }: Feed<Item>,
  cursor: string,
): void {
  const variables = { after: cursor };
  keepOpen(client, { query: feeds[feed], variables }, signal, {
    next(data) {
      const item = (data as Record<string, Item & (OrderItem | ShipmentItem | StockItem)>)[feed];
      if (!item) return;
      variables.after = item.cursor;
      if (item.type === 'heartbeat') return catchUp.heartbeat(feed, item.occurredAt);
      catchUp.event(item.occurredAt);
      tell(item);
    },
    async resync() {
      variables.after = await start.again();
    },
    fail,
  });
}

interface OperationSink {
  next(data: unknown): void;
  /** Called on RESYNC_REQUIRED; the operation is opened again when this settles. */
  resync?(): Promise<void>;
  fail(error: unknown): void;
}

type Errors = readonly { message: string; extensions?: { code?: unknown } }[];

const codesOf = (errors: Errors): string[] =>
  errors.map(({ extensions, message }) => String(extensions?.code ?? message));

/** Subscribe, and subscribe again when the operation ends, until the signal fires. */
function keepOpen(
  client: Client,
  payload: { query: string; variables?: Record<string, unknown> },
  signal: AbortSignal,
  sink: OperationSink,
): void {
  const open = () => {
    let codes: string[] = [];
    const again = () => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) return;
      if (codes.some((code) => hopeless.has(code)))
        return sink.fail(new FollowError(`Refused: ${codes.join(', ')}`));
      const ready = codes.includes('RESYNC_REQUIRED') && sink.resync ? sink.resync() : sleep(REOPEN_MS);
      ready.then(open, sink.fail);
    };
    const stop = client.subscribe(payload, {
      // An item may come with an error in one of its fields; without an item the operation has failed.
      next: ({ data, errors }) => {
        if (Object.values(data ?? {}).some((item) => item !== null)) sink.next(data);
        else codes = codesOf(errors ?? []);
      },
      error: (error) => {
        if (isForbidden(error)) return sink.fail(new FollowError(LOGIN_ENDED));
        if (Array.isArray(error)) codes = codesOf(error as Errors);
        again();
      },
      complete: again,
    });
    signal.addEventListener('abort', stop, { once: true });
  };
  if (!signal.aborted) open();
}

/** The answer to a question. Rejects with a FollowError where asking again is of no use. */
function askOnce<Data>(client: Client, query: string, variables: Record<string, unknown>): Promise<Data> {
  return new Promise((resolve, reject) => {
    const refuse = (errors: Errors) => {
      const words = errors.map(({ message }) => message).join('; ');
      reject(codesOf(errors).some((code) => hopeless.has(code)) ? new FollowError(words) : new Error(words));
    };
    client.subscribe(
      { query, variables },
      {
        next: ({ data, errors }) => (errors?.length || !data ? refuse(errors ?? []) : resolve(data as Data)),
        error: (error) => {
          if (isForbidden(error)) reject(new FollowError(LOGIN_ENDED));
          else if (Array.isArray(error)) refuse(error as Errors);
          else reject(new Error(closeReason(error)));
        },
        complete: () => reject(new Error('The question was not answered.')),
      },
    );
  });
}
