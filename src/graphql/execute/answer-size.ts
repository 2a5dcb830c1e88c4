// How long an answer may be: what a document asks for in few words, aliases above all, may come to very many.

import type { Actor } from '../../core/actor.ts';
import { isUnproved } from '../toll/budget.ts';

/** Millions of characters of JSON that an answer to a caller may have, escapes not counted. */
export const answerMillions = (actor: Actor): number => (isUnproved(actor) ? 4 : 16);
