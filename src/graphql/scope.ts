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

/** What a field or a type of Pothos says of who may read it. */
export type Scopes = boolean | Readonly<Record<string, unknown>>;

/** True where one of the scopes lets the actor in. Combined scopes are nobody's here. */
export function letIn(actor: Actor, scopes: Scopes): boolean {
  if (typeof scopes !== 'object' || scopes === null) return scopes === true;
  for (const name in scopes) {
    const value = scopes[name];
    if (name === 'can' && can(actor, value as Permission)) return true;
    if (
      value === true &&
      (name === 'public' || name === 'internal' || name === 'shopper') &&
      isIn(actor, name)
    )
      return true;
  }
  return false;
}
