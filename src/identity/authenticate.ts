// Turns the credential of a request into an actor.

import { type Actor, anonymous } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { hashToken } from '../core/secrets.ts';
import { now } from '../core/time.ts';
import { isLastUseStale, isSessionLive } from './rules.ts';

/** The actor behind a session token; anonymous without a token; null when the token is not valid. */
export async function authenticate(
  token: string | null,
  facts: Pick<Actor, 'requestId' | 'source' | 'locale' | 'address' | 'userAgent'>,
): Promise<Actor | null> {
  if (token === null) return anonymous(facts);
  const session = await db.session.findUnique({
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
          allStores: true,
          allLocations: true,
          stores: { select: { storeId: true } },
          locations: { select: { locationId: true } },
          posts: { select: { post: { select: { permissions: true, archivedAt: true } } } },
        },
      },
    },
  });
  const at = now();
  if (!session || !isSessionLive(session, at) || session.staff.state !== 'ACTIVE') return null;
  if (isLastUseStale(session.lastUsedAt, at)) {
    await db.session.updateMany({ where: { id: session.id }, data: { lastUsedAt: at } });
  }
  const { staff } = session;
  return {
    ...facts,
    kind: 'STAFF',
    id: session.staffId,
    credentialId: session.id,
    expiresAt: session.expiresAt,
    permissions: new Set(staff.posts.flatMap(({ post }) => post.permissions)),
    stores: staff.allStores ? 'ALL' : new Set(staff.stores.map((row) => row.storeId)),
    locations: staff.allLocations ? 'ALL' : new Set(staff.locations.map((row) => row.locationId)),
  };
}
