// How long an answer may be: what a document asks for in few words, aliases above all, may come to very many.

import type { Actor } from '../../core/actor.ts';
import { isUnproved } from '../toll/budget.ts';

const MILLION = 1_000_000;

/** Millions of characters of JSON that an answer to a caller may have. */
export const answerMillions = (actor: Actor): number => (isUnproved(actor) ? 4 : 16);

/** True when data would make so many characters of JSON, escapes not counted. Stops to look when they are too many. */
export function isLonger(data: unknown, millions: number): boolean {
  let left = millions * MILLION;
  const take = (value: unknown): void => {
    if (typeof value === 'string') left -= value.length + 3;
    else if (Array.isArray(value)) for (let i = 0; i < value.length && left > 0; i++) take(value[i]);
    else if (typeof value === 'object' && value !== null)
      for (const name in value) {
        if (left <= 0) return;
        left -= name.length + 4;
        take((value as Record<string, unknown>)[name]);
      }
    else left -= 5;
  };
  take(data);
  return left <= 0;
}
