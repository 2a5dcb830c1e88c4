// The deeds of the sample's stories, each done by whose work it is: people, shoppers, the marketplace and machines.

import { type Actor, systemActor } from '../../../src/core/actor.ts';
import type { Tx } from '../../../src/core/db.ts';
import type { Order } from '../../../src/generated/prisma/client.ts';
import { cancelOrder } from '../../../src/orders/actions/cancel-order.ts';
import { confirmOrder, holdOrder, releaseOrder } from '../../../src/orders/actions/change-order.ts';
import { followPayment } from '../../../src/orders/actions/follow-payment.ts';
import { completeOrder } from '../../../src/orders/actions/fulfil-order.ts';
import { pushOrder } from '../../../src/orders/actions/push-order.ts';
import { flagOrder, remarkOrder } from '../../../src/orders/actions/remarks.ts';
import { applyGatewayMessage } from '../../../src/payments/actions/gateway-messages.ts';
import { recordPayment, startPayment } from '../../../src/payments/actions/payments.ts';
import { createRefund, settleRefund } from '../../../src/payments/actions/refunds.ts';
import { followParcels } from '../../../src/shipping/actions/follow-orders.ts';
import { prepareShipment } from '../../../src/shipping/actions/prepare-shipment.ts';
import { hearReport } from '../../../src/shipping/actions/track-parcel.ts';
import type { Partners } from './partners.ts';
import type { ActorOf } from './people.ts';
import type { Places } from './places.ts';
import type { Act, Deed, Units } from './stories.ts';

export interface Stage {
  tx: Tx;
  places: Places;
  partners: Partners;
  actorOf: ActorOf;
}

/** An order of a story, as far as it has come. */
export interface Told {
  order: Order;
  /** The story's place among all, from 1: numbers of transactions and parcels are made of it. */
  number: number;
  /** Who pays and cancels it: the shopper, or staff for somebody at the telephone. */
  buyer: Actor;
}

interface Doing<One extends Act> extends Stage, Told {
  deed: Deed<One>;
  orderId: string;
  idempotencyKey: string;
  at: Date;
}

const doings: { [One in Act]: (doing: Doing<One>) => Promise<unknown> } = {
  CONFIRM: ({ tx, actorOf, orderId, at }) => confirmOrder(tx, actorOf('order_clerk'), { orderId }, at),
  COMPLETE: ({ tx, actorOf, orderId, idempotencyKey, at }) =>
    completeOrder(tx, actorOf('order_clerk'), { orderId, idempotencyKey }, at),
  CANCEL: ({ tx, buyer, orderId, idempotencyKey, at }) =>
    cancelOrder(tx, buyer, { orderId, idempotencyKey, reason: 'CUSTOMER_REQUEST' }, at),
  CANCEL_LINE: async ({ tx, actorOf, orderId, deed, idempotencyKey, at }) => {
    const lines = await linesOf(tx, orderId, [[deed.sku, deed.quantity]]);
    const wish = { orderId, idempotencyKey, reason: 'CUSTOMER_REQUEST', note: 'One less', lines } as const;
    await cancelOrder(tx, actorOf('customer_service'), wish, at);
  },
  HOLD: ({ tx, actorOf, orderId, deed: { kind, reason }, at }) =>
    holdOrder(tx, actorOf('customer_service'), { orderId, kind, reason }, at),
  RELEASE: async ({ tx, actorOf, orderId, deed, at }) => {
    const hold = await tx.orderHold.findFirstOrThrow({ where: { orderId, releasedAt: null } });
    const { reason } = deed;
    await releaseOrder(tx, actorOf('customer_service'), { orderHoldId: hold.id, reason }, at);
  },
  FLAG: ({ tx, actorOf, orderId, deed: { flag }, at }) =>
    flagOrder(tx, actorOf('customer_service'), { orderId, flag }, at),
  REMARK: ({ tx, actorOf, orderId, deed: { text, mentions = [] }, at }) => {
    const mentionIds = mentions.map((post) => actorOf(post).id ?? '');
    return remarkOrder(tx, actorOf('customer_service'), { orderId, text, mentionIds }, at);
  },
  PUSH: async ({ tx, partners, order, orderId, deed, at }) => {
    const { reference } = await tx.platformOrder.findUniqueOrThrow({ where: { orderId } });
    const { storeId, placedAt } = order;
    const news = { storeId, reference, state: deed.state, placedAt, asOf: at };
    await pushOrder(tx, partners.marketplace, news, at);
  },
  PAY: (doing) => (doing.deed.by === 'GATEWAY' ? payByGateway(doing) : recordMoney(doing, doing.deed.by)),
  REFUND: async ({ tx, actorOf, orderId, deed, idempotencyKey, at }) => {
    const lines = await linesOf(tx, orderId, [[deed.sku, deed.quantity]]);
    const refund = { orderId, idempotencyKey, reason: 'RETURN', note: 'Too small', lines } as const;
    await createRefund(tx, actorOf('after_sales'), refund, at);
  },
  SETTLE: async ({ tx, actorOf, orderId, number, idempotencyKey, at }) => {
    const refund = await tx.refund.findFirstOrThrow({ where: { orderId, state: 'TO_TRANSFER' } });
    const settled = { refundId: refund.id, idempotencyKey, transactionReference: `R2026110${number}` };
    await settleRefund(tx, actorOf('finance'), settled, at);
  },
  PREPARE: (doing) => packParcel(doing, {}),
  DISPATCH: (doing) => packParcel(doing, { dispatch: true, ...labelOf(doing) }),
  TRACK: ({ tx, partners: { carrier }, number, deed: { status, place }, at }) => {
    const trackingNumber = trackingNumberOf(number);
    const events = [{ status, place, occurredAt: at }];
    return hearReport(tx, carrier.actor, carrier.carrierId, { trackingNumber, events }, at);
  },
};

