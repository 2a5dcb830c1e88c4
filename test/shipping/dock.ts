// Orders that can be sent, and their parcels, made through the public API.

import { shopIn } from '../orders/shop.ts';
import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey, uniqueName } from '../setup/given.ts';

export const SHIPMENT = `shipment {
  id number state version trackingNumber preparedAt dispatchedAt firstScanAt deliveredAt cancelledAt
  carrier { code } location { id } order { id }
  lines(first: 20) { edges { node { quantity orderLine { id } } } }
  trackingEvents(first: 20) { edges { node { status occurredAt place } } }
  allowedActions { action allowed reasonCode }
}`;

const FIELDS = SHIPMENT.slice(SHIPMENT.indexOf('{') + 1, -1);

export interface Shipment {
  id: string;
  number: string;
  state: string;
  version: number;
  trackingNumber: string | null;
  preparedAt: string;
  dispatchedAt: string | null;
  firstScanAt: string | null;
  deliveredAt: string | null;
  cancelledAt: string | null;
  carrier: { code: string } | null;
  location: { id: string };
  order: { id: string };
  lines: { edges: { node: { quantity: number; orderLine: { id: string } } }[] };
  trackingEvents: { edges: { node: { status: string; occurredAt: string; place: string | null } }[] };
  allowedActions: { action: string; allowed: boolean; reasonCode: string | null }[];
}

export interface Place {
  storeId: string;
  locationId: string;
  locationIds: string[];
}

/** An order of one variant, with the id of its line. */
export interface SentOrder {
  id: string;
  number: string;
  variantId: string;
  lineId: string;
  at: Place;
}

/** Everything of an order that its parcels move. */
interface OrderState {
  state: string;
  fulfilmentState: string;
  held: boolean;
  holds: { edges: { node: { kind: string; reason: string } }[] };
  lines: { edges: { node: { id: string; dispatched: number; cancelled: number } }[] };
  shipments: { edges: { node: Shipment }[] };
}

export function dockIn(app: App) {
  const shop = shopIn(app);
  const carriers = new Map<string, string>();
  const dock = {
    shop,

    /** A store that lets customers pay on delivery, so that orders can be sent without money. */
    open: (wishes: object = {}): Promise<Place> =>
      shop.open({ policies: { cashOnDelivery: true }, ...wishes }),

    /** An order of one variant, confirmed, with units in stock at the locations in their order. */
    async order(
      at: Place,
      {
        quantity = 3,
        units = [10],
        by = app.admin,
      }: { quantity?: number; units?: number[]; by?: Client } = {},
    ): Promise<SentOrder> {
      const { variantId } = await shop.variant(at, units);
      const { order } = await by.act<{
        order: { id: string; number: string; lines: { edges: { node: { id: string } }[] } };
      }>(
        'orderPlace',
        shop.orderInput(at.storeId, [{ variantId, quantity }], { terms: 'CASH_ON_DELIVERY' }),
        'order { id number lines { edges { node { id } } } }',
      );
      await app.admin.act('orderConfirm', { orderId: order.id });
      return {
        id: order.id,
        number: order.number,
        variantId,
        lineId: order.lines.edges[0]?.node.id ?? '',
        at,
      };
    },

    /** The input that prepares a parcel of an order at its first location. */
    parcelOf: (order: SentOrder, wishes: object = {}) => ({
      idempotencyKey: newKey(),
      orderId: order.id,
      locationId: order.at.locationId,
      ...wishes,
    }),

    prepare: async (order: SentOrder, wishes: object = {}, by = app.admin): Promise<Shipment> =>
      (await by.act<{ shipment: Shipment }>('shipmentPrepare', dock.parcelOf(order, wishes), SHIPMENT))
        .shipment,

    /** A parcel of an order on its way with SF Express. */
    send: async (order: SentOrder, wishes: object = {}): Promise<Shipment & { trackingNumber: string }> => {
      const label = { carrierId: await dock.carrier(), trackingNumber: dock.trackingNumber() };
      const shipment = await dock.prepare(order, { dispatch: true, ...label, ...wishes });
      return { ...shipment, trackingNumber: shipment.trackingNumber ?? '' };
    },

    dispatch: async (shipmentId: string, wishes: object = {}, by = app.admin): Promise<Shipment> =>
      (
        await by.act<{ shipment: Shipment }>(
          'shipmentDispatch',
          { idempotencyKey: newKey(), shipmentId, ...wishes },
          SHIPMENT,
        )
      ).shipment,

    trackingNumber: () => uniqueName('SF-NUMBER').toUpperCase(),

    /** Global id of a reference carrier. */
    async carrier(code = 'sf'): Promise<string> {
      if (carriers.size === 0) {
        const data = await app.admin.ok<{ carriers: { edges: { node: { id: string; code: string } }[] } }>(
          '{ carriers(first: 100) { edges { node { id code } } } }',
        );
        for (const { node } of data.carriers.edges) carriers.set(node.code, node.id);
      }
      return carriers.get(code) ?? '';
    },

    /** Report tracking events of a parcel with SF Express, by status and moment. */
    track: (
      trackingNumber: string,
      events: readonly [status: string, occurredAt: string][],
      by = app.admin,
    ) =>
      by.act<{ received: number; shipment: Shipment | null }>(
        'shipmentTrack',
        {
          carrierCode: 'sf',
          trackingNumber,
          events: events.map(([status, occurredAt]) => ({ status, occurredAt })),
        },
        `received ${SHIPMENT}`,
      ),

    async shipment(id: string, by = app.admin): Promise<Shipment> {
      const { node } = await by.ok<{ node: Shipment }>(
        `query ($id: ID!) { node(id: $id) { ... on Shipment { ${FIELDS} } } }`,
        { id },
      );
      return node;
    },

    async orderState({ id }: { id: string }, by = app.admin): Promise<OrderState> {
      const { node } = await by.ok<{ node: OrderState }>(
        `query ($id: ID!) { node(id: $id) { ... on Order { state fulfilmentState held
          holds { edges { node { kind reason } } }
          lines(first: 20) { edges { node { id dispatched cancelled } } }
          shipments(first: 10) { edges { node { ${FIELDS} } } } } } }`,
        { id },
      );
      return node;
    },

    /** Where a shipment's timeline got: types of its events, in order. */
    async history(id: string): Promise<string[]> {
      const { node } = await app.admin.ok<{ node: { timeline: { edges: { node: { type: string } }[] } } }>(
        'query ($id: ID!) { node(id: $id) { ... on Shipment { timeline(first: 100) { edges { node { type } } } } } }',
        { id },
      );
      return node.timeline.edges.map((edge) => edge.node.type);
    },
  };
  return dock;
}

export const unitsOf = ({ lines }: Shipment): Record<string, number> =>
  Object.fromEntries(lines.edges.map(({ node }) => [node.orderLine.id, node.quantity]));

export const actionsOf = ({ allowedActions }: Shipment): Record<string, true | string | null> =>
  Object.fromEntries(
    allowedActions.map(({ action, allowed, reasonCode }) => [action, allowed || reasonCode]),
  );
