// What is measured: each operation of the API, with the same thing asked of the server that was written by hand.

import { toGlobalId } from '../../src/core/ids.ts';
import { idOf, looks, ORDERS, PRODUCTS, things } from './department.ts';

/** One request of either side. `@key` in it is replaced by a new one each time it is sent. */
export interface Ask {
  /** Body of the POST to `/graphql`. */
  graphql: string;
  /** Path of the server written by hand, and its body when it is a POST. */
  path: string;
  body?: string;
}

export interface Workload {
  name: string;
  asks: Ask[];
  /** True when requests change something: answers then differ in numbers and ids. */
  writes: boolean;
}

const ask = (query: string, variables: object, path: string, body?: object): Ask => ({
  graphql: JSON.stringify({ query, variables }),
  path,
  ...(body ? { body: JSON.stringify(body) } : {}),
});

const many = (count: number, make: (i: number) => Ask): Ask[] =>
  Array.from({ length: count }, (_, i) => make(i));

const ORDER_PAGE = `query OrderPage($after: String) {
  orders(first: 20, after: $after) {
    edges { node {
      id number state paymentState fulfilmentState placedAt
      total { amount currency }
      store { id code }
      customer { id name }
      contact { name phone }
      lines(first: 10) { edges { node {
        sku quantity unitPrice { amount } total { amount }
        variant { id sku product { id name } }
      } } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const ORDER_DETAIL = `query OrderDetail($id: ID!) {
  node(id: $id) { ... on Order {
    id number state paymentState fulfilmentState held awaitingStock placedAt confirmedAt paidAt completedAt version
    merchandise { amount } freight { amount } total { amount currency } tax { amount }
    store { id code }
    customer { id name email }
    contact { name phone email address { country region city district lines postalCode } }
    lines(first: 50) { edges { node {
      id position sku name quantity cancelled dispatched unitPrice { amount } total { amount } tax { amount }
      variant { id sku product { id name } }
    } } }
    timeline(first: 10) { edges { node { type version occurredAt } } }
  } }
}`;

const PRODUCT_SEARCH = `query ProductSearch($search: String!) {
  products(first: 20, where: { search: $search }) {
    edges { node {
      id name
      category { code }
      variants(first: 5) { edges { node { id sku price(currency: "CNY") { amount } } } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const STOCK_LIST = `query StockList($after: String) {
  stocks(first: 50, after: $after) {
    edges { node {
      id onHand allocated damaged safetyStock sellable low soldOut
      variant { id sku product { id name } }
      location { id code }
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const ORDER_PLACE = `mutation OrderPlace($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    order { id number state total { amount currency } lines(first: 10) { edges { node { sku quantity total { amount } } } } }
    userErrors { code message }
  }
}`;

const contact = { name: '李雷', phone: '+86 138 1234 5678' };
const address = {
  country: 'CN',
  region: '上海市',
  city: '上海市',
  district: '徐汇区',
  lines: ['漕溪北路 88 号'],
  postalCode: '200030',
};

/** An order of one unit of each variant, by their numbers. */
function placing(variants: readonly number[]): Ask {
  const lines = variants.map((variant) => ({ variantId: idOf('variant', variant), quantity: 1 }));
  const shared = { idempotencyKey: 'bench-@key', contact, address };
  const input = {
    ...shared,
    storeId: toGlobalId('Store', idOf('store', 1)),
    lines: lines.map((line) => ({ ...line, variantId: toGlobalId('Variant', line.variantId) })),
  };
  return ask(ORDER_PLACE, { input }, '/orders', { ...shared, storeId: idOf('store', 1), lines });
}

const cursorOf = (signature: string, row: { at: Date; id: string }): string =>
  Buffer.from(JSON.stringify([signature, { d: row.at.getTime() }, row.id])).toString('base64url');

type Rows = <Row>(sql: string) => Promise<Row[]>;

/** Cursors spread over the first pages of a list. */
async function cursors(rows: Rows, table: string, column: string, pageSize: number): Promise<string[]> {
  const found = await rows<{ at: Date; id: string }>(
    `SELECT at, id FROM (SELECT ${column} AS at, id, row_number() OVER (ORDER BY ${column} DESC, id DESC) AS place
       FROM ${table} ORDER BY ${column} DESC, id DESC LIMIT ${pageSize * 100}) AS newest
     WHERE place % ${pageSize} = 0`,
  );
  return found.map((row) => cursorOf(`${column === 'placed_at' ? 'placedAt' : 'createdAt'}d,idd`, row));
}

/** All workloads, made for what the database holds. */
export async function workloads(rows: Rows): Promise<Workload[]> {
  const orderCursors = await cursors(rows, '"order"', 'placed_at', 20);
  const stockCursors = await cursors(rows, 'stock', 'created_at', 50);
  const orderId = (i: number) => idOf('order', ORDERS - 600 - i * 37);
  return [
    {
      name: 'order page',
      writes: false,
      asks: orderCursors.map((after) => ask(ORDER_PAGE, { after }, `/orders?after=${after}`)),
    },
    {
      name: 'order detail',
      writes: false,
      asks: many(200, (i) =>
        ask(ORDER_DETAIL, { id: toGlobalId('Order', orderId(i)) }, `/orders/${orderId(i)}`),
      ),
    },
    {
      name: 'product search',
      writes: false,
      asks: many(100, (i) => {
        const search = `${looks[i % 10]} ${things[Math.floor(i / 10)]}`;
        return ask(PRODUCT_SEARCH, { search }, `/products?search=${encodeURIComponent(search)}`);
      }),
    },
    {
      name: 'stock list',
      writes: false,
      asks: stockCursors.map((after) => ask(STOCK_LIST, { after }, `/stocks?after=${after}`)),
    },
    {
      name: 'orderPlace, spread',
      writes: true,
      asks: many(1_000, (i) => placing([1, 2, 3].map((n) => 1 + ((i * 613 + n * 3_119) % (PRODUCTS * 2))))),
    },
    { name: 'orderPlace, one hot SKU', writes: true, asks: [placing([1])] },
  ];
}
