// Orders of the sample department: the stories told in the order of time, while the clocks of the orders run.

import type { Actor } from '../../../src/core/actor.ts';
import { systemActor } from '../../../src/core/actor.ts';
import type { Tx } from '../../../src/core/db.ts';
import { breachDeadline } from '../../../src/deadlines/actions.ts';
import type { Order } from '../../../src/generated/prisma/client.ts';
import { placeOrder } from '../../../src/orders/actions/place-order.ts';
import { pushOrder } from '../../../src/orders/actions/push-order.ts';
import { orderTimers } from '../../../src/orders/jobs.ts';
import { platformItemIdOf, type Variants } from './catalog.ts';
import { priceIn, yuan } from './content.ts';
import { perform, type Stage, type Told } from './deeds.ts';
import { addressOf, type Shoppers } from './shoppers.ts';
import { type Story, stories } from './stories.ts';

interface Around extends Stage {
  variants: Variants;
  shoppers: Shoppers;
}

interface Moment {
  at: Date;
  run: () => Promise<void>;
}

/** Tell the stories: every deed in the order of time over all of them, and what clocks do in between. */
export async function seedOrders(around: Around, at: Date): Promise<void> {
  const moments = stories.flatMap((story, i) => momentsOf(around, { story, number: i + 1 }, at));
  for (const moment of moments.sort((a, b) => a.at.getTime() - b.at.getTime())) {
    await fireClocks(around.tx, moment.at);
    await moment.run();
  }
  await fireClocks(around.tx, at);
}

interface Telling {
  story: Story;
  number: number;
}

function momentsOf(around: Around, { story, number }: Telling, now: Date): Moment[] {
  const before = (hour: number) => new Date(now.getTime() - hour * 3_600_000);
  const buyer = buyerOf(around, story);
  let told: Promise<Told> | undefined;
  const begin = async (at: Date): Promise<Told> => {
    const order = await (story.by === 'marketplace' ? push : place)(around, { story, number }, buyer, at);
    return { order, number, buyer };
  };
  return [
    {
      at: before(story.hour),
      run: async () => {
        told = begin(before(story.hour));
        await told;
      },
    },
    ...story.deeds.map((deed) => ({
      at: before(deed.hour),
      run: async () => {
        if (told) await perform(around, await told, deed, before(deed.hour));
      },
    })),
  ];
}

function buyerOf({ partners, shoppers, actorOf }: Around, { by }: Story): Actor {
  if (by === 'marketplace') return partners.marketplace;
  return by === 'service' ? actorOf('customer_service') : shoppers.actors[by];
}

async function place(
  { tx, places, variants }: Around,
  { story, number }: Telling,
  buyer: Actor,
  at: Date,
): Promise<Order> {
  const { to, lines, onDelivery } = story;
  const [name] = to;
  const input = {
    idempotencyKey: `sample-order-${number}`,
    storeId: places.stores.main,
    contact: { name, phone: phoneOf(number), email: `customer-${number}@example.com` },
    address: addressOf(to),
    lines: lines.map(([sku, quantity]) => ({ variantId: variants.get(sku) ?? '', quantity })),
    ...(onDelivery ? { terms: 'CASH_ON_DELIVERY' as const } : {}),
  };
  const { id } = await placeOrder(tx, buyer, input, at);
  return tx.order.findUniqueOrThrow({ where: { id } });
}

/** Hours within which the marketplace has it dispatched (发货时效). */
const SHIP_WITHIN_HOURS = 48;

async function push(
  { tx, places }: Around,
  { story, number }: Telling,
  marketplace: Actor,
  at: Date,
): Promise<Order> {
  const { to, isPaid = false, voucher = '0' } = story;
  const lines = story.lines.map(([sku, quantity], i) => ({
    reference: String(i + 1),
    platformItemId: platformItemIdOf(sku),
    quantity,
    unitPrice: priceIn('tmall', sku),
    ...(i === 0 ? { platformDiscount: yuan(voucher) } : {}),
  }));
  const worth = lines.reduce((sum, line) => sum + line.unitPrice.minor * BigInt(line.quantity), 0n);
  const { region, ...address } = addressOf(to);
  const input = {
    storeId: places.stores.tmall,
    reference: `2026110${String(number).padStart(6, '0')}`,
    asOf: at,
    placedAt: at,
    state: isPaid ? ('PAID' as const) : ('PLACED' as const),
    shipBy: new Date(at.getTime() + SHIP_WITHIN_HOURS * 3_600_000),
    // The marketplace tells names and streets in part.
    receiver: {
      ...address,
      region,
      name: `${to[0].charAt(0)}**`,
      phone: maskedPhoneOf(number),
      masked: true,
    },
    lines,
    buyerPaid: { minor: worth - yuan(voucher).minor, currency: 'CNY' },
  };
  const { id } = await pushOrder(tx, marketplace, input, at);
  return tx.order.findUniqueOrThrow({ where: { id } });
}

const phoneOf = (number: number): string => `138001380${String(number).padStart(2, '0')}`;
const maskedPhoneOf = (number: number): string => phoneOf(number).replace(/^(\d{3})\d{4}/, '$1****');

/** Fire the clocks that ran out until a moment, each when it did, as the timers of a running Dayshift would have. */
async function fireClocks(tx: Tx, until: Date): Promise<void> {
  for (;;) {
    const next = await tx.deadline.findFirst({
      where: { state: 'RUNNING', dueAt: { lte: until } },
      orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
    });
    const timer = orderTimers.find(({ kind }) => kind === next?.kind);
    if (!next || !timer) return;
    await timer.lock(tx, next.entityId);
    const breached = await breachDeadline(tx, next.id, next.dueAt);
    if (breached) await timer.fire(tx, systemActor(timer.kind), breached, next.dueAt);
  }
}
