// The department that the benchmark works on: two stores, ten thousand variants, 130,000 orders, always the same.

import pg from 'pg';

export const ORDERS = 130_000;
export const PRODUCTS = 5_000;
const CUSTOMERS = 20_000;
const STORES = 2;
const LOCATIONS = 2;
const MINUTES = 365 * 24 * 60;
/** The last moment of the year of orders. Fixed, so that the data are the same whenever they are written. */
const UNTIL = '2026-11-20T12:00:00Z';

const pad = (digits: string): string => `lpad(to_hex(${digits}), 12, '0')`;

/** Ids are made of a number, so that rows find each other: `id('c', '17')`. */
const id = (kind: string, number: string): string =>
  `('${kind}0000000-0000-7000-8000-' || ${pad(number)})::uuid`;

/** The same in JavaScript, for those who call the API. */
export const idOf = (kind: keyof typeof kinds, number: number): string =>
  `${kinds[kind]}0000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;

const kinds = { store: 'a', variant: 'c', product: 'd', order: 'e' } as const;

export const things = [
  'lamp',
  'chair',
  'mug',
  'kettle',
  'blanket',
  'vase',
  'clock',
  'basket',
  'candle',
  'tray',
];
export const looks = [
  'walnut',
  'linen',
  'copper',
  'marble',
  'velvet',
  'bamboo',
  'amber',
  'slate',
  'ivory',
  'coral',
];

const oneOf = (words: readonly string[], n: string): string =>
  `('{${words.join(',')}}'::text[])[1 + (${n}) % ${words.length}]`;
const look = (n: string): string => oneOf(looks, `${n} / ${things.length}`);
const thing = (n: string): string => oneOf(things, n);

const at = (minutes: string): string => `timestamptz '${UNTIL}' - interval '1 minute' * (${minutes})`;
/** One order after the other, the last at the end of the year. Two of a pair have the same moment: ids then decide. */
const placedAt = `date_trunc('milliseconds', ${at(`floor((${ORDERS} - n) / 2.0) * (${MINUTES}::float8 * 2 / ${ORDERS})`)})`;
const DAWN = at(String(MINUTES + 1_000));
const LINES = '1 + (n * 7 + n / 5) % 5';
const VARIANT = `1 + (n * 31 + l * 977) % ${PRODUCTS * 2}`;
const PRICE = (variant: string): string => `(900 + (${variant}) % 97 * 100)`;
const QUANTITY = '1 + (n + l) % 3';

const catalogue = `
  INSERT INTO store (id, code, platform, currencies, freight_minor, freight_free_from_minor, pay_within_minutes, confirm_within_minutes, created_at)
    SELECT ${id('a', 'n')}, 'store-' || n, 'OWN_SITE', '{CNY}', 1000, 50000, 30, 1440, ${DAWN} FROM generate_series(1, ${STORES}) n;
  INSERT INTO store_text SELECT id, 'en', 'Store ' || code FROM store;
  INSERT INTO location (id, code, created_at)
    SELECT ${id('9', 'n')}, 'location-' || n, ${DAWN} FROM generate_series(1, ${LOCATIONS}) n;
  INSERT INTO location_text SELECT id, 'en', 'Warehouse ' || code FROM location;
  INSERT INTO store_location SELECT s.id, l.id, row_number() OVER (PARTITION BY s.id ORDER BY l.code) FROM store s CROSS JOIN location l;
  INSERT INTO category (id, code, tax_rate_basis_points, created_at)
    SELECT ${id('b', 'n')}, 'category-' || n, 1300, ${DAWN} FROM generate_series(1, 20) n;
  INSERT INTO category_text SELECT id, 'en', 'Category ' || code FROM category;
  INSERT INTO product (id, category_id, published_version_id, created_at)
    SELECT ${id('d', 'n')}, ${id('b', '1 + n % 20')}, ${id('7', 'n')}, ${at(`${MINUTES} + ${PRODUCTS} - n`)} FROM generate_series(1, ${PRODUCTS}) n;
  INSERT INTO product_version (id, product_id, number, state, author_id, last_editor_id, reviewer_id, search_words, published_at, created_at)
    SELECT ${id('7', 'n')}, ${id('d', 'n')}, 1, 'PUBLISHED', ${id('8', '1')}, ${id('8', '1')}, ${id('8', '2')},
      ARRAY[${look('n')}, ${thing('n')}, n::text, 'for', 'home', 'small', 'large'], ${DAWN}, ${DAWN}
    FROM generate_series(1, ${PRODUCTS}) n;
  INSERT INTO product_version_text
    SELECT ${id('7', 'n')}, 'en', initcap(${look('n')}) || ' ' || ${thing('n')} || ' ' || n, 'A ' || ${thing('n')} || ' for the home.'
    FROM generate_series(1, ${PRODUCTS}) n;
  INSERT INTO product_option SELECT ${id('6', 'n')}, ${id('7', 'n')}, 1, 'size', '{small,large}' FROM generate_series(1, ${PRODUCTS}) n;
  INSERT INTO product_option_text SELECT ${id('6', 'n')}, 'en', 'Size', '{Small,Large}' FROM generate_series(1, ${PRODUCTS}) n;
  INSERT INTO variant (id, product_id, sku, options, created_at)
    SELECT ${id('c', 'n * 2 - v')}, ${id('d', 'n')}, 'SKU-' || lpad((n * 2 - v)::text, 5, '0'),
      ARRAY[CASE v WHEN 1 THEN 'size=small' ELSE 'size=large' END], ${DAWN}
    FROM generate_series(1, ${PRODUCTS}) n CROSS JOIN generate_series(0, 1) v;
  INSERT INTO price (id, variant_id, currency, amount_minor, starts_at, created_at)
    SELECT ${id('5', 'n')}, ${id('c', 'n')}, 'CNY', ${PRICE('n')}, ${DAWN}, ${DAWN} FROM generate_series(1, ${PRODUCTS * 2}) n;
  INSERT INTO listing (id, product_id, store_id, state, created_at)
    SELECT ${id('4', `n * ${STORES} + s`)}, ${id('d', 'n')}, ${id('a', 's')}, 'ON_SALE', ${DAWN}
    FROM generate_series(1, ${PRODUCTS}) n CROSS JOIN generate_series(1, ${STORES}) s;
  INSERT INTO stock (id, variant_id, location_id, on_hand, sold_out, created_at)
    SELECT ${id('3', `n * ${LOCATIONS} + l`)}, ${id('c', 'n')}, ${id('9', 'l')}, 900000, false, ${at(`${MINUTES} + ${PRODUCTS * 2} - n`)}
    FROM generate_series(1, ${PRODUCTS * 2}) n CROSS JOIN generate_series(1, ${LOCATIONS}) l;`;

const customers = `
  INSERT INTO customer (id, external_reference, created_at)
    SELECT ${id('2', 'n')}, 'C-' || n, ${DAWN} FROM generate_series(1, ${CUSTOMERS}) n;
  INSERT INTO person_customer SELECT ${id('2', 'n')}, 'Customer ' || n, 'customer-' || n || '@example.com', '+86138' || lpad(n::text, 8, '0')
    FROM generate_series(1, ${CUSTOMERS}) n;`;

const orders = `
  INSERT INTO "order" (id, number, store_id, customer_id, state, payment_state, fulfilment_state, currency, merchandise_minor,
      freight_minor, total_minor, tax_minor, placed_at, confirmed_at, paid_at, dispatched_at, delivered_at, completed_at, version)
    SELECT ${id('e', 'n')}, 'Y' || lpad(n::text, 9, '0'), ${id('a', `1 + n % ${STORES}`)},
      CASE WHEN n % 3 = 0 THEN NULL ELSE ${id('2', `1 + n * 13 % ${CUSTOMERS}`)} END,
      CASE WHEN is_open THEN 'PENDING_CONFIRMATION' ELSE 'COMPLETED' END::order_state,
      CASE WHEN is_open THEN 'UNPAID' ELSE 'PAID' END::order_payment_state,
      CASE WHEN is_open THEN 'UNFULFILLED' ELSE 'DELIVERED' END::order_fulfilment_state, 'CNY', merchandise, 1000,
      merchandise + 1000, round(merchandise * 1300 / 11300.0), at, closed, closed, closed, closed, closed, 2
    FROM generate_series(1, ${ORDERS}) n
    CROSS JOIN LATERAL (SELECT ${placedAt} AS at, n > ${ORDERS} - 500 AS is_open) m
    CROSS JOIN LATERAL (SELECT CASE WHEN is_open THEN NULL ELSE at END AS closed) c
    CROSS JOIN LATERAL (SELECT sum(${PRICE(VARIANT)} * (${QUANTITY})) AS merchandise FROM generate_series(1, ${LINES}) l) s;
  INSERT INTO order_line (id, order_id, position, variant_id, sku, name, quantity, dispatched, unit_price_minor,
      tax_rate_basis_points, total_minor, tax_minor)
    SELECT ${id('f', 'n * 8 + l')}, ${id('e', 'n')}, l, ${id('c', VARIANT)}, 'SKU-' || lpad((${VARIANT})::text, 5, '0'),
      'Goods ' || ${VARIANT}, ${QUANTITY}, CASE WHEN n > ${ORDERS} - 500 THEN 0 ELSE ${QUANTITY} END, ${PRICE(VARIANT)}, 1300,
      ${PRICE(VARIANT)} * (${QUANTITY}), round(${PRICE(VARIANT)} * (${QUANTITY}) * 1300 / 11300.0)
    FROM generate_series(1, ${ORDERS}) n CROSS JOIN LATERAL generate_series(1, ${LINES}) l;
  INSERT INTO person_order (order_id, name, phone, country, region, city, district, lines, postal_code)
    SELECT ${id('e', 'n')}, 'Receiver ' || n, '+86139' || lpad((n % 100000000)::text, 8, '0'), 'CN', '上海市', '上海市', '徐汇区',
      ARRAY['漕溪北路 ' || n || ' 号'], '200030'
    FROM generate_series(1, ${ORDERS}) n;
  INSERT INTO payment_account (order_id, store_id, currency, terms, due_minor, captured_minor, created_at)
    SELECT id, store_id, 'CNY', 'PREPAID', total_minor, CASE payment_state WHEN 'PAID' THEN total_minor ELSE 0 END, placed_at FROM "order";
  INSERT INTO event (seq, event_id, type, entity_type, entity_id, version, payload, changes, facets, payload_version,
      actor_kind, request_id, source, store_id, customer_id, occurred_at, logged_at)
    SELECT row_number() OVER (ORDER BY placed_at, id), id, 'order.placed', 'Order', id, 1,
      jsonb_build_object('number', number, 'currency', 'CNY'), '[]', '{}', 1, 'SYSTEM', id, 'seed', store_id, customer_id,
      placed_at, placed_at FROM "order";
  UPDATE event_head SET seq = ${ORDERS};`;

/** Fill a migrated, empty database. The same rows every time. */
export async function fillDepartment(url: string, say: (line: string) => void): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Rows are written as they must be, so foreign keys need no looking up.
    await client.query(
      "SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '128MB'; SET maintenance_work_mem = '256MB'",
    );
    for (const [name, part] of Object.entries({ catalogue, customers, orders })) {
      say(`  ${name} …`);
      await client.query(part);
    }
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}
