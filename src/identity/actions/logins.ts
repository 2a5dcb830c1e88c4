// What passwords mean for staff and customers alike: how one is proved, and changed.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError } from '../../core/errors.ts';
import { emit } from '../../core/events.ts';
import { type Accounts, hashPassword, verifyPassword } from '../../core/secrets.ts';
import type { PasswordChange } from '../inputs/accounts.ts';
import { identityProblem } from '../texts.ts';
import { countLogin, forgetFailures } from '../throttle.ts';
import { endSessions } from './session-rows.ts';

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

const passwordChanged = { staff: 'staff.passwordChanged', customers: 'customer.passwordChanged' } as const;

/** Set the actor's own password and end their other sessions. Refuses with LOGIN_FAILED when it was changed since. */
export async function setOwnPassword(
  tx: Tx,
  actor: Actor,
  accounts: Accounts,
  { oldHash, passwordHash }: NewPassword,
  at: Date,
): Promise<{ id: string }> {
  const change = {
    where: { id: actor.id ?? '', passwordHash: oldHash },
    data: { passwordHash, version: { increment: 1 } },
    select: { id: true, version: true },
  };
  const [account] =
    accounts === 'staff'
      ? await tx.staff.updateManyAndReturn(change)
      : await tx.customer.updateManyAndReturn(change);
  if (!account) throw new DomainError([identityProblem('LOGIN_FAILED', { path: ['currentPassword'] })]);
  await emit(tx, actor, {
    type: passwordChanged[accounts],
    entityId: account.id,
    version: account.version,
    payload: {},
    changes: [{ field: 'password' }],
    customerId: accounts === 'customers' ? account.id : null,
    occurredAt: at,
  });
  await endSessions(tx, actor, accounts, { ownerId: account.id, except: actor.credentialId }, at);
  return { id: account.id };
}
