// Ids: UUIDv7 inside, opaque global ids outside.

import { randomUUIDv7 } from 'node:crypto';

let newest = { time: '', count: 0 };

/**
 * A new UUIDv7: unique and, within a process, ascending in the order in which they are made. Those of one millisecond
 * differ in a counter in the 12 bits after the version (RFC 9562, 6.2, method 1), because the random ones do not sort.
 */
export function newId(): string {
  let id = randomUUIDv7();
  let count = Number.parseInt(id.slice(15, 18), 16) & 0x3ff;
  if (timeOf(id) <= newest.time) {
    count = newest.count + 1;
    while (count > 0xfff && timeOf(id) <= newest.time) id = randomUUIDv7();
    if (count > 0xfff) count = 0;
    else id = newest.time + id.slice(13);
  }
  newest = { time: timeOf(id), count };
  return `${id.slice(0, 15)}${count.toString(16).padStart(3, '0')}${id.slice(18)}`;
}

const timeOf = (id: string): string => id.slice(0, 13);

/** The moment of the machine at which an id was made. */
export const momentOf = (id: string): Date => new Date(Number.parseInt(timeOf(id).replace('-', ''), 16));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id of an object as callers see it. */
export const toGlobalId = (type: string, id: string): string =>
  Buffer.from(`${type}:${id}`).toString('base64url');

/** Type and UUID of a global id, or null when it is none. */
export function fromGlobalId(globalId: string): { type: string; id: string } | null {
  if (globalId.length > 200) return null;
  const [type, id, rest] = Buffer.from(globalId, 'base64url').toString('utf8').split(':');
  if (!type || !id || rest !== undefined || !UUID.test(id) || toGlobalId(type, id) !== globalId) return null;
  return { type, id };
}
