// How often a login may fail: per account and address, per address, and per account, in windows that forget.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../core/errors.ts';
import { identityProblem } from './texts.ts';

const WINDOW_SECONDS = 15 * 60;
const limiter = (keyPrefix: string, points: number) =>
  new RateLimiterMemory({ keyPrefix, points, duration: WINDOW_SECONDS });

const byAddress = limiter('address', 100);
const byAccountAndAddress = limiter('pair', 10);
/** Much higher than one address's, or anybody could lock anybody out by typing wrong passwords. */
const byAccount = limiter('account', 1_000);

const accountOf = (email: string): string => email.trim().toLowerCase().slice(0, 254);

/**
 * Count an attempt. Refuses with LOGIN_THROTTLED after 10 for an account from one address, 100 from an address or
 * 1,000 for an account in 15 minutes. An address that is refused costs the account nothing.
 */
export async function countLogin(email: string, address: string | null): Promise<void> {
  const account = accountOf(email);
  const from = address ?? 'unknown';
  try {
    await byAddress.consume(from);
    await byAccountAndAddress.consume(`${account} ${from}`);
    await byAccount.consume(account);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const seconds = Math.ceil(refusal.msBeforeNext / 1000);
    throw new DomainError([identityProblem('LOGIN_THROTTLED', { params: { seconds } })]);
  }
}

/** Forget an account's failures from an address after it logged in there; the attempt itself was none. */
export async function forgetFailures(email: string, address: string | null): Promise<void> {
  const from = address ?? 'unknown';
  await byAccountAndAddress.delete(`${accountOf(email)} ${from}`);
  await byAddress.reward(from);
  await byAccount.reward(accountOf(email));
}
