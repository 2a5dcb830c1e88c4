// How many operations run at once: as many as are answered in good time. Others wait a moment for a place, and are sent
// away when none comes free, because a server that takes everything answers nobody.

import { defineCounter } from '../../core/metrics.ts';

/** Milliseconds beyond which an answer takes too long. */
const GOOD_MS = 300;
/** Milliseconds that somebody waits for a place. */
const WAIT_MS = 500;
const AT_ONCE_MIN = 8;
const AT_ONCE_MAX = 1_000;
const AT_ONCE_START = 32;
/** So much of the limit is left when answers take too long; it grows by one for each limit's worth of good ones. */
const BACK_OFF = 0.75;

const sentAway = defineCounter(
  'shed_total',
  'Operations that were sent away because too much was asked at once.',
);

/** Says that work ended, and gives its place to the next. */
export type Leave = () => void;

export interface Crowd {
  /** A place for work; null for those who have to come back later. */
  enter(): Promise<Leave | null>;
}

/** Everybody is let in. */
export const noCrowd: Crowd = { enter: async () => () => {} };

/** A limit that follows what the server can do: additive increase, multiplicative decrease, as TCP does it. */
export function makeCrowd(clock: () => number = () => performance.now()): Crowd {
  let limit = AT_ONCE_START;
  let running = 0;
  let backedOffAt = Number.NEGATIVE_INFINITY;
  const waiting = new Set<(leave: Leave) => void>();

  const follow = (milliseconds: number, at: number) => {
    if (milliseconds <= GOOD_MS) limit = Math.min(AT_ONCE_MAX, limit + 1 / limit);
    else if (at - backedOffAt > GOOD_MS) {
      // Those that run already were let in under the old limit: they back off once.
      backedOffAt = at;
      limit = Math.max(AT_ONCE_MIN, Math.floor(limit * BACK_OFF));
    }
  };
  const begin = (): Leave => {
    running++;
    const began = clock();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      // Few at once that take long are long ones: the limit has nothing to do with it.
      if (running >= limit / 2) follow(clock() - began, clock());
      running--;
      for (const take of waiting) {
        if (running >= Math.floor(limit)) break;
        waiting.delete(take);
        take(begin());
      }
    };
  };
  return {
    async enter() {
      if (running < Math.floor(limit)) return begin();
      return new Promise((resolve) => {
        const take = (leave: Leave | null) => {
          clearTimeout(timer);
          resolve(leave);
        };
        const timer = setTimeout(() => {
          waiting.delete(take);
          sentAway.inc();
          resolve(null);
        }, WAIT_MS);
        waiting.add(take);
      });
    },
  };
}
