// Tokens and passwords: made, hashed and compared. Nothing here is ever logged.

import { createHmac, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';

let pepper = '';

/** Set the key that tokens are hashed with. A database alone is then useless to a thief. */
export function setSecretKey(key: string): void {
  pepper = key;
}

/** A new token of 160 random bits with a prefix that names what it opens. */
export const newToken = (prefix: string): string => `${prefix}_${randomBytes(20).toString('base64url')}`;

/** What is stored of a token: a keyed hash. */
export const hashToken = (token: string): string =>
  createHmac('sha256', pepper).update(token).digest('base64url');

// Two at a time: each takes 19 MiB and a thread, and login must not starve the rest.
const bounded = pLimit(2);

/** Argon2id with 19 MiB and two passes, the OWASP minimum, as a PHC string. */
export const hashPassword = (password: string): Promise<string> =>
  bounded(() => hash(password.normalize('NFKC'), { memoryCost: 19_456, timeCost: 2, parallelism: 1 }));

const NOBODY = hashPassword(randomBytes(16).toString('hex'));

/** True when the password matches. Without a stored hash takes as long, so that accounts cannot be told apart. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const against = stored ?? (await NOBODY);
  const matches = await bounded(() => verify(against, password.normalize('NFKC')));
  return stored !== null && matches;
}
