// How many SQL statements operations cost: no more for 100 rows than for one, and nothing that nobody asked for.

import { beforeAll, describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, given } = app;

/** Rows of every kind: 100 products, each in stock, with prices and a listing; 100 people; 100 orders. */
let storeId: string;
let locationId: string;
const variantIds: string[] = [];
let clerk: Client;

beforeAll(async () => {
  storeId = await given.store();
  locationId = await given.location({ stores: [storeId] });
  const categoryId = await given.category();
  for (let i = 0; i < 100; i++) {
    const { variantId } = await given.stockedVariant({
      store: storeId,
      location: locationId,
      product: { categoryId },
    });
    variantIds.push(variantId);
  }
  for (let i = 0; i < 100; i++) {
    const lines = [0, 1, 2].map((n) => ({ variantId: variantIds[(i + n) % 100] ?? '', quantity: 1 }));
    await given.order({ storeId, lines: lines.slice(0, (i % 3) + 1) });
  }
  clerk = await given.staff({ posts: ['store_manager'], stores: [storeId] });
}, 180_000);

/** Operations with nested lists; `$n` is how many rows. Each is run by an administrator and by one restricted to a store. */
const operations: Readonly<Record<string, string>> = {
  locations: `locations(first: $n) { edges { node { code name stocks(first: 50) { totalCount edges { node { sellable } } } } } }`,
  stocks: `stocks(first: $n) { edges { node {
    sellable variant { sku } location { name }
    ledger(first: 2) { totalCount edges { node { delta cause } } }
  } } }`,
  posts: `posts(first: $n) { edges { node { code name permissions } } }`,
  staff: `staff(first: $n) { edges { node {
    name email posts { name } sessions(first: 2) { totalCount edges { node { createdAt staff { name } } } }
  } } }`,
  products: `products(first: $n) { edges { node {
    category { name } publishedVersion { texts { name } images { id } }
    variants(first: 2) { totalCount edges { node { sku stocks(first: 2) { edges { node { sellable location { name } } } } } } }
    versions(first: 2) { edges { node { state allowedActions { action } } } }
  } } }`,
  orders: `orders(first: $n) { edges { node {
    number total { amount } store { name } allowedActions { action }
    lines(first: 3) { totalCount edges { node { quantity variant { sku product { category { name } } } } } }
    holds(first: 1) { edges { node { reason } } }
    timeline(first: 3) { totalCount edges { node { title } } }
  } } }`,
  events: `events(first: $n) { edges { node { type title changes { field } } } }`,
};

async function cost(
  client: Client,
  selection: string,
  rows: number,
): Promise<{ statements: string[]; found: number }> {
  let found = 0;
  const statements = await app.statementsOf(async () => {
    const data = await client.ok<Record<string, { edges: unknown[] }>>(`query ($n: Int!) { ${selection} }`, {
      n: rows,
    });
    found = Object.values(data)[0]?.edges.length ?? 0;
  });
  return { statements, found };
}

describe('G8 C46 the number of statements', () => {
  test.each(Object.entries(operations))(
    'of %s with what lies in them does not grow with the rows',
    async (name, selection) => {
      for (const client of [admin, clerk]) {
        if (name === 'events' && client === clerk) continue;
        const [one, ten, hundred] = [
          await cost(client, selection, 1),
          await cost(client, selection, 10),
          await cost(client, selection, 100),
        ];
        const counts = [one, ten, hundred].map(({ statements }) => statements.length);
        expect(hundred.found, name).toBeGreaterThan(name === 'posts' ? 15 : 0);
        expect(counts[1], `10 rows: ${ten.statements.map((sql) => sql.slice(0, 200)).join('\n')}`).toBe(
          counts[0],
        );
        expect(counts[2], `100 rows: ${hundred.statements.map((sql) => sql.slice(0, 200)).join('\n')}`).toBe(
          counts[0],
        );
        expect(counts[0]).toBeLessThanOrEqual(8);
      }
    },
  );

  test('of several lists in one operation is the sum of theirs', async () => {
    const all = Object.values(operations).slice(0, 4);
    const single = await Promise.all([]).then(async () => {
      let sum = 0;
      for (const selection of all) sum += (await cost(admin, selection, 10)).statements.length - 1;
      return sum;
    });
    const together = (await cost(admin, all.join(' '), 10)).statements.length - 1;
    expect(together).toBeLessThanOrEqual(single);
  });
});

describe('G7 totalCount', () => {
  const counted = (statements: readonly string[]) => statements.filter((sql) => /count\(/i.test(sql)).length;

  test.each(['locations', 'stocks', 'orders', 'products', 'posts', 'staff', 'events'])(
    'of %s is counted only when it is selected',
    async (list) => {
      const bare = await app.statementsOf(() =>
        admin.ok(`{ ${list}(first: 2) { edges { node { __typename } } } }`),
      );
      expect(counted(bare)).toBe(0);
      const skipped = await app.statementsOf(() =>
        admin.ok(`{ ${list}(first: 2) { totalCount @skip(if: true) edges { cursor } } }`),
      );
      expect(counted(skipped)).toBe(0);
      const selected = await app.statementsOf(() => admin.ok(`{ ${list}(first: 2) { totalCount } }`));
      expect(counted(selected)).toBe(1);
    },
  );
});

describe('G3 G6 the columns and rows read', () => {
  test('are those that were selected: no statement reads a whole row, none a secret', async () => {
    for (const selection of Object.values(operations)) {
      const { statements } = await cost(admin, selection, 10);
      for (const sql of statements.slice(1)) {
        expect(sql).not.toMatch(/password_hash|token_hash|upload_token/);
      }
    }
    const { statements } = await cost(admin, 'orders(first: $n) { edges { node { number } } }', 10);
    expect(statements.at(-1)).not.toMatch(/freight_minor|external_reference|cancel_reason/);
  });

  test('of a nested list are limited in SQL: at most one more than asked for', async () => {
    const [row] = await app.sql<{ id: string }>(`SELECT id FROM location LIMIT 1`);
    expect(row).toBeDefined();
    const { statements } = await cost(
      admin,
      'locations(first: $n) { edges { node { stocks(first: 7) { edges { node { id } } } } } }',
      1,
    );
    expect(statements.join()).toMatch(/limit \$?\d/i);
    const answer = await admin.ok<{ locations: { edges: { node: { stocks: { edges: [] } } }[] } }>(
      '{ locations(first: 1) { edges { node { stocks(first: 7) { edges { node { id } } } } } } }',
    );
    expect(answer.locations.edges[0]?.node.stocks.edges).toHaveLength(7);
  });
});
