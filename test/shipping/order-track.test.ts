// The way of an order for those who wait for it: who may follow it, what they are shown, and that it is live.

import { describe, expect, test } from 'vitest';
import { nobodys } from '../catalog/goods.ts';
import { address, contact } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { dockIn, type SentOrder } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);
const at = await dock.open();
const customer = await app.given.customer();
const guest = app.given.guest();

const FIELDS = `number state paymentState fulfilmentState placedAt paidAt dispatchedAt deliveredAt completedAt
  shipments { carrier trackingNumber state dispatchedAt deliveredAt events { status title occurredAt place } }`;

interface Track {
  number: string;
  fulfilmentState: string;
  shipments: { state: string; events: { status: string; title: string }[] }[];
}

const trackOf = async (client: Client, orderId?: string) =>
  (
    await client.ok<{ orderTrack: Track | null }>(
      `query ($id: ID) { orderTrack(orderId: $id) { ${FIELDS} } }`,
      { id: orderId },
    )
  ).orderTrack;

/** Whoever was sent the link to an order. */
async function linkedTo({ id }: SentOrder): Promise<Client> {
  const { node } = await app.admin.ok<{ node: { followToken: string } }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { followToken } } }',
    { id },
  );
  return app.clientFor(node.followToken);
}

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

describe('who may follow an order', () => {
  test('its customer, its guest, whoever has a link to it, and colleagues who may see it', async () => {
    const ofCustomer = await dock.order(at, { by: customer });
    const ofGuest = await dock.order(at, { by: guest });
    const clerk = await app.given.staff({ posts: ['order_clerk'], stores: [at.storeId] });
    expect((await trackOf(customer, ofCustomer.id))?.number).toBe(ofCustomer.number);
    expect((await trackOf(guest, ofGuest.id))?.number).toBe(ofGuest.number);
    expect((await trackOf(await linkedTo(ofGuest)))?.number).toBe(ofGuest.number);
    expect((await trackOf(await linkedTo(ofGuest), ofGuest.id))?.number).toBe(ofGuest.number);
    expect((await trackOf(clerk, ofCustomer.id))?.number).toBe(ofCustomer.number);
  });

  test('orders of others look like those that do not exist', async () => {
    const ofCustomer = await dock.order(at, { by: customer });
    const ofGuest = await dock.order(at, { by: guest });
    const elsewhere = await dock.open();
    const clerk = await app.given.staff({ posts: ['order_clerk'], stores: [elsewhere.storeId] });
    for (const [client, orderId] of [
      [customer, ofGuest.id],
      [guest, ofCustomer.id],
      [app.given.guest(), ofGuest.id],
      [await linkedTo(ofGuest), ofCustomer.id],
      [clerk, ofCustomer.id],
      [app.anonymous, ofGuest.id],
      [app.anonymous, undefined],
      [customer, undefined],
      [customer, nobodys('Order')],
    ] as const) {
      expect(await trackOf(client, orderId)).toBeNull();
    }
    expect(await app.anonymous.codes('{ orderTrack(orderId: "x") { number } }')).toEqual(['BAD_INPUT']);
  });

  test('a link opens the way of the order and nothing else', async () => {
    const order = await dock.order(at, { by: guest });
    const holder = await linkedTo(order);
    const answer = await holder.run<{ node: object | null }>(
      'query ($id: ID!) { node(id: $id) { id ... on Order { contact { name } } } }',
      { id: order.id },
    );
    expect(answer.data?.node ?? null).toBeNull();
    const spoilt = app.clientFor(`${holder.token?.slice(0, -2)}AA`);
    expect(await spoilt.codes('{ orderTrack { number } }')).toEqual(['UNAUTHENTICATED']);
  });
});

