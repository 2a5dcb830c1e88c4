// What every instance does again and again, and of which one time may fail: forgetting what is old, writing what it noted.

import { log } from './log.ts';

/** Do `work` after each pause. A failure is logged under `failed`. Returns the function that stops it. */
export function repeat(
  milliseconds: number,
  work: () => Promise<unknown>,
  failed: string,
): () => Promise<void> {
  const timer = setInterval(
    () => void work().catch((error: unknown) => log.warn({ error }, failed)),
    milliseconds,
  );
  timer.unref();
  return async () => clearInterval(timer);
}
