// The reads of the server that was written by hand: one statement each.

import type pg from 'pg';
import { toGlobalId } from '../../src/core/ids.ts';
import { formatMinor } from '../../src/core/money.ts';
import { queryWords } from '../../src/core/words.ts';

const NAME = `(SELECT name FROM product_version_text WHERE product_version_id = p.published_version_id ORDER BY locale <> 'en', locale LIMIT 1)`;

interface Keyset {
  at: Date | 'infinity';
  id: string;
}

function keysetOf(after: string | null): Keyset {
  if (!after) return { at: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
  const [, { d }, id] = JSON.parse(Buffer.from(after, 'base64url').toString()) as [
    string,
    { d: number },
    string,
  ];
  return { at: new Date(d), id };
}

function connection<Row extends { id: string }>(
  rows: Row[],
  take: number,
  column: 'placedAt' | 'createdAt',
  momentOf: (row: Row) => Date,
  nodeOf: (row: Row) => object,
) {
  const shown = rows.slice(0, take);
  const last = shown.at(-1);
  const cursor = last && JSON.stringify([`${column}d,idd`, { d: momentOf(last).getTime() }, last.id]);
  return {
    edges: shown.map((row) => ({ node: nodeOf(row) })),
    pageInfo: {
      hasNextPage: rows.length > take,
      endCursor: cursor ? Buffer.from(cursor).toString('base64url') : null,
    },
  };
}

const amount = (minor: string | number, currency: string) => ({
  amount: formatMinor(BigInt(minor), currency),
});
const money = (minor: string | number, currency: string) => ({ ...amount(minor, currency), currency });
const edges = (nodes: object[]) => ({ edges: nodes.map((node) => ({ node })) });

interface LineRow {
  id: string;
  position: number;
  sku: string;
  name: string;
  quantity: number;
  cancelled: number;
  dispatched: number;
  price: number;
  total: number;
  tax: number;
  variant: string;
  current: string;
  product: string;
  productName: string;
}

const variantOf = (line: Pick<LineRow, 'variant' | 'current' | 'product' | 'productName'>) => ({
  id: toGlobalId('Variant', line.variant),
  sku: line.current,
  product: { id: toGlobalId('Product', line.product), name: line.productName },
});

interface OrderRow {
  id: string;
  number: string;
  state: string;
  payment_state: string;
  fulfilment_state: string;
  placed_at: Date;
  total_minor: string;
  currency: string;
  store_id: string;
  store_code: string;
  customer_id: string | null;
  customer_name: string;
  name: string;
  phone: string | null;
  lines: LineRow[];
}

export async function orderPage(pool: pg.Pool, after: string | null) {
  const { at, id } = keysetOf(after);
  const { rows } = await pool.query<OrderRow>({
    name: 'order page',
    text: `SELECT o.id, o.number, o.state, o.payment_state, o.fulfilment_state, o.placed_at, o.total_minor, o.currency,
        s.id AS store_id, s.code AS store_code, o.customer_id, cp.name AS customer_name, person.name, person.phone, l.lines
      FROM (SELECT * FROM "order" WHERE (placed_at, id) < ($1, $2) ORDER BY placed_at DESC, id DESC LIMIT 21) o
      JOIN store s ON s.id = o.store_id
      JOIN person_order person ON person.order_id = o.id
      LEFT JOIN person_customer cp ON cp.customer_id = o.customer_id
      CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object('sku', l.sku, 'quantity', l.quantity, 'price', l.unit_price_minor, 'total', l.total_minor,
          'variant', v.id, 'current', v.sku, 'product', p.id, 'productName', ${NAME}) ORDER BY l.position) AS lines
        FROM (SELECT * FROM order_line WHERE order_id = o.id ORDER BY position LIMIT 10) l
        JOIN variant v ON v.id = l.variant_id JOIN product p ON p.id = v.product_id
      ) l
      ORDER BY o.placed_at DESC, o.id DESC`,
    values: [at, id],
  });
  const nodeOf = (row: OrderRow) => ({
    id: toGlobalId('Order', row.id),
    number: row.number,
    state: row.state,
    paymentState: row.payment_state,
    fulfilmentState: row.fulfilment_state,
    placedAt: row.placed_at,
    total: money(row.total_minor, row.currency),
    store: { id: toGlobalId('Store', row.store_id), code: row.store_code },
    customer: row.customer_id
      ? { id: toGlobalId('Customer', row.customer_id), name: row.customer_name }
      : null,
    contact: { name: row.name, phone: row.phone },
    lines: edges(
      row.lines.map((line) => ({
        sku: line.sku,
        quantity: line.quantity,
        unitPrice: amount(line.price, row.currency),
        total: amount(line.total, row.currency),
        variant: variantOf(line),
      })),
    ),
  });
  return { data: { orders: connection(rows, 20, 'placedAt', (row) => row.placed_at, nodeOf) } };
}

type DetailRow = OrderRow & Record<string, string> & { events: object[]; address: string[] };

export async function orderDetail(pool: pg.Pool, id: string) {
  const { rows } = await pool.query<DetailRow>({
    name: 'order detail',
    text: `SELECT o.*, s.code AS store_code, cp.name AS customer_name, cp.email AS customer_email, person.name, person.phone, person.email,
        person.country, person.region, person.city, person.district, person.lines AS address, person.postal_code, l.lines, e.events
      FROM "order" o
      JOIN store s ON s.id = o.store_id
      JOIN person_order person ON person.order_id = o.id
      LEFT JOIN person_customer cp ON cp.customer_id = o.customer_id
      CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object('id', l.id, 'position', l.position, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity,
          'cancelled', l.cancelled, 'dispatched', l.dispatched, 'price', l.unit_price_minor, 'total', l.total_minor, 'tax', l.tax_minor,
          'variant', v.id, 'current', v.sku, 'product', p.id, 'productName', ${NAME}) ORDER BY l.position) AS lines
        FROM (SELECT * FROM order_line WHERE order_id = o.id ORDER BY position LIMIT 50) l
        JOIN variant v ON v.id = l.variant_id JOIN product p ON p.id = v.product_id
      ) l
      CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object('type', type, 'version', version, 'at', occurred_at) ORDER BY seq) AS events
        FROM (SELECT * FROM event WHERE entity_id = o.id ORDER BY seq LIMIT 10) e
      ) e
      WHERE o.id = $1`,
    values: [id],
  });
  const [row] = rows;
  if (!row) return null;
  const { currency } = row;
  const events = row.events as { type: string; version: number; at: string }[];
  const node = {
    id: toGlobalId('Order', row.id),
    number: row.number,
    state: row.state,
    paymentState: row.payment_state,
    fulfilmentState: row.fulfilment_state,
    held: row.held,
    awaitingStock: row.awaiting_stock,
    placedAt: row.placed_at,
    confirmedAt: row.confirmed_at,
    paidAt: row.paid_at,
    completedAt: row.completed_at,
    version: row.version,
    merchandise: amount(row.merchandise_minor ?? 0, currency),
    freight: amount(row.freight_minor ?? 0, currency),
    total: money(row.total_minor, currency),
    tax: amount(row.tax_minor ?? 0, currency),
    store: { id: toGlobalId('Store', row.store_id), code: row.store_code },
    customer: row.customer_id
      ? { id: toGlobalId('Customer', row.customer_id), name: row.customer_name, email: row.customer_email }
      : null,
    contact: {
      name: row.name,
      phone: row.phone,
      email: row.email,
      address: {
        country: row.country,
        region: row.region,
        city: row.city,
        district: row.district,
        lines: row.address,
        postalCode: row.postal_code,
      },
    },
    lines: edges(
      row.lines.map((line) => ({
        id: toGlobalId('OrderLine', line.id),
        position: line.position,
        sku: line.sku,
        name: line.name,
        quantity: line.quantity,
        cancelled: line.cancelled,
        dispatched: line.dispatched,
        unitPrice: amount(line.price, currency),
        total: amount(line.total, currency),
        tax: amount(line.tax, currency),
        variant: variantOf(line),
      })),
    ),
    timeline: edges(events.map(({ at, ...event }) => ({ ...event, occurredAt: new Date(at).toISOString() }))),
  };
  return { data: { node } };
}

interface ProductRow {
  id: string;
  created_at: Date;
  name: string;
  category: string;
  variants: { id: string; sku: string; price: number }[];
}

export async function productSearch(pool: pg.Pool, search: string) {
  const { rows } = await pool.query<ProductRow>({
    name: 'product search',
    text: `SELECT p.id, p.created_at, ${NAME} AS name, c.code AS category, v.variants
      FROM (SELECT * FROM product WHERE EXISTS (SELECT 1 FROM product_version pv WHERE pv.product_id = product.id AND pv.search_words @> $1)
        ORDER BY created_at DESC, id DESC LIMIT 21) p
      JOIN category c ON c.id = p.category_id
      CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'price', price.amount_minor) ORDER BY v.sku, v.id) AS variants
        FROM (SELECT * FROM variant WHERE product_id = p.id ORDER BY sku, id LIMIT 5) v
        LEFT JOIN LATERAL (SELECT amount_minor FROM price WHERE variant_id = v.id AND currency = 'CNY' AND store_id IS NULL
          AND starts_at <= $2 ORDER BY starts_at DESC, id DESC LIMIT 1) price ON true
      ) v
      ORDER BY p.created_at DESC, p.id DESC`,
    values: [queryWords(search), new Date()],
  });
  const nodeOf = (row: ProductRow) => ({
    id: toGlobalId('Product', row.id),
    name: row.name,
    category: { code: row.category },
    variants: edges(
      row.variants.map(({ id, sku, price }) => ({
        id: toGlobalId('Variant', id),
        sku,
        price: amount(price, 'CNY'),
      })),
    ),
  });
  return { data: { products: connection(rows, 20, 'createdAt', (row) => row.created_at, nodeOf) } };
}

interface StockRow extends LineRow {
  created_at: Date;
  on_hand: number;
  allocated: number;
  damaged: number;
  safety_stock: number;
  reserved: number;
  low: boolean;
  sold_out: boolean;
  location: string;
  location_code: string;
}

export async function stockList(pool: pg.Pool, after: string | null) {
  const { at, id } = keysetOf(after);
  const { rows } = await pool.query<StockRow>({
    name: 'stock list',
    text: `SELECT s.*, v.id AS variant, v.sku AS current, p.id AS product, ${NAME} AS "productName", l.id AS location, l.code AS location_code,
        (SELECT coalesce(sum(quantity), 0)::int FROM stock_reservation_line r WHERE r.stock_id = s.id AND r.held_until > $3) AS reserved
      FROM (SELECT * FROM stock WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT 51) s
      JOIN variant v ON v.id = s.variant_id JOIN product p ON p.id = v.product_id JOIN location l ON l.id = s.location_id
      ORDER BY s.created_at DESC, s.id DESC`,
    values: [at, id, new Date()],
  });
  const nodeOf = (row: StockRow) => ({
    id: toGlobalId('Stock', row.id),
    onHand: row.on_hand,
    allocated: row.allocated,
    damaged: row.damaged,
    safetyStock: row.safety_stock,
    sellable: Math.max(0, row.on_hand - row.allocated - row.damaged - row.safety_stock - row.reserved),
    low: row.low,
    soldOut: row.sold_out,
    variant: variantOf(row),
    location: { id: toGlobalId('Location', row.location), code: row.location_code },
  });
  return { data: { stocks: connection(rows, 50, 'createdAt', (row) => row.created_at, nodeOf) } };
}
