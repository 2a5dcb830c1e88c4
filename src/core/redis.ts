// Redis, where there is one: shared counters and wake-ups. Whatever uses it goes on without it, and is told to.

import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { log } from './log.ts';
import { defineGauge } from './metrics.ts';

const CONNECT_MS = 2_000;
const COMMAND_MS = 500;
const CHECK_MS = 1_000;
const RECONNECT_MS_MAX = 2_000;

interface State {
  commands: Redis;
  subscriber: Redis;
  /** True while Redis answers. */
  isUp: boolean;
  checking: NodeJS.Timeout;
}

let state: State | null = null;

defineGauge('redis_up', 'Whether Redis answers: 1, else 0. Left out where none is configured.', [], () =>
  state ? [{ value: Number(state.isUp) }] : [],
);

/** What somebody wants to hear on a channel. */
interface Listener {
  message(): void;
  /** Called when messages begin to arrive. Returns what is called when they no longer do. */
  connected(): () => void;
}

interface Listening extends Listener {
  lost: (() => void) | null;
}

const listeners = new Map<string, Listening>();

/**
 * Connect for commands and for messages. Returns after two seconds at most, whether Redis answers or not: it is looked
 * for as long as this process lives, and that it is lost or found is logged once.
 */
export async function openRedis(url: string): Promise<void> {
  const commands = client(url, { commandTimeout: COMMAND_MS });
  const subscriber = client(url, { autoResubscribe: false });
  const open: State = {
    commands,
    subscriber,
    isUp: false,
    checking: setInterval(() => void check(open), CHECK_MS).unref(),
  };
  state = open;
  for (const connection of [commands, subscriber]) {
    connection.on('ready', () => void check(open));
    connection.on('close', () => down(open));
  }
  subscriber.on('message', (channel) => listeners.get(channel)?.message());
  for (const [name, lua] of scripts) commands.defineCommand(name, { lua });
  const connecting = Promise.all([commands.connect(), subscriber.connect()]).then(() => check(open));
  await Promise.race([connecting.catch(() => {}), sleep(CONNECT_MS, undefined, { ref: false })]);
  if (!open.isUp) log.warn('Redis does not answer: every instance counts for itself until it does');
}

const client = (url: string, options: object): Redis =>
  new Redis(url, {
    connectTimeout: CONNECT_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(RECONNECT_MS_MAX, 100 * times),
    lazyConnect: true,
    ...options,
    // Every failure has an event of its own; without a listener it would be printed.
  }).on('error', (error) => log.debug({ error }, 'a connection to Redis failed'));

export async function closeRedis(): Promise<void> {
  const closing = state;
  state = null;
  if (!closing) return;
  clearInterval(closing.checking);
  down(closing, 'closing');
  closing.commands.disconnect();
  closing.subscriber.disconnect();
}

/** The connection for commands while Redis answers; null when there is none, and whoever asks does without. */
export const redis = (): Redis | null => (state?.isUp ? state.commands : null);

/** Ask whether Redis answers: it may hang without closing anything. */
async function check(open: State): Promise<void> {
  try {
    await open.commands.ping();
    if (open.isUp || open !== state) return;
    if (listeners.size > 0) await open.subscriber.subscribe(...listeners.keys());
    up(open);
  } catch {
    down(open);
  }
}

function up(open: State): void {
  if (open.isUp || open !== state) return;
  open.isUp = true;
  log.info('Redis answers');
  for (const listening of listeners.values()) listening.lost ??= listening.connected();
}

function down(open: State, why: 'lost' | 'closing' = 'lost'): void {
  if (!open.isUp) return;
  open.isUp = false;
  if (why === 'lost') log.warn('Redis was lost: every instance counts for itself until it answers again');
  for (const listening of listeners.values()) {
    listening.lost?.();
    listening.lost = null;
  }
}

/** Hear the messages of a channel, as far as there is a Redis. Returns the function that ends it. */
export function onRedis(channel: string, listener: Listener): () => void {
  const listening: Listening = { ...listener, lost: null };
  listeners.set(channel, listening);
  const open = state;
  if (open?.isUp) {
    open.subscriber.subscribe(channel).then(
      () => {
        if (open.isUp) listening.lost ??= listening.connected();
      },
      () => down(open),
    );
  }
  return () => {
    listeners.delete(channel);
    listening.lost?.();
    if (state?.isUp) state.subscriber.unsubscribe(channel).catch(() => {});
  };
}

/** Tell everybody who hears the channel, if Redis answers. Nobody may rely on it. */
export function publish(channel: string): void {
  redis()
    ?.publish(channel, '')
    .catch(() => {});
}

const scripts = new Map<string, string>();

/** Runs in Redis as one step. Undefined where Redis does not answer: the caller does without. */
export type Script = (keys: readonly string[], values: readonly (string | number)[]) => Promise<unknown>;

/** Define a Lua script by a name of its own. What it returns must not be nil, which would say that Redis is not there. */
export function defineScript(name: string, lua: string): Script {
  scripts.set(name, lua);
  state?.commands.defineCommand(name, { lua });
  return async (keys, values) => {
    const commands = redis() as unknown as Record<string, (...args: unknown[]) => Promise<unknown>> | null;
    if (!commands?.[name]) return undefined;
    try {
      return (await commands[name](keys.length, ...keys, ...values)) ?? undefined;
    } catch (error) {
      if ((error as Error).name === 'ReplyError')
        log.error({ error, script: name }, 'a script of Redis failed');
      return undefined;
    }
  };
}
