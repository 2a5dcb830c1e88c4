// Who may use a field.

import { type Actor, can, isInternal, isShopper, type Permission } from '../core/actor.ts';

/** Who may use a field: those with a permission, everybody of the department, everybody who buys, or everybody. */
export type Scope = Permission | 'internal' | 'shopper' | 'public';

export const scopesOf = (scope: Scope) =>
  scope === 'public' || scope === 'internal' || scope === 'shopper' ? { [scope]: true } : { can: scope };

/** True for those whom a scope lets in. */
export function isIn(actor: Actor, scope: Scope): boolean {
  if (scope === 'public') return true;
  if (scope === 'internal') return isInternal(actor);
  return scope === 'shopper' ? isShopper(actor) : can(actor, scope);
}
