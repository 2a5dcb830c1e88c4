// Buckets that all instances fill together, in Redis. While it does not answer, every instance fills its own.

import { logEpoch } from '../../core/event-log.ts';
import { defineScript } from '../../core/redis.ts';
import { hashToken } from '../../core/secrets.ts';
import type { Balance, Buckets, Budget } from './budget.ts';

/**
 * A bucket is the moment, in milliseconds by the clock of Redis, at which it will have leaked empty: one that is empty
 * is not there. Answers whether the objects were admitted, what is left, and the milliseconds until they would be.
 */
const takeObjects = defineScript(
  'dayshiftTake',
  `
  local objects, maximum, leaks = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] / 1000
  local time = redis.call('TIME')
  local at = time[1] * 1000 + time[2] / 1000
  local emptyAt = tonumber(redis.call('GET', KEYS[1]) or 0)
  local filled = math.max(0, (emptyAt - at) * leaks)
  local excess = filled + objects - maximum
  if objects > 0 and excess > 0 then
    return {0, math.floor(maximum - filled), math.ceil(excess / leaks)}
  end
  filled = math.max(0, filled + objects)
  if filled > 0 then
    redis.call('SET', KEYS[1], string.format('%.6f', at + filled / leaks), 'PX', math.ceil(filled / leaks))
  else
    redis.call('DEL', KEYS[1])
  end
  return {1, math.floor(maximum - filled), 0}`,
);

/** Hashed, because an address is personal and Redis may be read by others. */
const keyOf = (payer: string): string => `dayshift:${logEpoch()}:cost:${hashToken(payer)}`;

/** The buckets of all instances on this database; `own` stand in for them while Redis does not answer. */
export function sharedBuckets(own: Buckets): Buckets {
  const ask = (payer: string, objects: number, { maximum, restorePerSecond }: Budget) =>
    takeObjects([keyOf(payer)], [objects, maximum, restorePerSecond]);
  return {
    async take(payer, objects, budget): Promise<Balance> {
      const told = (await ask(payer, objects, budget)) as [number, number, number] | undefined;
      if (!told) return own.take(payer, objects, budget);
      const [admitted, available, waitMs] = told;
      return { admitted: admitted === 1, available, waitMs };
    },
    giveBack(payer, objects, budget) {
      void ask(payer, -objects, budget).then((told) => told ?? own.giveBack(payer, objects, budget));
    },
  };
}
