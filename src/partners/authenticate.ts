// Turns the key of a request into an actor.

import { type Actor, callerOf, type RequestFacts } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { hashToken } from '../core/secrets.ts';
import { now } from '../core/time.ts';
import { actorOfKey, keyRights } from './actions/key-actors.ts';
import { noteUse } from './actions/last-use.ts';
import { isAllowedFrom, isKey, isKeyLive } from './rules/keys.ts';

/** The actor behind a key; null when it is not valid, or not from this address. A mistyped key costs no statement. */
export async function authenticateKey(token: string, facts: RequestFacts): Promise<Actor | null> {
  if (!isKey(token)) return null;
  const key = await db.apiKey.findFirst({ where: { keyHash: hashToken(token) }, select: keyRights });
  const at = now();
  if (!key || !isKeyLive(key, at) || !isAllowedFrom(key.networks, facts.address)) return null;
  noteUse(key.id, { at, address: facts.address });
  return actorOfKey(key, callerOf(facts));
}
