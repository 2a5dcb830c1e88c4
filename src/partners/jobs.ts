// What runs beside requests: uses of keys are written, and streams of keys that ended are closed.

import type { LogEvent } from '../core/event-log.ts';
import { log } from '../core/log.ts';
import { writeUses } from './actions/last-use.ts';

const WRITE_USES_MS = 60_000;

/** Write once a minute which keys were used. Returns the function that stops it and writes the rest. */
export function keepLastUses(): () => Promise<void> {
  const timer = setInterval(() => {
    writeUses().catch((error: unknown) => log.warn({ error }, 'the last use of keys could not be written'));
  }, WRITE_USES_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await writeUses();
  };
}

const endings = new Set(['key.revoked', 'key.rotated']);

/** Ids of the keys whose open streams an event ends. A partner who is archived has every key revoked. */
export const endedBy = async (event: LogEvent): Promise<string[]> =>
  endings.has(event.type) ? [event.entityId] : [];
