// How often a login may fail: per account and per address, in windows that forget.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../core/errors.ts';
import { identityProblem } from './texts.ts';

const WINDOW_SECONDS = 15 * 60;
const byAccount = new RateLimiterMemory({ keyPrefix: 'account', points: 10, duration: WINDOW_SECONDS });
const byAddress = new RateLimiterMemory({ keyPrefix: 'address', points: 100, duration: WINDOW_SECONDS });

/** Count an attempt. Refuses with LOGIN_THROTTLED after 10 for an account or 100 from an address in 15 minutes. */
export async function countLogin(email: string, address: string | null): Promise<void> {
  try {
    await byAccount.consume(email.trim().toLowerCase());
    if (address) await byAddress.consume(address);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw new DomainError([
      identityProblem('LOGIN_THROTTLED', { params: { seconds: Math.ceil(refusal.msBeforeNext / 1000) } }),
    ]);
  }
}

/** Forget an account's failures after it logged in. */
export const forgetFailures = async (email: string): Promise<void> => {
  await byAccount.delete(email.trim().toLowerCase());
};
