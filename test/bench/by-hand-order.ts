// Placing an order in SQL written by hand: the same rows as the API writes, in one transaction of as few statements as it takes.

import { createHash } from 'node:crypto';
import type pg from 'pg';
import { newId, toGlobalId } from '../../src/core/ids.ts';
import { formatMinor } from '../../src/core/money.ts';
import { freightOf, lineAmounts, orderTotals } from '../../src/orders/rules/amounts.ts';
import type { Caller } from './by-hand.ts';

interface Wish {
  idempotencyKey: string;
  storeId: string;
  contact: { name: string; phone: string };
  address: {
    country: string;
    region: string;
    city: string;
    district: string;
    lines: string[];
    postalCode: string;
  };
  lines: { variantId: string; quantity: number }[];
}

interface StoreRow {
  currencies: string[];
  freight_minor: string;
  freight_free_from_minor: string | null;
  pay_within_minutes: number | null;
  confirm_within_minutes: number | null;
}

interface SoldRow {
  id: string;
  sku: string;
  name: string;
  tax: number;
  price: string;
}

interface StockRow {
  id: string;
  variant_id: string;
  location_id: string;
  sellable: number;
}

const SOLD = `SELECT v.id, v.sku, c.tax_rate_basis_points AS tax, price.amount_minor AS price, t.name || coalesce(' (' || o.names || ')', '') AS name
  FROM variant v
  JOIN product p ON p.id = v.product_id AND p.archived_at IS NULL
  JOIN category c ON c.id = p.category_id
  JOIN listing l ON l.product_id = p.id AND l.store_id = $2 AND l.state = 'ON_SALE'
  CROSS JOIN LATERAL (SELECT name FROM product_version_text WHERE product_version_id = p.published_version_id ORDER BY locale <> 'en', locale LIMIT 1) t
  CROSS JOIN LATERAL (
    SELECT string_agg(coalesce(ot.value_names[array_position(o.values, split_part(given.pair, '=', 2))], split_part(given.pair, '=', 2)), ', ' ORDER BY o.position) AS names
    FROM product_option o
    JOIN unnest(v.options) AS given (pair) ON split_part(given.pair, '=', 1) = o.code
    LEFT JOIN product_option_text ot ON ot.option_id = o.id AND ot.locale = 'en'
    WHERE o.product_version_id = p.published_version_id
  ) o
  CROSS JOIN LATERAL (
    SELECT amount_minor FROM price WHERE variant_id = v.id AND currency = $3 AND starts_at <= $4 AND (store_id IS NULL OR store_id = $2)
    ORDER BY store_id NULLS LAST, starts_at DESC, id DESC LIMIT 1
  ) price
  WHERE v.id = ANY ($1) AND v.archived_at IS NULL`;

const INSERT = `WITH placed AS (
    INSERT INTO "order" (id, number, store_id, currency, merchandise_minor, freight_minor, total_minor, tax_minor, placed_at)
    VALUES ($1, nextval('order_number')::text, $2, $3, $4, $5, $6, $7, $8) RETURNING id, number, state
  ), person AS (
    INSERT INTO person_order (order_id, name, phone, country, region, city, district, lines, postal_code)
    VALUES ($1, $9, $10, $11, $12, $13, $14, $15, $16)
  ), line AS (
    INSERT INTO order_line (id, order_id, position, variant_id, sku, name, quantity, unit_price_minor, tax_rate_basis_points, total_minor, tax_minor)
    SELECT l.id, $1, l.position, l.variant_id, l.sku, l.name, l.quantity, l.price, l.rate, l.total, l.tax
    FROM unnest($17::uuid[], $18::uuid[], $19::text[], $20::text[], $21::int[], $22::bigint[], $23::int[], $24::bigint[], $25::bigint[])
      WITH ORDINALITY AS l (id, variant_id, sku, name, quantity, price, rate, total, tax, position)
  ), account AS (
    INSERT INTO payment_account (order_id, store_id, currency, terms, due_minor, created_at) VALUES ($1, $2, $3, 'PREPAID', $6, $8)
  ), ledger AS (
    INSERT INTO payment_ledger_entry (id, order_id, counter, delta_minor, after_minor, actor_kind, actor_id, request_id, occurred_at)
    VALUES ($26, $1, 'DUE', $6, $6, 'STAFF', $27, $28, $8)
  ), clock AS (
    INSERT INTO deadline (id, kind, entity_type, entity_id, store_id, started_at, due_at)
    SELECT c.id, c.kind, 'Order', $1, $2, $8, $8 + interval '1 minute' * c.minutes
    FROM (VALUES ($29::uuid, 'order.payment', $31::int), ($30::uuid, 'order.confirmation', $32::int)) c (id, kind, minutes)
    WHERE c.minutes IS NOT NULL
  ), told AS (
    INSERT INTO event_outbox (event_id, type, entity_type, entity_id, version, payload, changes, facets, actor_kind, actor_id, request_id, source, store_id, occurred_at)
    SELECT $33, 'order.placed', 'Order', $1, 1, $34::jsonb || jsonb_build_object('number', number), $35, $36, 'STAFF', $27, $28, 'http', $2, $8 FROM placed
  )
  SELECT number, state FROM placed`;

