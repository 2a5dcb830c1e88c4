// Ids: UUIDv7 inside, opaque global ids outside.

import { randomUUIDv7 } from 'node:crypto';

/** A new UUIDv7: unique and, within a process, ascending in time. */
export const newId = (): string => randomUUIDv7();

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
