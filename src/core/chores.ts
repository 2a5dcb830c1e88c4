// Chores: what is kept for a time only is forgotten, a part at a time.

import { setTimeout as sleep } from 'node:timers/promises';
import { log } from './log.ts';
import { now } from './time.ts';

export interface Chore {
  /** `<domain>.<whatItDoes>`, for the log. */
  name: string;
  everySeconds: number;
  /** Forgets a part of what is too old, as much as one statement can. How much; 0 when nothing is left. */
  forget(at: Date): Promise<number>;
}

/** Seconds after the start: an instance that is often started anew forgets as well. */
const FIRST_SECONDS = 60;
const SLEEP_MS_MAX = 60_000;

/** Do what is due until the signal fires, one after the other. Instances may do the same at once. */
export async function runChores(
  chores: readonly Chore[],
  signal: AbortSignal,
  firstSeconds = FIRST_SECONDS,
): Promise<void> {
  const dueMs = new Map(chores.map((chore) => [chore, inSeconds(firstSeconds)]));
  while (!signal.aborted) {
    for (const [chore, due] of dueMs) {
      if (due > performance.now()) continue;
      await forgetAll(chore, signal);
      dueMs.set(chore, inSeconds(chore.everySeconds));
    }
    const idleMs = Math.min(...dueMs.values()) - performance.now();
    await sleep(Math.max(0, Math.min(idleMs, SLEEP_MS_MAX)), undefined, { signal }).catch(() => {});
  }
}

const inSeconds = (seconds: number): number => performance.now() + seconds * 1_000;

async function forgetAll({ name, forget }: Chore, signal: AbortSignal): Promise<void> {
  const at = now();
  try {
    while (!signal.aborted && (await forget(at)) > 0);
  } catch (error) {
    log.warn({ error, chore: name }, 'a chore failed; it is tried again the next time');
  }
}