const LOCK = `SELECT s.id, s.variant_id, s.location_id,
    least(s.on_hand - s.allocated - s.damaged - s.safety_stock - (
      SELECT coalesce(sum(quantity), 0) FROM stock_reservation_line r WHERE r.stock_id = s.id AND r.held_until > $3), 2000000000)::int AS sellable
  FROM stock s
  JOIN store_location sl ON sl.location_id = s.location_id AND sl.store_id = $2
  JOIN location l ON l.id = s.location_id AND l.archived_at IS NULL
  WHERE s.variant_id = ANY ($1)
  ORDER BY s.variant_id, s.location_id, sl.priority
  FOR UPDATE OF s`;

const MOVE = `WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::uuid[])
      AS w (stock_id, line_id, units, allocation_id, entry_id, event_id)
  ), promised AS (
    INSERT INTO allocation (id, stock_id, order_id, order_line_id, quantity, created_at)
    SELECT allocation_id, stock_id, $7, line_id, units, $8 FROM wanted
  ), moved AS (
    UPDATE stock s SET allocated = s.allocated + w.units, version = s.version + 1,
      sold_out = s.on_hand - s.allocated - w.units - s.damaged - s.safety_stock <= 0
    FROM wanted w WHERE s.id = w.stock_id
    RETURNING s.id, s.variant_id, s.location_id, s.allocated, s.version, s.low, s.sold_out, w.units, w.entry_id, w.event_id,
      s.on_hand - s.allocated - s.damaged - s.safety_stock AS sellable
  ), entered AS (
    INSERT INTO stock_ledger_entry (id, stock_id, counter, delta, after, cause, cause_type, cause_id, actor_kind, actor_id, request_id, stock_version, occurred_at)
    SELECT entry_id, id, 'ALLOCATED', units, allocated, 'ALLOCATION', 'Order', $7, 'STAFF', $9, $10, version, $8 FROM moved
  ), told AS (
    INSERT INTO event_outbox (event_id, type, entity_type, entity_id, version, payload, changes, facets, actor_kind, actor_id, request_id, source, location_id, occurred_at)
    SELECT event_id, 'stock.allocated', 'Stock', id, version, $11::jsonb,
      jsonb_build_array(jsonb_build_object('field', 'allocated', 'before', allocated - units, 'after', allocated),
        jsonb_build_object('field', 'sellable', 'before', sellable + units, 'after', sellable)),
      jsonb_build_object('variantId', variant_id, 'locationId', location_id, 'low', low, 'soldOut', sold_out),
      'STAFF', $9, $10, 'http', location_id, $8
    FROM moved
  )
  UPDATE idempotency_record SET result = $12 WHERE principal = $13 AND mutation = 'orderPlace' AND key = $14`;

