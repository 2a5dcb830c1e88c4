// What is true of posts, sessions and rights. Pure: no database, no clock.

/** Days until a session must be renewed by a new login. */
export const SESSION_DAYS = 30;

/** A session's last use is written at most this often. */
export const LAST_USE_MINUTES = 5;

export const sessionExpiry = (openedAt: Date): Date =>
  new Date(openedAt.getTime() + SESSION_DAYS * 86_400_000);

export const isSessionLive = (session: { expiresAt: Date; revokedAt: Date | null }, at: Date): boolean =>
  session.revokedAt === null && session.expiresAt > at;

export const isLastUseStale = (lastUsedAt: Date, at: Date): boolean =>
  at.getTime() - lastUsedAt.getTime() > LAST_USE_MINUTES * 60_000;

/** Those of the wanted names that are not in the held ones: what a person would give without having it. */
export const notHeld = (wanted: readonly string[], held: ReadonlySet<string>): string[] =>
  wanted.filter((name) => !held.has(name));
