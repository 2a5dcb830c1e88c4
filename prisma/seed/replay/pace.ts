// The pace of the replay: how long to wait before a step, so that recorded time passes at a chosen speed.

import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  /** Let a stretch of recorded time pass. Time that the work took is counted. */
  pass(recordedMs: number): Promise<void>;
  /** What so much recorded time takes, in milliseconds. */
  take(recordedMs: number): number;
}

/** Recorded time `speed` times as fast; 0 does not wait at all. Rejects when the signal fires. */
export function makePace(speed: number, signal: AbortSignal): Pace {
  const take = (recordedMs: number) => (speed === 0 ? 0 : recordedMs / speed);
  let due = Date.now();
  return {
    take,
    async pass(recordedMs) {
      signal.throwIfAborted();
      due = Math.max(due + take(recordedMs), Date.now() - LAG_MAX_MS);
      const wait = due - Date.now();
      if (wait > 1) await sleep(wait, undefined, { signal });
    },
  };
}

/** Work that is further behind than this is not caught up with. */
const LAG_MAX_MS = 2_000;
