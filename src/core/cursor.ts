// Cursors of the event log: an epoch that names the database, a place in its log, and the mark of the event there.

export interface LogPlace {
  epoch: string;
  seq: bigint;
  /** Part of the id of the event at that place: twelve hexadecimal digits. Empty at the very beginning. */
  mark: string;
}

export const encodeCursor = ({ epoch, seq, mark }: LogPlace): string =>
  Buffer.from(`1.${epoch}.${seq}.${mark}`).toString('base64url');

/** The place that a cursor names, or null when it is none. Those of before there were marks name a place that is gone. */
export function decodeCursor(cursor: string): LogPlace | null {
  if (cursor.length > 100) return null;
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, epoch, number, mark = ''] = /^1\.([\w-]{1,40})\.(\d{1,19})(?:\.([\da-f]{12}|))?$/.exec(text) ?? [];
  if (epoch === undefined || number === undefined) return null;
  const seq = BigInt(number);
  return seq < 2n ** 63n ? { epoch, seq, mark } : null;
}
