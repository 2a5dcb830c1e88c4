// Tells what happened while there was no connection from what happens now, and when all of it was told.

import { type FeedName, feeds } from './feeds.ts';

export interface CatchUp {
  /** The connection is back. Each feed then begins with a heartbeat, which has the server's time. */
  begin(lostAt: number): void;
  heartbeat(feed: FeedName, occurredAt: string): void;
  event(occurredAt: string): void;
  stop(): void;
}

/** With all feeds back and no older event for so long, what was missed has come. */
const QUIET_MS = 400;
const FEEDS = Object.keys(feeds).length;

/** Calls `done` once after each return with the number of events that were older than the return. */
export function makeCatchUp(done: (events: number, awayMs: number) => void): CatchUp {
  const returned = new Set<FeedName>();
  let mark = '';
  let count = 0;
  let awayMs = 0;
  let catching = false;
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(timer);
    if (returned.size < FEEDS) return;
    timer = setTimeout(() => {
      catching = false;
      done(count, awayMs);
    }, QUIET_MS);
  };
  return {
    begin(lostAt) {
      clearTimeout(timer);
      returned.clear();
      mark = '';
      // A connection that is lost again while it catches up goes on counting.
      if (!catching) count = 0;
      awayMs = Date.now() - lostAt;
      catching = true;
    },
    heartbeat(feed, occurredAt) {
      if (!catching || returned.has(feed)) return;
      returned.add(feed);
      if (occurredAt > mark) mark = occurredAt;
      wait();
    },
    event(occurredAt) {
      if (!catching || (mark !== '' && occurredAt > mark)) return;
      count++;
      wait();
    },
    stop: () => clearTimeout(timer),
  };
}
