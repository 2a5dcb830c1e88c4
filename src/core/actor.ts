// Who acts: a member of staff, a customer, a partner's key, the system or nobody known.

import { newId } from './ids.ts';
import { type Locale, localeOf, type Text } from './texts.ts';

/** Permissions by name. Every domain adds its own in `access.ts`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Permissions {}
export type Permission = keyof Permissions & string;

export type ActorKind = 'STAFF' | 'CUSTOMER' | 'GUEST' | 'KEY' | 'SYSTEM' | 'ANONYMOUS';

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
  /** Partner whose key acts. */
  readonly partnerId: string | null;
  /** Keyed hash of the token that a guest made up. What they placed is known by it. */
  readonly guestHash: string | null;
  /** The one object that a guest with a signed link may follow. */
  readonly linkedId: string | null;
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
  partnerId: null,
  guestHash: null,
  linkedId: null,
  locale: 'en',
  requestId: newId(),
  source: 'http',
  address: null,
  userAgent: null,
  ...request,
});

/** What is known of a request before its credential is checked. `locale` is null when it names no language of ours. */
export type RequestFacts = Pick<Actor, 'requestId' | 'source' | 'address' | 'userAgent'> & {
  readonly locale: Locale | null;
};

/** Nobody known, answered in the language that the request names, else in the caller's own, else in English. */
export const callerOf = (facts: RequestFacts, ownLocale?: string): Actor =>
  anonymous({ ...facts, locale: facts.locale ?? localeOf(ownLocale) ?? 'en' });

/** The product itself, for seeds, timers and reactions. May do everything. */
export const systemActor = (source: string): Actor => ({
  ...anonymous({ source }),
  kind: 'SYSTEM',
  permissions: new Set(listPermissions().map((permission) => permission.name)),
  stores: 'ALL',
  locations: 'ALL',
});

/** True for those who work for the department: staff, partners' programs, the product itself. */
export const isInternal = (actor: Actor): boolean =>
  actor.kind === 'STAFF' || actor.kind === 'KEY' || actor.kind === 'SYSTEM';

/** True for the people of the department, and the product itself. A partner's program is no colleague. */
export const isColleague = (actor: Actor): boolean => actor.kind === 'STAFF' || actor.kind === 'SYSTEM';

/** True for those who buy: customers with an account, and guests. */
export const isShopper = (actor: Actor): boolean => actor.kind === 'CUSTOMER' || actor.kind === 'GUEST';

export const can = (actor: Actor, permission: Permission): boolean => actor.permissions.has(permission);

export const reaches = (reach: Reach, id: string | null): boolean =>
  reach === 'ALL' || (id !== null && reach.has(id));

/** True for who acts in every store and at every location, also in those opened later. */
export const actsEverywhere = (actor: Actor): boolean => actor.stores === 'ALL' && actor.locations === 'ALL';

/** The ids of a reach as a Prisma filter on an id column; undefined when it reaches everything. */
export const reachFilter = (reach: Reach): { in: string[] } | undefined =>
  reach === 'ALL' ? undefined : { in: [...reach] };

/** The name under which idempotency keys of this actor are kept. The keys of one partner are one caller. */
export const principalOf = (actor: Actor): string =>
  `${actor.kind}:${actor.partnerId ?? actor.id ?? actor.guestHash ?? actor.linkedId ?? actor.address ?? ''}`;

/** The partner whose keys are a principal; null for any other. */
export const partnerIn = (principal: string): string | null =>
  principal.startsWith('KEY:') ? principal.slice('KEY:'.length) : null;

/** `guarded` permissions are in no set: personal data and what colleagues write is granted by its own name only. */
export type PermissionKind = 'read' | 'write' | 'guarded';

export interface PermissionEntry {
  name: Permission;
  kind: PermissionKind;
  /** True when shoppers have it, for what is their own. */
  shopper: boolean;
  title: Text;
}

const permissions = new Map<string, PermissionEntry>();

/** Register a domain's permissions. `kind` decides whether `<domain>:read` or `<domain>:write` contains it. */
export function definePermissions(
  table: {
    [P in Permission]?: { kind: PermissionKind; shopper?: true } & Text;
  },
): void {
  for (const [name, { kind, shopper = false, ...title }] of Object.entries(table)) {
    permissions.set(name, { name: name as Permission, kind, shopper, title });
  }
}

export const listPermissions = (): PermissionEntry[] =>
  [...permissions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Permissions of shoppers, for what is their own. */
export const shopperPermissions = (): ReadonlySet<string> =>
  new Set(listPermissions().flatMap(({ name, shopper }) => (shopper ? [name] : [])));

export const isPermission = (name: string): name is Permission => permissions.has(name);
