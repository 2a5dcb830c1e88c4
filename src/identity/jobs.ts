// What follows from identity's events: whose streams end because their rights ended or changed.

import { db } from '../core/db.ts';
import type { LogEvent } from '../core/event-log.ts';

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
export async function staffAndCustomersEndedBy(event: LogEvent): Promise<string[]> {
  if (ofOwn.has(event.type)) return [event.entityId];
  if (!ofPosts.has(event.type)) return [];
  const holders = await db.staffPost.findMany({
    where: { postId: event.entityId },
    select: { staffId: true },
  });
  return holders.map((holder) => holder.staffId);
}