describe('what is shown', () => {
  test('T17 the parcels that left, with what happened on their way, and nothing of people', async () => {
    const order = await dock.order(at, { by: customer, quantity: 2 });
    const { trackingNumber } = await dock.send(order, {
      lines: [{ orderLineId: order.lineId, quantity: 1 }],
    });
    await dock.prepare(order);
    const [first, second] = [hoursAgo(2), hoursAgo(1)];
    await app.admin.act('shipmentTrack', {
      carrierCode: 'sf',
      trackingNumber,
      events: [
        { status: 'PICKED_UP', occurredAt: first, place: '上海徐汇', description: `签收人 ${contact.name}` },
        { status: 'AT_PICKUP_POINT', occurredAt: second, place: '菜鸟驿站' },
      ],
    });
    const track = await trackOf(customer.speaking('zh'), order.id);
    expect(track).toMatchObject({
      state: 'CONFIRMED',
      paymentState: 'UNPAID',
      fulfilmentState: 'PARTIALLY_DISPATCHED',
      deliveredAt: null,
      shipments: [
        {
          carrier: '顺丰速运',
          trackingNumber,
          state: 'AT_PICKUP_POINT',
          deliveredAt: null,
          events: [
            { status: 'AT_PICKUP_POINT', title: '待自提', occurredAt: second, place: '菜鸟驿站' },
            { status: 'PICKED_UP', title: '已揽收', occurredAt: first, place: '上海徐汇' },
          ],
        },
      ],
    });
    for (const secret of [contact.name, contact.phone, ...address.lines])
      expect(JSON.stringify(track)).not.toContain(secret);
  });

  test('shoppers see the parcels of their own orders once they left, without what is ours', async () => {
    const order = await dock.order(at, { by: customer, quantity: 2 });
    const one = { lines: [{ orderLineId: order.lineId, quantity: 1 }] };
    const sent = await dock.send(order, one);
    const kept = await dock.prepare(order);
    await app.admin.act('shipmentTrack', {
      carrierCode: 'sf',
      trackingNumber: sent.trackingNumber,
      events: [{ status: 'PICKED_UP', occurredAt: hoursAgo(1), description: 'by courier Wang' }],
    });
    const read = (selection: string) =>
      customer.run<{ node: { shipments: { totalCount: number; edges: { node: object }[] } } }>(
        `query ($id: ID!) { node(id: $id) { ... on Order { shipments { totalCount edges { node { ${selection} } } } } } }`,
        { id: order.id },
      );
    const { data, errors } = await read(
      'id state trackingNumber carrier { name } lines { edges { node { quantity } } } trackingEvents { edges { node { title } } }',
    );
    expect(errors).toEqual([]);
    expect(data?.node.shipments).toEqual({
      totalCount: 1,
      edges: [
        {
          node: {
            id: sent.id,
            state: 'IN_TRANSIT',
            trackingNumber: sent.trackingNumber,
            carrier: { name: 'SF Express' },
            lines: { edges: [{ node: { quantity: 1 } }] },
            trackingEvents: { edges: [{ node: { title: 'Picked up by the carrier' } }] },
          },
        },
      ],
    });
    const ours = await read(`location { code } timeline { totalCount edges { node { payload } } }
      allowedActions { action } trackingEvents { edges { node { description } } }`);
    expect(ours.errors).toEqual([]);
    expect(ours.data?.node?.shipments.edges.map((edge) => edge.node)).toEqual([
      {
        location: null,
        timeline: { totalCount: 0, edges: [] },
        allowedActions: [],
        trackingEvents: { edges: [{ node: { description: null } }] },
      },
    ]);
    for (const [client, id] of [
      [customer, kept.id],
      [guest, sent.id],
    ] as const) {
      const answer = await client.run<{ node: object | null }>(
        'query ($id: ID!) { node(id: $id) { id ... on Shipment { state } } }',
        { id },
      );
      expect(answer.data?.node ?? null).toBeNull();
    }
  });
});

describe('live', () => {
  const UPDATES = `subscription ($id: ID) { orderTrackUpdates(orderId: $id) { ${FIELDS} } }`;
  type Update = { orderTrackUpdates: Track | null };

  test('who follows an order hears of its parcels until it is delivered', async () => {
    const order = await dock.order(at, { by: guest });
    const stream = guest.subscribe<Update>(UPDATES, { id: order.id });
    const linked = (await linkedTo(order)).subscribeSse<Update>(UPDATES);
    for (const first of [await stream.next(), await linked.next()])
      expect(first.orderTrackUpdates?.fulfilmentState).toBe('UNFULFILLED');
    const { trackingNumber } = await dock.send(order);
    await stream.next(({ orderTrackUpdates }) => orderTrackUpdates?.fulfilmentState === 'DISPATCHED');
    await dock.track(trackingNumber, [['OUT_FOR_DELIVERY', hoursAgo(1)]]);
    await stream.next(
      ({ orderTrackUpdates }) => orderTrackUpdates?.shipments[0]?.events[0]?.title === 'Out for delivery',
    );
    await dock.track(trackingNumber, [['DELIVERED', hoursAgo(0)]]);
    for (const follower of [stream, linked])
      await follower.next(({ orderTrackUpdates }) => orderTrackUpdates?.fulfilmentState === 'DELIVERED');
  });

  test('an order of others, or none, is null and the end', async () => {
    const order = await dock.order(at, { by: customer });
    for (const id of [order.id, nobodys('Order')]) {
      const stream = guest.subscribe<Update>(UPDATES, { id });
      expect(await stream.next()).toEqual({ orderTrackUpdates: null });
      expect(await stream.ended).toEqual([]);
    }
  });
});
