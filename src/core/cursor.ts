// Cursors of the event log: an epoch that names the database's history, and a place in it.

export interface LogPlace {
  epoch: string;
  seq: bigint;
}

export const encodeCursor = (place: LogPlace): string =>
  Buffer.from(`1.${place.epoch}.${place.seq}`).toString('base64url');

/** Epoch and place of a cursor, or null when it is none. */
export function decodeCursor(cursor: string): LogPlace | null {
  if (cursor.length > 100) return null;
  const match = /^1\.([\w-]{1,40})\.(\d{1,19})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match?.[1] || !match[2]) return null;
  const seq = BigInt(match[2]);
  return seq < 2n ** 63n ? { epoch: match[1], seq } : null;
}
