// Wake-ups between instances: whoever moved events into the log tells the others, through Redis where it answers, else
// by the NOTIFY of the database. They only shorten the wait: every read goes by position, so one lost costs one poll.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { log } from './log.ts';
import { onRedis, publish } from './redis.ts';

const CHANNEL = 'dayshift_events';
const AGAIN_MS = 500;

export interface RelayWakes {
  /** Tell the other instances that there are new events. */
  tell(): void;
  stop(): Promise<void>;
}

/** Call `wake` whenever an instance on this database has relayed. */
export function wakesOf(options: { directUrl: string; epoch: string; wake: () => void }): RelayWakes {
  const channel = `dayshift:${options.epoch}:events`;
  const stopping = new AbortController();
  let cut = () => {};
  /** Settles when Redis is lost, and while it is there nobody listens to the database. */
  let withoutRedis = Promise.resolve();
  const leave = onRedis(channel, {
    message: options.wake,
    connected: () => {
      const lost = Promise.withResolvers<void>();
      withoutRedis = lost.promise;
      cut();
      return () => lost.resolve();
    },
  });
  const listening = listen();

  async function listen(): Promise<void> {
    while (!stopping.signal.aborted) {
      await withoutRedis;
      if (!stopping.signal.aborted) await listenOnce();
      if (!stopping.signal.aborted) await sleep(AGAIN_MS);
    }
  }

  async function listenOnce(): Promise<void> {
    const client = new pg.Client({
      connectionString: options.directUrl,
      application_name: 'dayshift-listen',
      keepAlive: true,
    });
    const ended = new Promise<void>((resolve) => {
      client.on('end', resolve);
      client.on('error', () => resolve());
      cut = resolve;
    });
    client.on('notification', options.wake);
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      await ended;
    } catch (error) {
      if (!stopping.signal.aborted) log.debug({ error }, 'listening for events failed; polling goes on');
    }
    await client.end().catch(() => {});
  }

  return {
    tell: () => publish(channel),
    async stop() {
      stopping.abort();
      leave();
      cut();
      await listening;
    },
  };
}
