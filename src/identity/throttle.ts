// How often logins may fail or be repeated and accounts be made: per account and address, per address, and per account,
// in windows that forget.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../core/errors.ts';
import type { Accounts } from '../core/secrets.ts';
import { identityProblem } from './texts.ts';

const WINDOW_SECONDS = 15 * 60;
const DAY_SECONDS = 24 * 3_600;
const limiter = (keyPrefix: string, points: number, duration = WINDOW_SECONDS) =>
  new RateLimiterMemory({ keyPrefix, points, duration });

const byAddress = limiter('address', 100);
const byAccountAndAddress = limiter('pair', 10);
/** Much higher than one address's, or anybody could lock anybody out by typing wrong passwords. */
const byAccount = limiter('account', 1_000);
/** Successes count as well: whoever knows a password could otherwise keep the hashing busy. */
const attempts = limiter('attempt', 30);
const registrations = limiter('registration', 100);
const accountsMade = limiter('accounts made', 20, DAY_SECONDS);

/** The counters of an attempt. Staff and customers do not share any, not even those of an address. */
const keysOf = (accounts: Accounts, name: string, address: string | null) => {
  const account = `${accounts} ${name.trim().toLowerCase().slice(0, 254)}`;
  const from = address ?? 'unknown';
  return { account, from: `${accounts} ${from}`, pair: `${account} ${from}` };
};

/**
 * Count an attempt. Refuses with LOGIN_THROTTLED after 10 in vain for an account from one address, 100 from an address
 * or 1,000 for an account in 15 minutes; after 30 for an account from one address, in vain or not. An address that is
 * refused costs the account nothing.
 */
export function countLogin(accounts: Accounts, name: string, address: string | null): Promise<void> {
  const { account, from, pair } = keysOf(accounts, name, address);
  return orThrottled(async () => {
    await byAddress.consume(from);
    await byAccountAndAddress.consume(pair);
    await attempts.consume(pair);
    await byAccount.consume(account);
  });
}

/** Forget an account's failures from an address after it logged in there; the attempt itself was none. */
export async function forgetFailures(
  accounts: Accounts,
  name: string,
  address: string | null,
): Promise<void> {
  const { account, from, pair } = keysOf(accounts, name, address);
  await byAccountAndAddress.delete(pair);
  await byAddress.reward(from);
  await byAccount.reward(account);
}

/**
 * Count an account that is to be made. Refuses with LOGIN_THROTTLED after 100 attempts from an address in 15 minutes,
 * and after 20 accounts that an address made in a day.
 */
export const countRegistration = (address: string | null): Promise<void> =>
  orThrottled(async () => {
    await registrations.consume(address ?? 'unknown');
    await accountsMade.consume(address ?? 'unknown');
  });

/** Forget an account that was not made after all. */
export async function forgetRegistration(address: string | null): Promise<void> {
  await accountsMade.reward(address ?? 'unknown');
}

async function orThrottled(count: () => Promise<unknown>): Promise<void> {
  try {
    await count();
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const seconds = Math.ceil(refusal.msBeforeNext / 1000);
    throw new DomainError([identityProblem('LOGIN_THROTTLED', { params: { seconds } })]);
  }
}