/** Acts that move money beside the order, and those that move its parcels. */
const movesMoney: ReadonlySet<Act> = new Set(['PAY', 'CANCEL', 'CANCEL_LINE', 'REFUND', 'SETTLE']);
const movesParcels: ReadonlySet<Act> = new Set(['TRACK']);

/** Do a deed, and at once what the reactions of a running Dayshift would do about it. */
export async function perform(stage: Stage, told: Told, deed: Deed, at: Date): Promise<void> {
  const { tx } = stage;
  const { id: orderId } = told.order;
  const idempotencyKey = `sample-${told.number}-${deed.act}-${deed.hour}`;
  const run = doings[deed.act] as (doing: object) => Promise<unknown>;
  await run({ ...stage, ...told, deed, orderId, idempotencyKey, at });
  if (movesMoney.has(deed.act)) await followPayment(tx, systemActor('orders.followPayments'), orderId, at);
  if (movesParcels.has(deed.act)) await followParcels(tx, systemActor('shipping.followParcels'), orderId, at);
}

async function payByGateway(doing: Doing<'PAY'>): Promise<void> {
  const { tx, buyer, number, orderId, idempotencyKey, at } = doing;
  const { gateway } = doing.partners;
  const wish = { orderId, idempotencyKey, connectionCode: gateway.code };
  const { id: reference } = await startPayment(tx, buyer, wish, at);
  const { amountMinor, currency } = await tx.payment.findUniqueOrThrow({ where: { id: reference } });
  const message = {
    type: 'payment.captured' as const,
    reference,
    transactionReference: `202611${String(number).padStart(4, '0')}`,
    amount: { minor: amountMinor, currency },
    occurredAt: at,
  };
  const report = { connection: gateway, messageId: idempotencyKey, message };
  await applyGatewayMessage(tx, gateway.actor, report, at);
}

async function recordMoney(
  { tx, actorOf, orderId, number, idempotencyKey, at }: Doing<'PAY'>,
  method: 'BANK_TRANSFER' | 'CASH_ON_DELIVERY',
): Promise<void> {
  const { totalMinor: minor, currency } = await tx.order.findUniqueOrThrow({ where: { id: orderId } });
  const transactionReference = `T2026110${number}`;
  const money = { orderId, idempotencyKey, method, amount: { minor, currency }, transactionReference };
  await recordPayment(tx, actorOf('finance'), money, at);
}

async function packParcel(
  { tx, places, actorOf, orderId, deed, idempotencyKey, at }: Doing<'PREPARE' | 'DISPATCH'>,
  label: { dispatch?: true; carrierId?: string; trackingNumber?: string },
): Promise<void> {
  const lines = 'units' in deed && deed.units ? await linesOf(tx, orderId, deed.units) : undefined;
  const locationId = places.locations[deed.from];
  const parcel = { orderId, idempotencyKey, locationId, ...label, ...(lines ? { lines } : {}) };
  await prepareShipment(tx, actorOf('warehouse'), parcel, at);
}

const labelOf = ({ partners, number }: Stage & Told) => ({
  carrierId: partners.carrier.carrierId,
  trackingNumber: trackingNumberOf(number),
});

const trackingNumberOf = (number: number): string => `SF10260000${String(number).padStart(4, '0')}`;

/** Units of an order's lines, as inputs name them. */
async function linesOf(tx: Tx, orderId: string, units: Units) {
  const lines = await tx.orderLine.findMany({ where: { orderId } });
  return units.map(([sku, quantity]) => {
    const line = lines.find((candidate) => candidate.sku === sku);
    if (!line) throw new Error(`the order has no ${sku}`);
    return { orderLineId: line.id, quantity };
  });
}
