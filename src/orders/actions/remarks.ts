// Writing remarks on orders, and marking orders with a flag.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, problem, refuseIf } from '../../core/errors.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { indexWords } from '../../core/words.ts';
import type { OrderFlagSet, OrderRemarkWrite } from '../inputs/remarks.ts';
import { lockVisibleOrder } from './lock-order.ts';
import { makeMentions, mentionProblems } from './mentions.ts';
import { emitOrder } from './order-events.ts';

/**
 * Write a remark on an order, in any of its states, and tell the colleagues whom it names. The event carries none of
 * its words: the log cannot forget. Refuses with NOT_PERMITTED (remarks are written by people of the department) and
 * NOT_FOUND (the order, or colleagues who may not read the remark).
 */
export async function remarkOrder(
  tx: Tx,
  actor: Actor,
  { orderId, text, mentionIds = [] }: OrderRemarkWrite,
  at: Date,
): Promise<{ id: string; orderRemarkId: string }> {
  const authorId = actor.kind === 'STAFF' ? actor.id : null;
  if (!authorId) throw new DomainError([problem('NOT_PERMITTED')]);
  const before = await lockVisibleOrder(tx, actor, orderId);
  refuseIf(await mentionProblems(tx, before.storeId, mentionIds));
  const remark = { id: newId(), orderId: before.id };
  await tx.orderRemark.create({
    data: { ...remark, authorId, text, searchWords: indexWords([text]), createdAt: at },
  });
  const after = await tx.order.update({ where: { id: before.id }, data: { version: { increment: 1 } } });
  const payload = {
    number: after.number,
    orderRemarkNodeId: toGlobalId('OrderRemark', remark.id),
    mentionCount: mentionIds.length,
  };
  await emitOrder(tx, actor, 'order.remarked', before, after, payload, at);
  await makeMentions(tx, actor, { ...remark, storeId: before.storeId }, mentionIds, at);
  return { id: before.id, orderRemarkId: remark.id };
}

/**
 * Mark an order with a flag, in any of its states, or take the flag off. An order that is marked so already does not
 * change. Refuses with NOT_FOUND.
 */
export async function flagOrder(
  tx: Tx,
  actor: Actor,
  input: OrderFlagSet,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockVisibleOrder(tx, actor, input.orderId);
  const flag = input.flag ?? null;
  if (before.flag === flag) return { id: before.id };
  const after = await tx.order.update({
    where: { id: before.id },
    data: { flag, version: { increment: 1 } },
  });
  await emitOrder(tx, actor, 'order.flagged', before, after, { number: after.number }, at);
  return { id: before.id };
}
