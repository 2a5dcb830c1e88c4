// Contents of a marketplace's order that a newer push changes: receiver, promise and amounts.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { refuseIf } from '../../core/errors.ts';
import type { OrderLine, PlatformOrder } from '../../generated/prisma/client.ts';
import type { OrderPush, PlatformLine } from '../inputs/push.ts';
import { orderTotals, totalProblems } from '../rules/amounts.ts';
import { lineMoney, platformAmounts, receivedProblems } from '../rules/platform.ts';
import { ownReason } from '../texts.ts';
import { placeHold } from './change-order.ts';
import { personOf } from './insert-order.ts';
import type { LockedOrder } from './lock-order.ts';
import { emitOrder } from './order-events.ts';
import { writeLines } from './write-lines.ts';

/**
 * Take the contents of a newer push; the caller has locked the order. Amounts that change after somebody confirmed it,
 * and lines that are not those of before, put it on hold for people to look at. Answers by how much what is received
 * changed; null when the amounts are as they were.
 */
export async function updateContents(
  tx: Tx,
  actor: Actor,
  before: LockedOrder,
  { platform, input }: { platform: PlatformOrder; input: OrderPush },
  at: Date,
): Promise<bigint | null> {
  const lines = await tx.orderLine.findMany({
    where: { orderId: before.id },
    orderBy: { position: 'asc' },
  });
  const isMoved = await updateReceiver(tx, before.id, input);
  const sameLines = !input.lines || hasSameUnits(lines, input.lines);
  const amounts = sameLines ? await updateAmounts(tx, { before, platform, lines, input }) : null;
  const { shipBy = before.shipBy } = input;
  const isRescheduled = shipBy?.getTime() !== before.shipBy?.getTime();
  let order: LockedOrder = before;
  if (isMoved || amounts || isRescheduled) {
    const after = await tx.order.update({
      where: { id: before.id },
      data: { shipBy, ...amounts?.totals, version: { increment: 1 } },
    });
    const payload = { number: after.number, reference: platform.reference };
    const withheld = isMoved ? ['contact', 'address'] : [];
    await emitOrder(tx, actor, 'order.pushed', before, after, payload, at, withheld);
    order = { ...before, ...after };
  }
  if (amounts && order.state === 'CONFIRMED')
    order = await placeHold(tx, actor, order, { kind: 'PRICE', reason: ownReason.amountChanged }, at);
  const isOpen = order.state === 'CONFIRMED' || order.state === 'PENDING_CONFIRMATION';
  if (!sameLines && isOpen) await holdForLines(tx, actor, order, at);
  return amounts?.changeMinor ?? null;
}

async function updateReceiver(tx: Tx, orderId: string, { receiver }: OrderPush): Promise<boolean> {
  if (!receiver) return false;
  const before = await tx.orderPerson.findUniqueOrThrow({ where: { orderId } });
  const { email: _, ...person } = personOf(receiver);
  const same = Object.entries(person).every(
    ([field, value]) => JSON.stringify(before[field as keyof typeof before]) === JSON.stringify(value),
  );
  // What was erased stays so, whatever the platform still sends.
  if (same || before.erasedAt) return false;
  await tx.orderPerson.update({ where: { orderId }, data: person });
  return true;
}

/** True when a push has the lines of the order, with the same units each. */
const hasSameUnits = (lines: readonly OrderLine[], told: readonly PlatformLine[]): boolean =>
  lines.length === told.length &&
  lines.every((line) =>
    told.some(
      ({ reference, quantity }) => reference === line.platformReference && quantity === line.quantity,
    ),
  );

interface Amounts {
  before: LockedOrder;
  platform: PlatformOrder;
  lines: readonly OrderLine[];
  input: OrderPush;
}

async function updateAmounts(tx: Tx, { before, platform, lines, input }: Amounts) {
  const told = new Map((input.lines ?? []).map((line) => [line.reference, lineMoney(line)]));
  const changed = lines.map((line) => ({ ...line, ...told.get(line.platformReference ?? '') }));
  const whole = changed.every((line) => line.cancelled === line.quantity);
  const freightMinor = input.freight?.minor ?? before.freightMinor;
  const { receivedMinor, ...amounts } = platformAmounts(changed, {
    freightMinor,
    buyerPaidMinor: input.buyerPaid?.minor ?? platform.buyerPaidMinor,
  });
  const changeMinor = receivedMinor - platform.buyerPaidMinor - platform.platformDiscountMinor;
  const totals = orderTotals(changed, whole ? 0n : freightMinor);
  refuseIf([...totalProblems(totals), ...receivedProblems(receivedMinor)].slice(0, 1));
  const sameLines = changed.every((line, i) => sameMoney(line, lines[i]));
  if (changeMinor === 0n && sameLines && totals.totalMinor === before.totalMinor) return null;
  await writeLines(tx, changed);
  await tx.platformOrder.update({ where: { orderId: before.id }, data: amounts });
  return { totals, changeMinor };
}

const sameMoney = (line: OrderLine, before: OrderLine | undefined): boolean =>
  line.unitPriceMinor === before?.unitPriceMinor &&
  line.merchantDiscountMinor === before.merchantDiscountMinor &&
  line.platformDiscountMinor === before.platformDiscountMinor;

/** The same contents are pushed again and again; people are asked once. */
async function holdForLines(tx: Tx, actor: Actor, order: LockedOrder, at: Date): Promise<void> {
  const reason = ownReason.linesChanged;
  const asked = await tx.orderHold.count({ where: { orderId: order.id, kind: 'OTHER', reason } });
  if (asked === 0) await placeHold(tx, actor, order, { kind: 'OTHER', reason }, at);
}
