// How orders come to their milestones, each by whose work it is: shoppers and machines, clerk, warehouse, carrier.

import { formatMinor } from '../../../src/core/money.ts';
import { type BookedOrder, refresh } from './books.ts';
import { isReportedTwice, paysByTransfer } from './channels.ts';
import type { Milestone, PlannedOrder } from './plan.ts';
import { pushCompletion, pushOrder } from './pushing.ts';
import { type Acts, act, countOnce, type Play } from './stage.ts';

interface Way {
  isReached(order: BookedOrder): boolean;
  /** Do what brings the order there. A refusal leaves it where it is: somebody may have done something with it. */
  go(play: Play, planned: PlannedOrder, order: BookedOrder): Promise<void>;
  counts?: keyof Acts;
}

const ways: Readonly<Record<Milestone, Way>> = {
  PAID: { isReached: (order) => order.isPaid, go: pay, counts: 'paid' },
  CONFIRMED: {
    isReached: (order) => order.confirmedAt !== null,
    go: async (play, _, order) => void (await act(play, order, 'orderConfirm', { orderId: order.id })),
    counts: 'confirmed',
  },
  DISPATCHED: { isReached: (order) => order.parcel !== null, go: dispatch, counts: 'dispatched' },
  PICKED_UP: scanned('PICKED_UP'),
  IN_TRANSIT: scanned('IN_TRANSIT'),
  DELIVERED: { ...scanned('DELIVERED'), counts: 'delivered' },
  COMPLETED: { isReached: (order) => order.completedAt !== null, go: complete, counts: 'completed' },
};

/** Bring an order to each of the milestones in turn, up to the first that it cannot reach now. */
export async function advance(
  play: Play,
  planned: PlannedOrder,
  milestones: readonly Milestone[],
): Promise<void> {
  const order = play.books.get(planned.reference);
  if (!order) return;
  for (const milestone of milestones) {
    const { isReached, go, counts } = ways[milestone];
    if (!isReached(order) && order.state !== 'CANCELLED') await go(play, planned, order);
    if (!isReached(order)) return;
    const isNew = counts !== undefined && countOnce(play, order, counts);
    if (isNew && milestone === 'PAID') {
      play.money.paid(order);
      if (order.holds.some(({ kind }) => kind === 'STOCK')) countOnce(play, order, 'waited');
    }
  }
}

async function pay(play: Play, planned: PlannedOrder, order: BookedOrder): Promise<void> {
  const { channel, reference } = planned;
  if (order.isPushed) await pushOrder(play, planned, 'PAID', order);
  else if (channel === 'TELEPHONE' && paysByTransfer(reference)) await recordTransfer(play, order);
  else await payByGateway(play, planned, order);
  await refresh(play.crew.clerk, order);
}

/** Who bought on the site pays there; who ordered by telephone follows a link that the clerk sends. */
async function payByGateway(
  { crew, department }: Play,
  planned: PlannedOrder,
  { id: orderId, reference }: BookedOrder,
): Promise<void> {
  const { gateway } = department.partners;
  const payer = planned.channel === 'OWN_SITE' ? await crew.shoppers.of(planned) : crew.clerk;
  const input = {
    idempotencyKey: `replay-pay-${reference}`,
    orderId,
    connectionCode: gateway.connectionCode,
  };
  type Started = { payment: { id: string; amount: { amount: string; currency: string } } | null };
  const selection = 'payment { id amount { amount currency } }';
  const { payment } = await payer.act<Started>('paymentStart', input, selection);
  if (!payment) return;
  const report = {
    type: 'payment.captured',
    reference: payment.id,
    transactionReference: `CP-${reference}`,
    ...payment.amount,
    occurredAt: new Date().toISOString(),
  };
  const messageId = `captured-${payment.id}`;
  await gateway.report(messageId, report);
  if (isReportedTwice(reference)) await gateway.report(messageId, report);
}

async function recordTransfer({ crew, money }: Play, order: BookedOrder): Promise<void> {
  const { id: orderId, reference } = order;
  const amount = { amount: formatMinor(money.dueOf(order), 'GBP'), currency: 'GBP' };
  await crew.finance.act('paymentRecord', {
    idempotencyKey: `replay-pay-${reference}`,
    orderId,
    method: 'BANK_TRANSFER',
    amount,
    transactionReference: `BACS ${reference}`,
  });
}

async function dispatch({ crew, department }: Play, _: PlannedOrder, order: BookedOrder): Promise<void> {
  const { id: orderId, reference } = order;
  const { carrierId } = department.partners.carrier;
  await crew.packer.act('shipmentPrepare', {
    idempotencyKey: `replay-send-${reference}`,
    orderId,
    locationId: department.locationId,
    carrierId,
    trackingNumber: `RM${reference}GB`,
    dispatch: true,
  });
  await refresh(crew.clerk, order);
}

const scans = ['PICKED_UP', 'IN_TRANSIT', 'DELIVERED'] as const;

/**
 * The carrier reports a scan, and with it all before. It counts its time from the dispatch, a second from scan to
 * scan, so that what it reports again is the same.
 */
function scanned(status: (typeof scans)[number]): Way {
  return {
    isReached: ({ parcel }) => parcel?.scans.includes(status) === true,
    async go({ department }, { invoice }, { parcel, reference }) {
      if (!parcel) return;
      const { carrier } = department.partners;
      const told = scans.slice(0, scans.indexOf(status) + 1);
      const events = told.map((scan, i) => ({
        status: scan,
        occurredAt: new Date(Date.parse(parcel.dispatchedAt) + (i + 1) * 1_000).toISOString(),
        place: scan === 'DELIVERED' ? invoice.country : 'London',
      }));
      const { trackingNumber } = parcel;
      await carrier.report(`${status}-${reference}`, { carrier: carrier.code, trackingNumber, events });
      parcel.scans = [...told];
    },
  };
}

async function complete(play: Play, _: PlannedOrder, order: BookedOrder): Promise<void> {
  const idempotencyKey = `replay-complete-${order.reference}`;
  if (order.isPushed) await pushCompletion(play, order);
  else await act(play, order, 'orderComplete', { orderId: order.id, idempotencyKey });
}
