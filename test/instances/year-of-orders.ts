// A year of orders of a busy department, written straight into the tables: as much as no test could order.

import pg from 'pg';

/** Ids are made of a number, so that rows find each other: `id('c', 17)`. */
const id = (kind: string, number: string) =>
  `('${kind}0000000-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

const STORES = 2;
const VARIANTS = 200;
const MINUTES = 365 * 24 * 60;

/** One row for each; the last orders are of the last minutes before now. */
const placedAt = (orders: number) =>
  `date_trunc('milliseconds', now() - interval '1 minute' * (${MINUTES}::float8 * (${orders} - n) / ${orders}))`;

const catalogue = `
  INSERT INTO store (id, code, platform, currencies, created_at)
    SELECT ${id('a', 'n')}, 'store-' || n, 'OWN_SITE', '{CNY}', now() FROM generate_series(1, ${STORES}) n;
  INSERT INTO store_text SELECT id, 'en', code FROM store;
  INSERT INTO category (id, code, tax_rate_basis_points, created_at) VALUES (${id('b', '1')}, 'goods', 1300, now());
  INSERT INTO category_text (category_id, locale, name) VALUES (${id('b', '1')}, 'en', 'Goods');
  INSERT INTO product (id, category_id, created_at)
    SELECT ${id('d', 'n')}, ${id('b', '1')}, now() FROM generate_series(1, ${VARIANTS}) n;
  INSERT INTO variant (id, product_id, sku, options, created_at)
    SELECT ${id('c', 'n')}, ${id('d', 'n')}, 'SKU-' || n, '{}', now() FROM generate_series(1, ${VARIANTS}) n;`;

const orders = (count: number) => `
  INSERT INTO "order" (id, number, store_id, state, payment_state, fulfilment_state, currency, merchandise_minor,
      freight_minor, total_minor, tax_minor, placed_at, confirmed_at, completed_at, version)
    SELECT ${id('e', 'n')}, 'Y' || lpad(n::text, 9, '0'), ${id('a', `1 + n % ${STORES}`)},
      CASE WHEN is_open THEN 'PENDING_CONFIRMATION' ELSE 'COMPLETED' END::order_state, 'PAID',
      CASE WHEN is_open THEN 'UNFULFILLED' ELSE 'DELIVERED' END::order_fulfilment_state, 'CNY', 2000, 0, 2000, 230, at,
      CASE WHEN NOT is_open THEN at END, CASE WHEN NOT is_open THEN at END, 2
    FROM generate_series(1, ${count}) n
    CROSS JOIN LATERAL (SELECT ${placedAt(count)} AS at, n > ${count} - 500 AS is_open) m;
  INSERT INTO order_line (id, order_id, position, variant_id, sku, name, quantity, unit_price_minor,
      tax_rate_basis_points, total_minor, tax_minor)
    SELECT ${id('f', 'n * 2 + l')}, ${id('e', 'n')}, l, ${id('c', `1 + (n + l) % ${VARIANTS}`)},
      'SKU-' || 1 + (n + l) % ${VARIANTS}, 'Goods', 1, 1000, 1300, 1000, 115
    FROM generate_series(1, ${count}) n CROSS JOIN generate_series(0, 1) l;
  INSERT INTO person_order (order_id, name, phone, country, region, city, lines)
    SELECT ${id('e', 'n')}, '李雷', '+8613812341234', 'CN', '上海市', '上海市', '{漕溪北路 88 号}'
    FROM generate_series(1, ${count}) n;
  INSERT INTO payment_account (order_id, store_id, currency, terms, due_minor, captured_minor, created_at)
    SELECT id, store_id, 'CNY', 'CREDIT', 2000, 2000, placed_at FROM "order";`;

const events = (count: number) => `
  INSERT INTO event (seq, event_id, type, entity_type, entity_id, version, payload, changes, facets, payload_version,
      actor_kind, request_id, source, store_id, occurred_at, logged_at)
    SELECT n * 2 - 1 + v, ${id('1', 'n * 2 + v')}, CASE v WHEN 0 THEN 'order.placed' ELSE 'order.confirmed' END, 'Order',
      ${id('e', 'n')}, v + 1, '{}', '[]', '{"state": "COMPLETED"}', 1, 'SYSTEM', ${id('2', 'n')}, 'seed',
      ${id('a', `1 + n % ${STORES}`)}, at, at
    FROM generate_series(1, ${count}) n CROSS JOIN generate_series(0, 1) v
    CROSS JOIN LATERAL (SELECT ${placedAt(count)} AS at) m;
  UPDATE event_head SET seq = ${count * 2};`;

/** Fill a migrated, empty database with orders of a year, two lines and two events each. */
export async function fillYear(url: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      'SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = 256000',
    );
    for (const part of [catalogue, orders(count), events(count)]) await client.query(part);
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}
