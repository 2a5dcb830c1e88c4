// The life of a session, the same for staff and for customers: opened, ended, told of. Their rows are in two tables.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { emit, emitAll } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { type Accounts, hashToken, newToken } from '../../core/secrets.ts';
import { SESSIONS_MAX, sessionExpiry } from '../rules.ts';

/** What is asked of either table. */
interface SessionTable {
  create(query: { data: object }): PromiseLike<unknown>;
  findMany(query: object): PromiseLike<{ id: string }[]>;
  updateManyAndReturn(
    query: object,
  ): PromiseLike<{ id: string; version: number; staffId?: string; customerId?: string }[]>;
}

const kinds = {
  staff: {
    table: (tx: Tx): SessionTable => tx.session,
    owner: 'staffId',
    actorKind: 'STAFF',
    prefix: 'ds_session',
    opened: 'session.opened',
    revoked: 'session.revoked',
    told: (id: string) => ({ payload: { staffNodeId: toGlobalId('Staff', id) }, customerId: null }),
  },
  customers: {
    table: (tx: Tx): SessionTable => tx.customerSession,
    owner: 'customerId',
    actorKind: 'CUSTOMER',
    prefix: 'ds_customer',
    opened: 'customerSession.opened',
    revoked: 'customerSession.revoked',
    told: (id: string) => ({ payload: { customerNodeId: toGlobalId('Customer', id) }, customerId: id }),
  },
} as const satisfies Record<Accounts, object>;

/** A session that was opened, and the moment of its end as ISO 8601. The token is told here only. */
export type OpenedSession = { id: string; token: string; expiresAt: string };

/**
 * Add a session of an account whose row is locked or new. Beyond 20 live sessions the oldest ends. The token is returned
 * once and stored only as a hash.
 */
export async function addSession(
  tx: Tx,
  actor: Actor,
  accounts: Accounts,
  ownerId: string,
  at: Date,
): Promise<OpenedSession> {
  const { table, owner, actorKind, prefix, opened, told } = kinds[accounts];
  const person: Actor = { ...actor, kind: actorKind, id: ownerId };
  const oldest = await table(tx).findMany({
    where: { [owner]: ownerId, revokedAt: null, expiresAt: { gt: at } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: SESSIONS_MAX - 1,
    select: { id: true },
  });
  const ids = oldest.map(({ id }) => id);
  if (ids.length > 0) await endSessions(tx, person, accounts, { ids }, at);

  const id = newId();
  const token = newToken(prefix);
  const expiresAt = sessionExpiry(at);
  const { userAgent, address } = actor;
  const data = { id, [owner]: ownerId, userAgent, address, createdAt: at, lastUsedAt: at, expiresAt };
  await table(tx).create({ data: { ...data, tokenHash: hashToken(token) } });
  await emit(tx, person, { type: opened, entityId: id, version: 1, ...told(ownerId), occurredAt: at });
  return { id, token, expiresAt: expiresAt.toISOString() };
}

/** Sessions by their ids, or all of an account but one. */
type Which = { ids: string[] } | { ownerId: string; except?: string | null };

/** End those sessions that are live, and with them their open streams. */
export async function endSessions(
  tx: Tx,
  actor: Actor,
  accounts: Accounts,
  which: Which,
  at: Date,
): Promise<void> {
  const { table, owner, revoked, told } = kinds[accounts];
  const where =
    'ids' in which
      ? { id: { in: which.ids } }
      : { [owner]: which.ownerId, ...(which.except ? { id: { not: which.except } } : {}) };
  const ended = await table(tx).updateManyAndReturn({
    where: { ...where, revokedAt: null },
    data: { revokedAt: at, version: { increment: 1 } },
    select: { id: true, [owner]: true, version: true },
  });
  const events = ended.map(({ id, version, ...row }) => ({
    type: revoked,
    entityId: id,
    version,
    ...told(row[owner] ?? ''),
    occurredAt: at,
  }));
  await emitAll(tx, actor, events);
}
