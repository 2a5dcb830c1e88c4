// Who may use a field.

import { type Actor, can, isInternal, isShopper, type Permission } from '../core/actor.ts';

/** Everybody of the department, everybody who buys, or everybody. */
type Audience = 'internal' | 'shopper' | 'public';

/** Who may use a field: those with a permission, or an audience. */
export type Scope = Permission | Audience;

const isAudience = (name: string): name is Audience =>
  name === 'internal' || name === 'shopper' || name === 'public';

export const scopesOf = (scope: Scope) => (isAudience(scope) ? { [scope]: true } : { can: scope });

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
    if (
      name === 'can'
        ? can(actor, value as Permission)
        : value === true && isAudience(name) && isIn(actor, name)
    )
      return true;
  }
  return false;
}
