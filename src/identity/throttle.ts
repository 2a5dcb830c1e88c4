// How often logins may fail or be repeated and accounts be made: per account and address, per address, and per account,
// in windows that forget. All instances count together where there is a Redis that answers. An address stands for the
// network of its subscriber, who could choose another one for every attempt.

import type { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { DomainError } from '../core/errors.ts';
import { logEpoch } from '../core/event-log.ts';
import { networkHash } from '../core/networks.ts';
import { redis } from '../core/redis.ts';
import { type Accounts, hashToken } from '../core/secrets.ts';
import { identityProblem } from './texts.ts';

const WINDOW_SECONDS = 15 * 60;
const DAY_SECONDS = 24 * 3_600;

/** A limiter of this instance, or the one that all share while Redis answers: then this one stands in for it. */
function limiter(name: string, points: number, duration = WINDOW_SECONDS): () => RateLimiterAbstract {
  const own = new RateLimiterMemory({ keyPrefix: name, points, duration });
  let shared: { storeClient: Redis; limiter: RateLimiterRedis } | undefined;
  return () => {
    const storeClient = redis();
    if (!storeClient) return own;
    if (shared?.storeClient !== storeClient) {
      const keyPrefix = `dayshift:${logEpoch()}:limit:${name}`;
      const options = { storeClient, keyPrefix, points, duration, insuranceLimiter: own };
      shared = { storeClient, limiter: new RateLimiterRedis(options) };
    }
    return shared.limiter;
  };
}

const byAddress = limiter('address', 100);
const byAccountAndAddress = limiter('pair', 10);
/** Much higher than one address's, or anybody could lock anybody out by typing wrong passwords. */
const byAccount = limiter('account', 1_000);
/** Successes count as well: whoever knows a password could otherwise keep the hashing busy. */
const attempts = limiter('attempt', 30);
const registrations = limiter('registration', 100);
const accountsMade = limiter('accounts made', 20, DAY_SECONDS);

/**
 * The counters of an attempt. Staff and customers do not share any, not even those of an address. Hashed, because
 * addresses and accounts are personal and Redis may be read by others.
 */
const keysOf = (accounts: Accounts, name: string, address: string | null) => {
  const account = `${accounts} ${name.trim().toLowerCase().slice(0, 254)}`;
  const from = networkHash(address);
  return {
    account: hashToken(account),
    from: hashToken(`${accounts} ${from}`),
    pair: hashToken(`${account} ${from}`),
  };
};

/**
 * Count an attempt. Refuses with LOGIN_THROTTLED after 10 in vain for an account from one address, 100 from an address
 * or 1,000 for an account in 15 minutes; after 30 for an account from one address, in vain or not. An address that is
 * refused costs the account nothing.
 */
export function countLogin(accounts: Accounts, name: string, address: string | null): Promise<void> {
  const { account, from, pair } = keysOf(accounts, name, address);
  return orThrottled(async () => {
    await byAddress().consume(from);
    await byAccountAndAddress().consume(pair);
    await attempts().consume(pair);
    await byAccount().consume(account);
  });
}

/** Forget an account's failures from an address after it logged in there; the attempt itself was none. */
export async function forgetFailures(
  accounts: Accounts,
  name: string,
  address: string | null,
): Promise<void> {
  const { account, from, pair } = keysOf(accounts, name, address);
  await byAccountAndAddress().delete(pair);
  await byAddress().reward(from);
  await byAccount().reward(account);
}

/**
 * Count an account that is to be made. Refuses with LOGIN_THROTTLED after 100 attempts from an address in 15 minutes,
 * and after 20 accounts that an address made in a day.
 */
export const countRegistration = (address: string | null): Promise<void> =>
  orThrottled(async () => {
    await registrations().consume(networkHash(address));
    await accountsMade().consume(networkHash(address));
  });

/** Forget an account that was not made after all. */
export async function forgetRegistration(address: string | null): Promise<void> {
  await accountsMade().reward(networkHash(address));
}

async function orThrottled(count: () => Promise<unknown>): Promise<void> {
  try {
    await count();
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    const data = { retryAfterSeconds: seconds };
    throw new DomainError([
      identityProblem('LOGIN_THROTTLED', { params: { seconds }, type: 'LoginThrottled', data }),
    ]);
  }
}
