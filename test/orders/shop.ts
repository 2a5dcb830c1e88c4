// A shop in which orders can be placed, made through the public API.

import { setTimeout as sleep } from 'node:timers/promises';
import { goodsIn, type ProductWishes } from '../catalog/goods.ts';
import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey, uniqueName } from '../setup/given.ts';

export const contact = { name: '李雷', phone: '+86 138 1234 5678' };
export const address = {
  country: 'CN',
  region: '上海市',
  city: '上海市',
  district: '徐汇区',
  lines: ['漕溪北路 88 号'],
};

export const ORDER = `order {
  id number state held awaitingStock cancelReason version paymentState fulfilmentState
  total { amount currency } merchandise { amount } freight { amount } tax { amount }
  lines(first: 100) { edges { node { id sku quantity cancelled dispatched total { amount } tax { amount } } } }
}`;

export interface PlacedOrder {
  id: string;
  number: string;
  state: string;
  held: boolean;
  awaitingStock: boolean;
  cancelReason: string | null;
  version: number;
  paymentState: string;
  fulfilmentState: string;
  total: { amount: string; currency: string };
  merchandise: { amount: string };
  freight: { amount: string };
  tax: { amount: string };
  lines: {
    edges: {
      node: {
        id: string;
        sku: string;
        quantity: number;
        cancelled: number;
        dispatched: number;
        total: { amount: string };
        tax: { amount: string };
      };
    }[];
  };
}

export interface StockRow {
  onHand: number;
  allocated: number;
  damaged: number;
  safetyStock: number;
  low: boolean;
  soldOut: boolean;
  version: number;
}

/** The fields of `order { … }`. */
const fieldsOf = (selection: string): string => selection.slice(selection.indexOf('{') + 1, -1);

/** A store with locations, and goods in them. */
export function shopIn(app: App) {
  const goods = goodsIn(app);
  const shop = {
    goods,

    /** A store with as many locations as wished, the first with priority 1. */
    async open({ locations = 1, ...wishes }: { locations?: number } & Record<string, unknown> = {}) {
      const storeId = await goods.store(wishes);
      const locationIds: string[] = [];
      for (let i = 0; i < locations; i++) {
        const locationId = await app.given.location({ stores: [] });
        const change = { locationId, expectedVersion: 1, stores: [{ storeId, priority: i + 1 }] };
        await app.admin.act('locationChange', change, 'location { id }');
        locationIds.push(locationId);
      }
      return { storeId, locationIds, locationId: locationIds[0] ?? '' };
    },

    /** A variant on sale in the store, with units at its locations in their order. */
    async variant(
      at: { storeId: string; locationIds: string[] },
      units: number[],
      price = '10.00',
      wishes: ProductWishes = {},
    ) {
      const sold = await goods.sold(at.storeId, price, wishes);
      const variantId = sold.variantIds[0] ?? '';
      for (const [i, quantity] of units.entries()) {
        if (quantity > 0) await shop.receive(at.locationIds[i] ?? '', variantId, quantity);
      }
      return { ...sold, variantId };
    },

    receive: (locationId: string, variantId: string, quantity: number) =>
      app.admin.act('stockReceive', {
        idempotencyKey: newKey(),
        locationId,
        lines: [{ variantId, quantity }],
      }),

    orderInput: (storeId: string, lines: { variantId: string; quantity: number }[], wishes: object = {}) => ({
      idempotencyKey: newKey(),
      storeId,
      contact,
      address,
      lines,
      ...wishes,
    }),

    async place(storeId: string, lines: { variantId: string; quantity: number }[], by: Client = app.admin) {
      const { order } = await by.act<{ order: PlacedOrder }>(
        'orderPlace',
        shop.orderInput(storeId, lines),
        ORDER,
      );
      return order;
    },

    /** Record the whole total of an order as paid, and wait until the order says so. */
    async pay(order: { id: string; total: { amount: string; currency: string } }) {
      await app.admin.act('paymentRecord', {
        idempotencyKey: newKey(),
        orderId: order.id,
        method: 'BANK_TRANSFER',
        amount: { amount: order.total.amount, currency: order.total.currency },
        transactionReference: uniqueName('transfer'),
      });
      await shop.reaches(order.id, { paymentState: 'PAID' });
    },

    /** Send all that is open of an order from a location. */
    send: (orderId: string, locationId: string) =>
      app.admin.act('shipmentPrepare', { idempotencyKey: newKey(), orderId, locationId, dispatch: true }),

    /** Confirm, pay and send an order. */
    async fulfil(order: PlacedOrder, locationId: string) {
      await app.admin.act('orderConfirm', { orderId: order.id });
      await shop.pay(order);
      await shop.send(order.id, locationId);
    },

    /** An order as it is now. */
    async order(id: string) {
      const { node } = await app.admin.ok<{ node: PlacedOrder }>(
        `query ($id: ID!) { node(id: $id) { ... on Order { ${fieldsOf(ORDER)} } } }`,
        { id },
      );
      return node;
    },

    /** The order once it has these values: what follows from events follows soon, not at once. */
    async reaches(id: string, values: Partial<PlacedOrder>): Promise<PlacedOrder> {
      for (const deadline = Date.now() + 20_000; ; await sleep(25)) {
        const order = await shop.order(id);
        const differs = Object.entries(values).some(([key, value]) => order[key as 'state'] !== value);
        if (!differs) return order;
        if (Date.now() > deadline)
          throw new Error(`the order never got ${JSON.stringify(values)}: ${JSON.stringify(order)}`);
      }
    },

    /** Why an order was held and released, in the words that a reader of each language finds. */
    async reasons(id: string): Promise<{ en: string[]; zh: string[] }> {
      const read = async (language: string) => {
        const { node } = await app.admin.speaking(language).ok<{
          node: { holds: { edges: { node: { reason: string; releaseReason: string | null } }[] } };
        }>(
          'query ($id: ID!) { node(id: $id) { ... on Order { holds { edges { node { reason releaseReason } } } } } }',
          { id },
        );
        return node.holds.edges.flatMap(({ node: hold }) =>
          hold.releaseReason === null ? [hold.reason] : [hold.reason, hold.releaseReason],
        );
      };
      return { en: await read('en'), zh: await read('zh') };
    },

    /** Stock of a variant, by location. */
    async stocks(variantId: string): Promise<Map<string, StockRow>> {
      const { node } = await app.admin.ok<{
        node: { stocks: { edges: { node: StockRow & { location: { id: string } } }[] } };
      }>(
        `query ($id: ID!) { node(id: $id) { ... on Variant { stocks(first: 100) { edges { node {
          location { id } onHand allocated damaged safetyStock low soldOut version } } } } } }`,
        { id: variantId },
      );
      return new Map(node.stocks.edges.map(({ node: { location, ...row } }) => [location.id, row]));
    },
  };
  return shop;
}
