// Nobody grants more than they hold: what a key may be given, and by whom.

import { type Actor, listPermissions } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { type Problem, problem } from '../../core/errors.ts';
import { exceedsOwn, notHeld, reachProblems, unknownProblems } from '../../identity/rules.ts';
import { networksBeyond, permissionsOf, reachesNothing, resolveScopes } from '../rules/keys.ts';
import { partnersProblem } from '../texts.ts';

/** What a key allows, where, from where and until when. */
export interface KeyRights {
  scopes: string[];
  allStores: boolean;
  allLocations: boolean;
  storeIds: string[];
  locationIds: string[];
  networks: string[];
  expiresAt: Date | null;
}

/** Unknown scopes, stores and locations, a reach of nothing, and rights that the actor does not have. */
export async function grantProblems(tx: Tx, actor: Actor, rights: KeyRights, at: Date): Promise<Problem[]> {
  const every = listPermissions();
  const stores = await tx.store.findMany({ where: { id: { in: rights.storeIds } }, select: { id: true } });
  const locations = await tx.location.findMany({
    where: { id: { in: rights.locationIds } },
    select: { id: true },
  });
  return [
    ...rights.scopes.flatMap((name, i) =>
      permissionsOf(name, every).length > 0
        ? []
        : [partnersProblem('UNKNOWN_SCOPE', { path: ['scopes', i], params: { name } })],
    ),
    ...(reachesNothing(rights) ? [partnersProblem('KEY_REACHES_NOTHING', { path: ['storeIds'] })] : []),
    ...unknownProblems(rights.storeIds, stores, 'storeIds', 'Store'),
    ...unknownProblems(rights.locationIds, locations, 'locationIds', 'Location'),
    ...(await excessProblems(tx, actor, rights, at)),
  ];
}

/** Rights that the actor would give without having them, and a time that is over. */
export async function excessProblems(tx: Tx, actor: Actor, rights: KeyRights, at: Date): Promise<Problem[]> {
  const excess = notHeld(resolveScopes(rights.scopes, listPermissions()), actor.permissions);
  const isOver = rights.expiresAt !== null && rights.expiresAt <= at;
  return [
    ...(excess.length > 0 ? [exceedsOwn(['scopes'], excess.join(', '))] : []),
    ...reachProblems(actor.stores, rights.storeIds, rights.allStores, 'storeIds', 'allStores'),
    ...reachProblems(actor.locations, rights.locationIds, rights.allLocations, 'locationIds', 'allLocations'),
    ...(isOver ? [problem('INVALID', { path: ['expiresAt'], params: { why: inThePast } })] : []),
    ...(actor.kind === 'KEY' ? await beyondOwnKey(tx, actor, rights) : []),
  ];
}

const inThePast = { en: 'it must lie in the future', zh: '须晚于当前时间' };

/** A key gives no key that lives longer or can be used from elsewhere: a stolen one would outlive its end. */
async function beyondOwnKey(tx: Tx, actor: Actor, { expiresAt, networks }: KeyRights): Promise<Problem[]> {
  const own = await tx.apiKey.findUniqueOrThrow({
    where: { id: actor.id ?? '' },
    select: { expiresAt: true, networks: true },
  });
  const livesLonger = own.expiresAt !== null && (expiresAt === null || expiresAt > own.expiresAt);
  const beyond = networksBeyond(networks.length > 0 ? networks : EVERYWHERE, own.networks);
  return [
    ...(livesLonger ? [exceedsOwn(['expiresAt'], 'expiresAt')] : []),
    ...(beyond.length > 0 ? [exceedsOwn(['networks'], beyond.join(', '))] : []),
  ];
}

const EVERYWHERE = ['0.0.0.0/0', '::/0'];
