// Guarantees of data and events that hold whatever code runs.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { project, readSources } from '../setup/source.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();

test('G4 an amount of 18 digits survives the way through the API and the database exactly', async () => {
  const { variantId } = await shop.variant(at, [1]);
  const price = { amount: '1234567890123456.78', currency: 'CNY' };
  await app.admin.act('priceSet', { variantId, price });
  const order = await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  expect(order.merchandise.amount).toBe(price.amount);
  const { node } = await app.admin.ok<{
    node: { lines: { edges: { node: { unitPrice: { amount: string } } }[] } };
  }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { lines { edges { node { unitPrice { amount } } } } } } }',
    { id: order.id },
  );
  expect(node.lines.edges[0]?.node.unitPrice.amount).toBe(price.amount);
});

test('G14 the database itself refuses orders, lines, prices and versions that cannot be', async () => {
  const { variantId } = await shop.variant(at, [5]);
  await shop.place(at.storeId, [{ variantId, quantity: 2 }]);
  const impossible = [
    `UPDATE "order" SET total_minor = total_minor + 1`,
    `UPDATE "order" SET state = 'CANCELLED'`,
    `UPDATE "order" SET state = 'CONFIRMED'`,
    `UPDATE "order" SET completed_at = placed_at`,
    'UPDATE order_line SET cancelled = quantity + 1',
    'UPDATE order_line SET dispatched = quantity, cancelled = 1',
    'UPDATE order_line SET total_minor = total_minor - 1',
    'UPDATE order_line SET returned = 1',
    'UPDATE price SET amount_minor = 0',
    'UPDATE category SET tax_rate_basis_points = 10001',
    'UPDATE product_version SET reviewer_id = author_id',
    `UPDATE product_version SET state = 'REJECTED'`,
    `UPDATE variant SET sku = 'lower'`,
  ];
  for (const sql of impossible) await expect(app.sql(sql), sql).rejects.toThrow('violates check constraint');
});

test('G22 only the relay notifies: no business transaction does', () => {
  const migrations = ['20261122000000_init', '20261122000100_invariants'].map((name) =>
    readFileSync(join(project, 'prisma/migrations', name, 'migration.sql'), 'utf8'),
  );
  expect(migrations.join('\n').match(/pg_notify|\bNOTIFY\b/g)).toEqual(['pg_notify']);
  expect(
    readSources('src')
      .filter((file) => /pg_notify|\bNOTIFY\b/.test(file.code))
      .map((file) => file.path),
  ).toEqual([]);
});

test('G3 relations are joined in SQL, and a query that is not handed to Prisma is an error', () => {
  const read = (path: string) => readFileSync(join(project, path), 'utf8');
  expect(read('prisma/schema/main.prisma')).toMatch(/previewFeatures\s*=\s*\["relationJoins"\]/);
  expect(read('src/graphql/builder.ts')).toContain("onUnusedQuery: 'error'");
  const whole = readSources('src').filter((file) =>
    [...file.code.matchAll(/builder\s*\.prisma(?:Node|Object)\(\s*'\w+',\s*\{([\s\S]*?)fields:/g)].some(
      ([, options = '']) =>
        !options.includes('prismaNode') && !/select:|authScopes: \{ internal/.test(options),
    ),
  );
  expect(whole.map((file) => file.path)).toEqual([]);
});

test('migrations only expand: none drops or renames what the version that runs still uses', () => {
  const folder = join(project, 'prisma/migrations');
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(files.length).toBeGreaterThanOrEqual(2);
  const shrinking = files.filter(({ name }) =>
    /\b(DROP (TABLE|COLUMN|TYPE|SCHEMA)|RENAME (TO|COLUMN))\b/i.test(
      readFileSync(join(folder, name, 'migration.sql'), 'utf8'),
    ),
  );
  expect(shrinking.map(({ name }) => name)).toEqual([]);
});
