// The department in Vendure's own tables: the same products, prices and stock, and the newest of the same orders.

import pg from 'pg';

/** Orders that are taken over, the newest. */
const ORDERS = 30_000;

const BASE = `
  UPDATE channel SET "defaultCurrencyCode" = 'CNY', "availableCurrencyCodes" = 'CNY', "pricesIncludeTax" = true, "trackInventory" = true;
  INSERT INTO zone (id, name) VALUES (1, 'China');
  INSERT INTO region (id, code, type, enabled, discriminator) VALUES (1, 'CN', 'country', true, 'Country');
  INSERT INTO zone_members_region ("zoneId", "regionId") VALUES (1, 1);
  INSERT INTO tax_category (id, name, "isDefault") VALUES (1, 'Standard', true);
  INSERT INTO tax_rate (id, name, enabled, value, "categoryId", "zoneId") VALUES (1, 'VAT', true, 13, 1, 1);
  UPDATE channel SET "defaultTaxZoneId" = 1, "defaultShippingZoneId" = 1;
  INSERT INTO stock_location (id, name, description) SELECT 1, 'Warehouse', '' WHERE NOT EXISTS (SELECT 1 FROM stock_location);
  INSERT INTO stock_location_channels_channel SELECT id, 1 FROM stock_location ON CONFLICT DO NOTHING;`;

const PRODUCTS = `
  INSERT INTO product (id, enabled, "createdAt") SELECT id, true, at FROM json_to_recordset($1) AS x (id int, at timestamp);
  INSERT INTO product_channels_channel SELECT id, 1 FROM product;`;

const PRODUCT_NAMES = `
  INSERT INTO product_translation ("languageCode", name, slug, description, "baseId")
  SELECT 'en', name, 'product-' || id, description, id FROM json_to_recordset($1) AS x (id int, name text, description text)`;

const VARIANTS = `
  INSERT INTO product_variant (id, enabled, sku, "outOfStockThreshold", "useGlobalOutOfStockThreshold", "trackInventory", "taxCategoryId", "productId")
  SELECT id, true, sku, 0, true, 'INHERIT', 1, product FROM json_to_recordset($1) AS x (id int, product int, sku text)`;

const VARIANT_PARTS = [
  `INSERT INTO product_variant_channels_channel SELECT id, 1 FROM product_variant`,
  `INSERT INTO product_variant_translation ("languageCode", name, "baseId")
   SELECT 'en', t.name || ' ' || v.sku, v.id FROM product_variant v JOIN product_translation t ON t."baseId" = v."productId"`,
  `INSERT INTO stock_level ("stockOnHand", "stockAllocated", "productVariantId", "stockLocationId")
   SELECT 900000, 0, v.id, l.id FROM product_variant v CROSS JOIN (SELECT id FROM stock_location ORDER BY id LIMIT 1) l`,
  `INSERT INTO search_index_item ("languageCode", enabled, "productName", "productVariantName", description, slug, sku, "facetIds", "facetValueIds",
     "collectionIds", "collectionSlugs", "channelIds", "productPreview", "productVariantPreview", "productVariantId", "channelId", "productId", price, "priceWithTax")
   SELECT 'en', true, t.name, t.name, t.description, t.slug, v.sku, '', '', '', '', '1', '', '', v.id, 1, v."productId", round(p.price / 1.13), p.price
   FROM product_variant v JOIN product_translation t ON t."baseId" = v."productId" JOIN product_variant_price p ON p."variantId" = v.id`,
];

const PRICES = `
  INSERT INTO product_variant_price ("currencyCode", "channelId", price, "variantId")
  SELECT 'CNY', 1, price, id FROM json_to_recordset($1) AS x (id int, price int)`;

const CUSTOMERS = `
  INSERT INTO customer (id, "firstName", "lastName", "emailAddress", "phoneNumber")
  SELECT id, split_part(name, ' ', 1), split_part(name, ' ', 2), email, phone FROM json_to_recordset($1) AS x (id int, name text, email text, phone text)`;

