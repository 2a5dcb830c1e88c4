// What is true of posts, sessions, tokens and rights. Pure: no database, no clock.

import { type Actor, isColleague, type Reach, reaches } from '../core/actor.ts';
import { notFound, type Problem, problem } from '../core/errors.ts';
import { signLink } from '../core/secrets.ts';

/** Days until a session must be renewed by a new login. */
const SESSION_DAYS = 30;

/** Sessions of one person that live at a time: with one more, the oldest ends. */
export const SESSIONS_MAX = 20;

/** A session's last use is written at most this often. */
const LAST_USE_MINUTES = 5;

export const sessionExpiry = (openedAt: Date): Date =>
  new Date(openedAt.getTime() + SESSION_DAYS * 86_400_000);

export const isSessionLive = (session: { expiresAt: Date; revokedAt: Date | null }, at: Date): boolean =>
  session.revokedAt === null && session.expiresAt > at;

export const isLastUseStale = (lastUsedAt: Date, at: Date): boolean =>
  at.getTime() - lastUsedAt.getTime() > LAST_USE_MINUTES * 60_000;

/** A token that a guest made up: at least 128 bits, if they are random. */
const GUEST_TOKEN = /^ds_guest_[\w-]{22,128}$/;

export const isGuestToken = (token: string): boolean => GUEST_TOKEN.test(token);

/** Days for which a signed link opens its order. */
export const LINK_DAYS = 30;

/** The token of a link with which its holder follows one order, whoever they are. */
export const linkTo = (orderId: string, at: Date): string =>
  signLink(orderId, new Date(at.getTime() + LINK_DAYS * 86_400_000));

/** Addresses that one customer may keep. */
export const ADDRESSES_MAX = 20;

/** Those of the wanted names that are not in the held ones: what a person would give without having it. */
export const notHeld = (wanted: readonly string[], held: ReadonlySet<string>): string[] =>
  wanted.filter((name) => !held.has(name));

/** True when stores or locations, or all of them, are among those that an actor reaches. */
export const isWithin = (own: Reach, all: boolean, ids: readonly string[]): boolean =>
  own === 'ALL' || (!all && ids.every((id) => reaches(own, id)));

/** A partner's program never makes what outlives its key: people, posts and rights are for colleagues. */
export const colleagueProblems = (actor: Actor): Problem[] =>
  isColleague(actor) ? [] : [problem('NOT_PERMITTED')];

/** The refusal of a grant, which names what its giver does not have. */
export const exceedsOwn = (path: Problem['path'], what: string): Problem =>
  problem('GRANT_EXCEEDS_OWN', { path, params: { what } });

/** Stores or locations that somebody would give without acting in them. */
export function reachProblems(
  own: Reach,
  ids: readonly string[] | undefined,
  all: boolean | undefined,
  field: string,
  allField: string,
): Problem[] {
  return [
    ...(all && own !== 'ALL' ? [exceedsOwn([allField], allField)] : []),
    ...(ids ?? []).flatMap((id, i) => (reaches(own, id) ? [] : [exceedsOwn([field, i], field)])),
  ];
}

/** A problem for each wanted id that is not among the found rows. */
export const unknownProblems = (
  wanted: readonly string[] | undefined,
  found: readonly { id: string }[],
  field: string,
  type: string,
): Problem[] =>
  (wanted ?? []).flatMap((id, i) => (found.some((row) => row.id === id) ? [] : [notFound(type, [field, i])]));
