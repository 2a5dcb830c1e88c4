// What the watcher asks for: feeds of orders, parcels and stock, the board, and the shapes of what they yield.

export interface Money {
  amount: string;
  currency: string;
}

interface Item {
  cursor: string;
  /** Name of the event, or `heartbeat`. */
  type: string;
  occurredAt: string;
  nodeId: string | null;
  version: number | null;
}

export interface OrderItem extends Item {
  order: {
    number: string;
    state: string;
    paymentState: string;
    held: boolean;
    total: Money;
    store: { name: string };
  } | null;
}

export interface ShipmentItem extends Item {
  shipment: {
    trackingNumber: string | null;
    carrier: { name: string } | null;
    order: { number: string };
  } | null;
}

export interface StockItem extends Item {
  stock: { sellable: number; variant: { sku: string } } | null;
}

export interface StoreBoard {
  store: { code: string; name: string };
  toConfirm: number;
  onHold: number;
  ordersToday: number;
  salesToday: Money[];
  lowStock: number;
  soldOut: number;
}

export interface Board {
  at: string;
  stores: StoreBoard[];
}

const ITEM = 'cursor type occurredAt nodeId version';
const BOARD = `{ at stores { store { code name } toConfirm onHold ordersToday salesToday { amount currency } lowStock soldOut } }`;

export const feeds = {
  orderEvents: `subscription watchOrders($after: EventCursor) { orderEvents(after: $after) {
    ${ITEM} order { number state paymentState held total { amount currency } store { name } }
  } }`,
  shipmentEvents: `subscription watchShipments($after: EventCursor) { shipmentEvents(after: $after) {
    ${ITEM} shipment { trackingNumber carrier { name } order { number } }
  } }`,
  stockEvents: `subscription watchStock($after: EventCursor) { stockEvents(after: $after) {
    ${ITEM} stock { sellable variant { sku } }
  } }`,
} as const;
export type FeedName = keyof typeof feeds;

export const boardSubscription = `subscription watchBoard { boardUpdates ${BOARD} }`;

/** Where the feeds begin, and the board at that moment. */
export const startQuery = `query start { eventCursor board ${BOARD} }`;

/** Names of goods are asked for when a line needs one: in the feed they would cost five statements for each event. */
export const nameQuery = `query nameOf($sku: String!) {
  variantBySku(sku: $sku) { product { name } }
}`;