const ORDER_ROWS = `
  INSERT INTO "order" (id, type, code, state, active, "orderPlacedAt", "couponCodes", "shippingAddress", "billingAddress", "currencyCode", "customerId",
    "taxZoneId", "subTotal", "subTotalWithTax", shipping, "shippingWithTax")
  SELECT id, 'Regular', code, 'Delivered', false, at, '', json_build_object('fullName', name, 'phoneNumber', phone, 'countryCode', 'CN')::text, '{}', 'CNY',
    customer, 1, round(merchandise / 1.13), merchandise, round(freight / 1.13), freight
  FROM json_to_recordset($1) AS x (id int, code text, at timestamp, name text, phone text, customer int, merchandise int, freight int)`;

const LINE_ROWS = `
  INSERT INTO order_line (quantity, "orderPlacedQuantity", "listPriceIncludesTax", adjustments, "taxLines", "productVariantId", "taxCategoryId",
    "initialListPrice", "listPrice", "orderId")
  SELECT quantity, quantity, true, '[]', '[{"description":"VAT","taxRate":13}]', variant, 1, price, price, "order"
  FROM json_to_recordset($1) AS x ("order" int, variant int, quantity int, price int)`;

/** The number that an id of the department was made of. */
const number = (column: string): string => `('x' || right(${column}::text, 8))::bit(32)::int`;

/** Fill Vendure's empty tables from the department's. */
export async function fillVendure(from: string, to: string): Promise<void> {
  const [source, target] = [from, to].map((connectionString) => new pg.Client({ connectionString })) as [
    pg.Client,
    pg.Client,
  ];
  await Promise.all([source.connect(), target.connect()]);
  const take = async (select: string, insert: string, after = ''): Promise<void> => {
    const { rows } = await source.query(select);
    for (let at = 0; at < rows.length; at += 20_000)
      await target.query(insert, [JSON.stringify(rows.slice(at, at + 20_000))]);
    if (after) await target.query(after);
  };
  try {
    await target.query("SET synchronous_commit = off; SET TIME ZONE 'UTC'");
    await target.query(BASE);
    const [products = '', channels = ''] = PRODUCTS.trim().split(';');
    await take(`SELECT ${number('id')} AS id, created_at AS at FROM product ORDER BY 1`, products, channels);
    await take(
      `SELECT ${number('p.id')} AS id, t.name, t.description FROM product p JOIN product_version_text t ON t.product_version_id = p.published_version_id AND t.locale = 'en' ORDER BY 1`,
      PRODUCT_NAMES,
    );
    await take(
      `SELECT ${number('id')} AS id, ${number('product_id')} AS product, sku FROM variant ORDER BY 1`,
      VARIANTS,
    );
    await take(
      `SELECT ${number('variant_id')} AS id, amount_minor::int AS price FROM price ORDER BY 1`,
      PRICES,
    );
    for (const part of VARIANT_PARTS) await target.query(part);
    await take(
      `SELECT ${number('customer_id')} AS id, name, email, phone FROM person_customer ORDER BY 1`,
      CUSTOMERS,
      'INSERT INTO customer_channels_channel SELECT id, 1 FROM customer',
    );
    const newest = `(SELECT * FROM "order" ORDER BY placed_at DESC, id DESC LIMIT ${ORDERS})`;
    await take(
      `SELECT ${number('o.id')} AS id, o.number AS code, o.placed_at AS at, p.name, p.phone, ${number('o.customer_id')} AS customer,
         o.merchandise_minor::int AS merchandise, o.freight_minor::int AS freight
       FROM ${newest} o JOIN person_order p ON p.order_id = o.id ORDER BY 1`,
      ORDER_ROWS,
      'INSERT INTO order_channels_channel SELECT id, 1 FROM "order"',
    );
    await take(
      `SELECT ${number('l.order_id')} AS "order", ${number('l.variant_id')} AS variant, l.quantity, l.unit_price_minor::int AS price
       FROM order_line l JOIN ${newest} o ON o.id = l.order_id ORDER BY 1, l.position`,
      LINE_ROWS,
    );
    await target.query('VACUUM (ANALYZE)');
  } finally {
    await Promise.all([source.end(), target.end()]);
  }
}
