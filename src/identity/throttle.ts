// How often logins may fail and accounts be made: per account and address, per address, and per account, in windows
// that forget.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../core/errors.ts';
import { identityProblem } from './texts.ts';

/** Whose accounts. Somebody may have one of each under the same e-mail address. */
export type Accounts = 'staff' | 'customers';

const WINDOW_SECONDS = 15 * 60;
const limiter = (keyPrefix: string, points: number) =>
  new RateLimiterMemory({ keyPrefix, points, duration: WINDOW_SECONDS });

const byAddress = limiter('address', 100);
const byAccountAndAddress = limiter('pair', 10);
/** Much higher than one address's, or anybody could lock anybody out by typing wrong passwords. */
const byAccount = limiter('account', 1_000);
const registrations = limiter('registration', 100);

/** The counters of an attempt. Staff and customers do not share any, not even those of an address. */
const keysOf = (accounts: Accounts, name: string, address: string | null) => {
  const account = `${accounts} ${name.trim().toLowerCase().slice(0, 254)}`;
  const from = address ?? 'unknown';
  return { account, from: `${accounts} ${from}`, pair: `${account} ${from}` };
};

/**
 * Count an attempt. Refuses with LOGIN_THROTTLED after 10 for an account from one address, 100 from an address or
 * 1,000 for an account in 15 minutes. An address that is refused costs the account nothing.
 */
export function countLogin(accounts: Accounts, name: string, address: string | null): Promise<void> {
  const { account, from, pair } = keysOf(accounts, name, address);
  return orThrottled(async () => {
    await byAddress.consume(from);
    await byAccountAndAddress.consume(pair);
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

/** Count an account that is to be made. Refuses with LOGIN_THROTTLED after 100 from an address in 15 minutes. */
export const countRegistration = (address: string | null): Promise<void> =>
  orThrottled(() => registrations.consume(address ?? 'unknown'));

async function orThrottled(count: () => Promise<unknown>): Promise<void> {
  try {
    await count();
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const seconds = Math.ceil(refusal.msBeforeNext / 1000);
    throw new DomainError([identityProblem('LOGIN_THROTTLED', { params: { seconds } })]);
  }
}
