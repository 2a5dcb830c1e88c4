// Fields of an object that not all who see it may read. Only root fields refuse: these answer null or nothing instead.

import { type Actor, can, isInternal, isShopper } from '../core/actor.ts';
import type { Scope } from './payload.ts';

/** True for those whom a scope lets in. */
export function isIn(actor: Actor, scope: Scope): boolean {
  if (scope === 'public') return true;
  if (scope === 'internal') return isInternal(actor);
  return scope === 'shopper' ? isShopper(actor) : can(actor, scope);
}

/** For a nullable field of an object: it is null for those whom its scopes do not let in. */
export const orNull = <Scopes>(authScopes: Scopes) => ({ authScopes, unauthorizedResolver: () => null });
