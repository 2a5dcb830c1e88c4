// Who acts: a member of staff, a customer, a partner's key, the system or nobody known.

import { newId } from './ids.ts';
import type { Locale, Text } from './texts.ts';

/** Permissions by name. Every domain adds its own in `access.ts`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Permissions {}
export type Permission = keyof Permissions & string;

export type ActorKind = 'STAFF' | 'CUSTOMER' | 'KEY' | 'SYSTEM' | 'ANONYMOUS';

/** Rows a person may act on: all, or those with one of these ids. */
export type Reach = 'ALL' | ReadonlySet<string>;

/** The one on whose behalf a request runs. Immutable while the request lasts. */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string | null;
  /** Session or key that proved who this is. Ending it ends the open streams. */
  readonly credentialId: string | null;
  readonly expiresAt: Date | null;
  readonly permissions: ReadonlySet<string>;
  readonly stores: Reach;
  readonly locations: Reach;
  readonly locale: Locale;
  readonly requestId: string;
  /** Door of the request: `http`, `ws`, `sse`, or the job's name. */
  readonly source: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** A request before anybody is known to be behind it. */
export const anonymous = (request: Partial<Actor> = {}): Actor => ({
  kind: 'ANONYMOUS',
  id: null,
  credentialId: null,
  expiresAt: null,
  permissions: new Set(),
  stores: new Set(),
  locations: new Set(),
  locale: 'en',
  requestId: newId(),
  source: 'http',
  address: null,
  userAgent: null,
  ...request,
});

/** The product itself, for seeds, timers and reactions. May do everything. */
export const systemActor = (source: string): Actor => ({
  ...anonymous({ source }),
  kind: 'SYSTEM',
  permissions: new Set(listPermissions().map((permission) => permission.name)),
  stores: 'ALL',
  locations: 'ALL',
});

export const can = (actor: Actor, permission: Permission): boolean => actor.permissions.has(permission);

export const reaches = (reach: Reach, id: string | null): boolean =>
  reach === 'ALL' || (id !== null && reach.has(id));

/** The ids of a reach as a Prisma filter on an id column; undefined when it reaches everything. */
export const reachFilter = (reach: Reach): { in: string[] } | undefined =>
  reach === 'ALL' ? undefined : { in: [...reach] };

/** The name under which idempotency keys and limits of this actor are kept. */
export const principalOf = (actor: Actor): string => `${actor.kind}:${actor.id ?? actor.address ?? ''}`;

export interface PermissionEntry {
  name: Permission;
  kind: 'read' | 'write';
  title: Text;
}

const permissions = new Map<string, PermissionEntry>();

/** Register a domain's permissions. `kind` decides whether `<domain>:read` or `<domain>:write` contains it. */
export function definePermissions(table: { [P in Permission]?: { kind: 'read' | 'write' } & Text }): void {
  for (const [name, { kind, ...title }] of Object.entries(table)) {
    permissions.set(name, { name: name as Permission, kind, title });
  }
}

export const listPermissions = (): PermissionEntry[] =>
  [...permissions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));

export const isPermission = (name: string): name is Permission => permissions.has(name);
