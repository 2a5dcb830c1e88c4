// Naming colleagues in remarks, and reading that one was named.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { notFound, type Problem, refuseIf } from '../../core/errors.ts';
import { emitAll } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { remarkReaders, visibleMentions } from '../access.ts';
import type { MentionRead } from '../inputs/remarks.ts';

/** NOT_FOUND for each of the named who is no active colleague with the right to read remarks on orders of the store. */
export async function mentionProblems(
  tx: Tx,
  storeId: string,
  staffIds: readonly string[],
): Promise<Problem[]> {
  if (staffIds.length === 0) return [];
  const found = await tx.staff.findMany({
    where: { AND: [{ id: { in: [...staffIds] } }, remarkReaders({ in: [storeId] })] },
    select: { id: true },
  });
  const readers = new Set(found.map((staff) => staff.id));
  return staffIds.flatMap((id, i) => (readers.has(id) ? [] : [notFound('Staff', ['mentionIds', i])]));
}

/** Tell colleagues that a remark names them. The caller has made sure that they may read it. */
export async function makeMentions(
  tx: Tx,
  actor: Actor,
  remark: { id: string; orderId: string; storeId: string },
  staffIds: readonly string[],
  at: Date,
): Promise<void> {
  if (staffIds.length === 0) return;
  const mentions = staffIds.map((staffId) => ({ id: newId(), orderRemarkId: remark.id, staffId }));
  await tx.mention.createMany({ data: mentions.map((mention) => ({ ...mention, createdAt: at })) });
  const payload = {
    orderNodeId: toGlobalId('Order', remark.orderId),
    orderRemarkNodeId: toGlobalId('OrderRemark', remark.id),
  };
  await emitAll(
    tx,
    actor,
    mentions.map((mention) => ({
      type: 'mention.made' as const,
      payload,
      entityId: mention.id,
      version: 1,
      facets: { staffId: mention.staffId, orderId: remark.orderId, storeId: remark.storeId },
      storeId: remark.storeId,
      occurredAt: at,
    })),
  );
}

/**
 * Mark mentions of the actor as read. Those that were read before keep their moment. Refuses with NOT_FOUND for each
 * that names somebody else, or is on an order that the actor may no longer see.
 */
export async function readMentions(
  tx: Tx,
  actor: Actor,
  { mentionIds }: MentionRead,
  at: Date,
): Promise<{ id: string; mentionIds: string[] }> {
  const found = await tx.mention.findMany({
    where: { AND: [{ id: { in: mentionIds } }, visibleMentions(actor)] },
    select: {
      id: true,
      staffId: true,
      remark: { select: { order: { select: { id: true, storeId: true } } } },
    },
  });
  const visible = new Set(found.map(({ id }) => id));
  refuseIf(mentionIds.flatMap((id, i) => (visible.has(id) ? [] : [notFound('Mention', ['mentionIds', i])])));
  const changed = await tx.mention.updateManyAndReturn({
    where: { id: { in: mentionIds }, readAt: null },
    data: { readAt: at, version: { increment: 1 } },
    select: { id: true, version: true },
  });
  const versions = new Map(changed.map(({ id, version }) => [id, version]));
  const events = found.flatMap(({ id, staffId, remark: { order } }) => {
    const version = versions.get(id);
    if (version === undefined) return [];
    return [
      {
        type: 'mention.read' as const,
        payload: {},
        entityId: id,
        version,
        changes: [{ field: 'readAt', before: null, after: at }],
        facets: { staffId, orderId: order.id, storeId: order.storeId },
        storeId: order.storeId,
        occurredAt: at,
      },
    ];
  });
  await emitAll(tx, actor, events);
  return { id: mentionIds[0] ?? '', mentionIds };
}
