// What follows from identity's events: streams whose rights ended or changed are closed.

import { setTimeout as sleep } from 'node:timers/promises';
import { db } from '../core/db.ts';
import type { LogEvent } from '../core/event-log.ts';
import { log } from '../core/log.ts';

const ofPosts = new Set(['post.changed', 'post.archived']);
/** Events whose own entity, a person or a session, loses its streams. */
const ofOwn = new Set([
  'session.revoked',
  'staff.changed',
  'staff.left',
  'customerSession.revoked',
  'customer.erased',
]);

/** Ids of the people and sessions whose open streams an event ends. Runs on every instance. */
export async function endedBy(event: LogEvent): Promise<string[]> {
  if (ofOwn.has(event.type)) return [event.entityId];
  if (!ofPosts.has(event.type)) return [];
  const holders = await db.staffPost.findMany({
    where: { postId: event.entityId },
    select: { staffId: true },
  });
  return holders.map((holder) => holder.staffId);
}

type EndedBy = (event: LogEvent) => Promise<string[]>;

/** Follow the log and end what each event ends, however long the database needs to say what that is. */
export const endingStreams =
  (deciders: readonly EndedBy[], end: (id: string) => void) =>
  async (event: LogEvent): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const ids = await Promise.all(deciders.map((endedBy) => endedBy(event)));
        return ids.flat().forEach(end);
      } catch (error) {
        log.error({ error, seq: event.seq.toString() }, 'streams could not be ended; trying again');
        await sleep(Math.min(5_000, 100 * attempt));
      }
    }
  };
