// What follows from identity's events: streams whose rights ended or changed are closed.

import { db } from '../core/db.ts';
import type { LogEvent } from '../core/event-log.ts';
import { log } from '../core/log.ts';

const ofPosts = new Set(['post.changed', 'post.archived']);
const ofStaff = new Set(['staff.changed', 'staff.left']);

/** Ids of the people and sessions whose open streams an event ends. Runs on every instance. */
export async function endedBy(event: LogEvent): Promise<string[]> {
  if (event.type === 'session.revoked' || ofStaff.has(event.type)) return [event.entityId];
  if (!ofPosts.has(event.type)) return [];
  const holders = await db.staffPost.findMany({
    where: { postId: event.entityId },
    select: { staffId: true },
  });
  return holders.map((holder) => holder.staffId);
}

/** Follow the log and end what each event ends. */
export const endingStreams =
  (end: (id: string) => void) =>
  (event: LogEvent): void => {
    endedBy(event).then(
      (ids) => ids.forEach(end),
      (error: unknown) => log.error({ error, seq: event.seq.toString() }, 'streams could not be ended'),
    );
  };
