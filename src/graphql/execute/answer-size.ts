// How long an answer may be: what a document asks for in few words, aliases above all, may come to very many.

import type { Actor } from '../../core/actor.ts';
import { isUnproved } from '../toll/budget.ts';

/** Millions of characters of JSON that an answer to a caller may have, escapes not counted. */
export const answerMillions = (actor: Actor): number => (isUnproved(actor) ? 4 : 16);

/** Characters of a name, with its quotes, colon and comma. */
export const nameLength = (name: string): number => name.length + 4;

/** Characters of a value, with its comma; about, and without escapes. */
export function valueLength(value: unknown): number {
  if (typeof value === 'string') return value.length + 3;
  if (typeof value !== 'object' || value === null) return 5;
  const inner = Array.isArray(value)
    ? value.map(valueLength)
    : Object.entries(value).map(([name, one]) => nameLength(name) + valueLength(one));
  return inner.reduce((sum, length) => sum + length, 3);
}
