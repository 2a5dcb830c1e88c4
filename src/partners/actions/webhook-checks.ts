// What a webhook may be: where it sends, which events, and who may give it to a key.

import { isKeptFromKeys } from '../../analytics/access.ts';
import { type Actor, can, listPermissions, reachFilter } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { egressProblem } from '../../core/egress.ts';
import type { Problem } from '../../core/errors.ts';
import { listEntities, listEvents } from '../../core/events.ts';
import { exceedsOwn, notHeld, unknownProblems } from '../../identity/rules.ts';
import { resolveScopes } from '../rules/keys.ts';
import { typesOf } from '../rules/webhooks.ts';
import { partnersProblem } from '../texts.ts';
import { documentProblems } from './webhook-documents.ts';

/** Why a URL is never called. */
export function urlProblems(url: string | undefined): Problem[] {
  const found = url === undefined ? null : egressProblem(url);
  if (found === null) return [];
  return [partnersProblem(found === 'INSECURE' ? 'URL_INSECURE' : 'URL_NOT_PUBLIC', { path: ['url'] })];
}

/** What a webhook is to send, as far as it is given. */
interface Wishes {
  url?: string | undefined;
  types?: readonly string[] | undefined;
  storeIds?: readonly string[] | undefined;
  document?: string | undefined;
}

/** Everything that a webhook cannot have that sends with the rights of a key. */
export const wishProblems = async (
  tx: Tx,
  key: Actor,
  { url, types = [], storeIds = [], document }: Wishes,
): Promise<Problem[]> => [
  ...urlProblems(url),
  ...types.flatMap((pattern, i) => typeProblems(pattern, key, ['types', i])),
  ...(await storeProblems(tx, key, storeIds)),
  ...documentProblems(document, key),
];

function typeProblems(pattern: string, key: Actor, path: Problem['path']): Problem[] {
  const known = listEvents();
  const named = typesOf(
    [pattern],
    known.map(({ type }) => type),
  );
  if (named.length === 0) return [partnersProblem('UNKNOWN_EVENT_TYPE', { path, params: { type: pattern } })];
  const entities = new Set(known.filter(({ type }) => named.includes(type)).map(({ entity }) => entity));
  const [unseen] = [...entities].flatMap((entity) => whyUnseen(entity, key) ?? []);
  const seesSome = [...entities].some((entity) => whyUnseen(entity, key) === null);
  if (seesSome || !unseen) return [];
  return [partnersProblem('EVENT_BEYOND_KEY', { path, params: { type: pattern, why: unseen } })];
}

/** Why a key sees no events of a type of objects; null when it may. */
function whyUnseen(entity: string, key: Actor) {
  if (isKeptFromKeys(entity)) return { en: 'it is kept from keys', zh: '不向密钥开放' };
  const read = listEntities().find(({ type }) => type === entity)?.read ?? null;
  return read === null || can(key, read) ? null : { en: `it needs ${read}`, zh: `需要 ${read}` };
}

async function storeProblems(tx: Tx, key: Actor, storeIds: readonly string[]): Promise<Problem[]> {
  if (storeIds.length === 0) return [];
  const reach = reachFilter(key.stores);
  const stores = await tx.store.findMany({
    where: { AND: [{ id: { in: [...storeIds] } }, reach ? { id: reach } : {}] },
    select: { id: true },
  });
  return unknownProblems(storeIds, stores, 'storeIds', 'Store');
}

/** Whoever lets a key send somewhere gives away what it reads: nobody does so who may not read it. */
export function sharingProblems(actor: Actor, key: { scopes: string[] }, path: string): Problem[] {
  if (actor.kind === 'KEY') return [];
  const excess = notHeld(resolveScopes(key.scopes, listPermissions()), actor.permissions);
  return excess.length > 0 ? [exceedsOwn([path], excess.join(', '))] : [];
}
