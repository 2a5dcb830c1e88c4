// Turns the credential of a request into an actor: a session of staff or of a customer, a guest's own token, a link.

import { type Actor, callerOf, type RequestFacts, shopperPermissions } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { hashToken, readLink } from '../core/secrets.ts';
import { now } from '../core/time.ts';
import { isGuestToken, isLastUseStale, isSessionLive } from './rules.ts';

type Open = (token: string, facts: RequestFacts, at: Date) => Promise<Actor | null> | Actor | null;

/** Who is behind a token, by the prefix that says what it is. */
const behind: Readonly<Record<string, Open>> = {
  ds_session: staffBehind,
  ds_customer: customerBehind,
  ds_guest: guestBehind,
  ds_link: linkHolder,
};

/** The actor behind a token; anonymous without a token; null when the token is not valid. */
export async function authenticate(token: string | null, facts: RequestFacts): Promise<Actor | null> {
  if (token === null) return callerOf(facts);
  const prefix = /^ds_[a-z]+(?=_)/.exec(token)?.[0] ?? '';
  return behind[prefix]?.(token, facts, now()) ?? null;
}

async function staffBehind(token: string, facts: RequestFacts, at: Date): Promise<Actor | null> {
  const session = await db.session.findFirst({
    where: { tokenHash: hashToken(token) },
    select: {
      id: true,
      staffId: true,
      expiresAt: true,
      revokedAt: true,
      lastUsedAt: true,
      staff: {
        select: {
          state: true,
          locale: true,
          allStores: true,
          allLocations: true,
          stores: { select: { storeId: true } },
          locations: { select: { locationId: true } },
          // Who has an archived post keeps it: nobody else gets it any more.
          posts: { select: { post: { select: { permissions: true } } } },
        },
      },
    },
  });
  if (!session || !isSessionLive(session, at) || session.staff.state !== 'ACTIVE') return null;
  if (isLastUseStale(session.lastUsedAt, at)) {
    await db.session.updateMany({ where: { id: session.id }, data: { lastUsedAt: at } });
  }
  const { staff } = session;
  return {
    ...callerOf(facts, staff.locale),
    kind: 'STAFF',
    id: session.staffId,
    credentialId: session.id,
    expiresAt: session.expiresAt,
    permissions: new Set(staff.posts.flatMap(({ post }) => post.permissions)),
    stores: staff.allStores ? 'ALL' : new Set(staff.stores.map((row) => row.storeId)),
    locations: staff.allLocations ? 'ALL' : new Set(staff.locations.map((row) => row.locationId)),
  };
}

async function customerBehind(token: string, facts: RequestFacts, at: Date): Promise<Actor | null> {
  const session = await db.customerSession.findFirst({
    where: { tokenHash: hashToken(token) },
    select: {
      id: true,
      customerId: true,
      expiresAt: true,
      revokedAt: true,
      lastUsedAt: true,
      customer: { select: { state: true, locale: true } },
    },
  });
  if (!session || !isSessionLive(session, at) || session.customer.state !== 'ACTIVE') return null;
  if (isLastUseStale(session.lastUsedAt, at)) {
    await db.customerSession.updateMany({ where: { id: session.id }, data: { lastUsedAt: at } });
  }
  return {
    ...callerOf(facts, session.customer.locale),
    kind: 'CUSTOMER',
    id: session.customerId,
    credentialId: session.id,
    expiresAt: session.expiresAt,
    permissions: shopperPermissions(),
  };
}

/** Nothing of a guest is kept: the token is a name that only its owner knows. */
function guestBehind(token: string, facts: RequestFacts): Actor | null {
  if (!isGuestToken(token)) return null;
  return {
    ...callerOf(facts),
    kind: 'GUEST',
    guestHash: hashToken(token),
    permissions: shopperPermissions(),
  };
}

/** Who holds a link follows one object and has no other right. */
function linkHolder(token: string, facts: RequestFacts, at: Date): Actor | null {
  const link = readLink(token, at);
  return link && { ...callerOf(facts), kind: 'GUEST', linkedId: link.id, expiresAt: link.expiresAt };
}
