// What logging in means for staff and customers alike: a password that is proved, a session that is opened.

import type { Actor } from '../../core/actor.ts';
import { DomainError } from '../../core/errors.ts';
import { type Accounts, hashPassword, hashToken, newToken, verifyPassword } from '../../core/secrets.ts';
import type { PasswordChange } from '../inputs/accounts.ts';
import { sessionExpiry } from '../rules.ts';
import { identityProblem } from '../texts.ts';
import { countLogin, forgetFailures } from '../throttle.ts';

/** An account and the hash that its password was checked against. */
export interface Proved {
  id: string;
  passwordHash: string;
}

/** Finds the account whose password is to be proved; null when there is none that may still be used. */
type Find = () => Promise<{ id: string; passwordHash: string | null } | null>;

interface Attempt {
  accounts: Accounts;
  /** What attempts are counted by: the e-mail address, or the id of who is logged in. */
  name: string;
  password: string;
  /** Where the password stands in the input. Logging in does not say that it was the password. */
  path?: readonly string[];
}

/**
 * Prove that somebody knows the password of an account. Call it outside any transaction, because hashing takes long.
 * Refuses with LOGIN_FAILED, the same in words and time for no account and a wrong password; LOGIN_THROTTLED when
 * tried too often.
 */
export async function provePassword(
  actor: Actor,
  { accounts, name, password, path = [] }: Attempt,
  find: Find,
): Promise<Proved> {
  await countLogin(accounts, name, actor.address);
  const account = await find();
  const matches = await verifyPassword(accounts, account?.passwordHash ?? null, password);
  if (!account?.passwordHash || !matches) throw new DomainError([identityProblem('LOGIN_FAILED', { path })]);
  await forgetFailures(accounts, name, actor.address);
  return { id: account.id, passwordHash: account.passwordHash };
}

/** A password that takes the place of the one with `oldHash`. */
export interface NewPassword {
  oldHash: string;
  passwordHash: string;
}

/** Prove the actor's own present password and hash the new one, outside any transaction. */
export async function proveOwnPassword(
  actor: Actor,
  accounts: Accounts,
  { currentPassword, newPassword }: PasswordChange,
  find: Find,
): Promise<NewPassword> {
  const attempt = { accounts, name: actor.id ?? '', password: currentPassword, path: ['currentPassword'] };
  const { passwordHash: oldHash } = await provePassword(actor, attempt, find);
  return { oldHash, passwordHash: await hashPassword(accounts, newPassword) };
}

/** A session that was opened, and the moment of its end as ISO 8601. The token is told here only. */
export type OpenedSession = { id: string; token: string; expiresAt: string };

/** A new session of the actor: its token, which is shown once, and what is stored. */
export function newSession(prefix: string, actor: Actor, at: Date) {
  const token = newToken(prefix);
  const stored = {
    tokenHash: hashToken(token),
    userAgent: actor.userAgent,
    address: actor.address,
    createdAt: at,
    lastUsedAt: at,
    expiresAt: sessionExpiry(at),
  };
  return { token, stored };
}