export async function placeOrder(pool: pg.Pool, caller: Caller, wish: Wish) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const order = await place(client, caller, wish);
    await client.query('COMMIT');
    return { data: { orderPlace: { order, userErrors: [] } } };
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function place(client: pg.PoolClient, caller: Caller, wish: Wish) {
  const at = new Date();
  const run = async <Row extends object>(name: string, text: string, values: unknown[]): Promise<Row[]> =>
    (await client.query<Row & pg.QueryResultRow>({ name, text, values })).rows;
  const principal = `STAFF:${caller.id}`;
  const inputHash = createHash('sha256').update(JSON.stringify(wish)).digest('base64url');
  const [own] = await run(
    'once',
    `INSERT INTO idempotency_record (principal, mutation, key, input_hash, created_at) VALUES ($1, 'orderPlace', $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING key`,
    [principal, wish.idempotencyKey, inputHash, at],
  );
  if (!own) throw new Error('the same key again');
  const [store] = await run<StoreRow>('store', 'SELECT * FROM store WHERE id = $1', [wish.storeId]);
  const currency = store?.currencies[0] ?? '';
  const variantIds = wish.lines.map((line) => line.variantId);
  const sold = new Map(
    (await run<SoldRow>('sold', SOLD, [variantIds, wish.storeId, currency, at])).map((row) => [row.id, row]),
  );
  const lines = wish.lines.map(({ variantId, quantity }) => {
    const row = sold.get(variantId);
    if (!row) throw new Error('not sold');
    const priced = { quantity, cancelled: 0, unitPriceMinor: BigInt(row.price), taxRateBasisPoints: row.tax };
    return { ...row, ...priced, ...lineAmounts(priced), lineId: newId() };
  });
  const policy = {
    currencies: store?.currencies ?? [],
    freightMinor: BigInt(store?.freight_minor ?? 0),
    freightFreeFromMinor: store?.freight_free_from_minor ? BigInt(store.freight_free_from_minor) : null,
  };
  const totals = orderTotals(lines, freightOf(policy, currency, orderTotals(lines, 0n).merchandiseMinor));
  const orderId = newId();
  const requestId = newId();
  const total = formatMinor(totals.totalMinor, currency);
  const { contact, address } = wish;
  const [placed] = await run<{ number: string; state: string }>('insert', INSERT, [
    ...[
      orderId,
      wish.storeId,
      currency,
      totals.merchandiseMinor,
      totals.freightMinor,
      totals.totalMinor,
      totals.taxMinor,
      at,
    ],
    ...[
      contact.name,
      contact.phone,
      address.country,
      address.region,
      address.city,
      address.district,
      address.lines,
      address.postalCode,
    ],
    ...[
      lines.map((line) => line.lineId),
      variantIds,
      lines.map((line) => line.sku),
      lines.map((line) => line.name),
    ],
    ...[
      lines.map((line) => line.quantity),
      lines.map((line) => line.unitPriceMinor),
      lines.map((line) => line.tax),
    ],
    ...[lines.map((line) => line.totalMinor), lines.map((line) => line.taxMinor)],
    ...[
      newId(),
      caller.id,
      requestId,
      newId(),
      newId(),
      store?.pay_within_minutes,
      store?.confirm_within_minutes,
    ],
    newId(),
    JSON.stringify({ total, currency, lineCount: lines.length }),
    JSON.stringify(changesOf(total)),
    JSON.stringify({
      orderId,
      storeId: wish.storeId,
      state: 'PENDING_CONFIRMATION',
      held: false,
      flag: null,
    }),
  ]);
  const takings = take(lines, await run<StockRow>('lock', LOCK, [variantIds, wish.storeId, at]));
  await run('move', MOVE, [
    takings.map((taking) => taking.stockId),
    takings.map((taking) => taking.lineId),
    takings.map((taking) => taking.units),
    ...[takings.map(newId), takings.map(newId), takings.map(newId)],
    ...[orderId, at, caller.id, requestId],
    JSON.stringify({ cause: 'ALLOCATION', causeNodeId: toGlobalId('Order', orderId), reason: null }),
    ...[JSON.stringify({ id: orderId }), principal, wish.idempotencyKey],
  ]);
  return {
    id: toGlobalId('Order', orderId),
    number: placed?.number,
    state: placed?.state,
    total: { amount: total, currency },
    lines: {
      edges: lines.map(({ sku, quantity, totalMinor }) => ({
        node: { sku, quantity, total: { amount: formatMinor(totalMinor, currency) } },
      })),
    },
  };
}

const changesOf = (total: string) => [
  ...Object.entries({
    state: 'PENDING_CONFIRMATION',
    paymentState: 'UNPAID',
    fulfilmentState: 'UNFULFILLED',
    afterSalesState: 'NONE',
    held: false,
    awaitingStock: false,
    total,
  }).map(([field, after]) => ({ field, before: null, after })),
  { field: 'contact', withheld: true },
  { field: 'address', withheld: true },
];

/** From which stocks the units of each line come: one location where that will do, else several. */
function take(
  lines: readonly { id: string; lineId: string; quantity: number }[],
  stocks: readonly StockRow[],
) {
  const left = new Map(stocks.map((stock) => [stock.id, stock.sellable]));
  return lines.flatMap(({ id, lineId, quantity }) => {
    let wanted = quantity;
    const takings = stocks
      .filter((stock) => stock.variant_id === id)
      .flatMap((stock) => {
        const units = Math.min(wanted, left.get(stock.id) ?? 0);
        wanted -= units;
        left.set(stock.id, (left.get(stock.id) ?? 0) - units);
        return units > 0 ? [{ stockId: stock.id, lineId, units }] : [];
      });
    if (wanted > 0) throw new Error('out of stock');
    return takings;
  });
}
