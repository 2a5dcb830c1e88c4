// What callers may ask for over time: a leaky bucket of objects for each of them, filled by what they ask for.

import { LRUCache } from 'lru-cache';
import { type Actor, principalOf } from '../../core/actor.ts';
import { subscriberNetwork } from '../../core/networks.ts';

/** Objects that a bucket holds, and objects a second that leak out of it. */
export interface Budget {
  maximum: number;
  restorePerSecond: number;
}

/** What is left in a bucket after a request was counted, or was not because it does not fit. */
export interface Balance {
  admitted: boolean;
  available: number;
  /** Milliseconds until what was refused would fit; 0 when it was admitted. */
  waitMs: number;
}

/** Where buckets are kept. */
export interface Buckets {
  take(payer: string, objects: number, budget: Budget): Promise<Balance> | Balance;
  /** Give back some of what was taken. Nobody waits for it. */
  giveBack(payer: string, objects: number, budget: Budget): void;
}

/** Callers whose buckets are kept in memory. A bucket that is forgotten was not used for longest. */
const CALLERS_MAX = 50_000;

/** Buckets of this instance alone. */
export function bucketsInMemory(clock: () => number = () => performance.now()): Buckets {
  const buckets = new LRUCache<string, { objects: number; at: number }>({ max: CALLERS_MAX });
  const filled = (payer: string, at: number, { restorePerSecond }: Budget): number => {
    const bucket = buckets.get(payer) ?? { objects: 0, at };
    return Math.max(0, bucket.objects - ((at - bucket.at) / 1_000) * restorePerSecond);
  };
  return {
    take(payer, objects, budget) {
      const at = clock();
      const before = filled(payer, at, budget);
      const excess = before + objects - budget.maximum;
      const admitted = objects === 0 || excess <= 0;
      const after = admitted ? before + objects : before;
      buckets.set(payer, { objects: after, at });
      return {
        admitted,
        available: Math.floor(budget.maximum - after),
        waitMs: admitted ? 0 : Math.ceil((excess / budget.restorePerSecond) * 1_000),
      };
    },
    giveBack(payer, objects, budget) {
      const at = clock();
      buckets.set(payer, { objects: Math.max(0, filled(payer, at, budget) - objects), at });
    },
  };
}

/** Nobody has vouched for an anonymous caller, nor for a guest, who makes up the token. */
export const isUnproved = ({ kind }: Actor): boolean => kind === 'ANONYMOUS' || kind === 'GUEST';

/** Who is counted: a person, a partner's key, or the address of those whom nobody knows. */
export const payerOf = (actor: Actor): string => {
  if (isUnproved(actor)) return `address:${subscriberNetwork(actor.address)}`;
  return actor.kind === 'KEY' ? `KEY:${actor.id}` : principalOf(actor);
};
