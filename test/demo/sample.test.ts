// The sample department: made once; its places, people, catalog and stock can be read through the API.

import { beforeAll, expect, test } from 'vitest';
import { type SampleLogin, seedSample } from '../../prisma/seed/sample.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';

const app = await startApp();
const seededAt = clock.now();
let login: SampleLogin;
let made: SampleLogin[] = [];

type List<Node> = { edges: { node: Node }[] };
const nodes = <Node>(list: List<Node>): Node[] => list.edges.map((edge) => edge.node);
const read = async <Node>(list: string, fields: string, client = app.admin): Promise<Node[]> => {
  const data = await client.ok<Record<string, List<Node>>>(`{ ${list} { edges { node { ${fields} } } } }`);
  return nodes(Object.values(data)[0] ?? { edges: [] });
};

beforeAll(async () => {
  made = (await Promise.all([seedSample(seededAt), seedSample(seededAt)])).flatMap((one) => one ?? []);
  if (made[0]) login = made[0];
}, 120_000);

test('it is made by one of two instances that start at once', async () => {
  expect(made).toHaveLength(1);
  expect(await read('stores(first: 10)', 'code')).toHaveLength(2);
});

test('it is not made again where a store is', async () => {
  const count = () =>
    app.sql('SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM event_outbox) AS events');
  const before = await count();
  expect(await seedSample(clock.now())).toBeNull();
  expect(await count()).toEqual(before);
});

test('it has an own site with freight that is free from 99.00 and a store on Tmall', async () => {
  const stores = await read(
    'stores(first: 10)',
    'code platform timeZone currencies freight { amount currency } freightFreeFrom { amount }',
  );
  expect(stores).toEqual([
    {
      code: 'main',
      platform: 'OWN_SITE',
      timeZone: 'Asia/Shanghai',
      currencies: ['CNY'],
      freight: { amount: '10.00', currency: 'CNY' },
      freightFreeFrom: { amount: '99.00' },
    },
    expect.objectContaining({ code: 'tmall', platform: 'TMALL', currencies: ['CNY'] }),
  ]);
});

test('it has locations that serve the stores by priority', async () => {
  expect((await read<{ code: string }>('locations(first: 10)', 'code')).map(({ code }) => code)).toEqual([
    'guangzhou',
    'hangzhou',
    'shanghai',
  ]);
  const rows = await app.sql(
    `SELECT s.code AS store, l.code AS location FROM store_location sl JOIN store s ON s.id = sl.store_id
     JOIN location l ON l.id = sl.location_id ORDER BY s.code, sl.priority`,
  );
  expect(rows).toEqual([
    { store: 'main', location: 'shanghai' },
    { store: 'main', location: 'guangzhou' },
    { store: 'tmall', location: 'guangzhou' },
    { store: 'tmall', location: 'shanghai' },
    { store: 'tmall', location: 'hangzhou' },
  ]);
});

test('categories, products, options and stores have names in English and Chinese', async () => {
  interface Named {
    name: string;
  }
  for (const list of [
    'stores(first: 20)',
    'locations(first: 20)',
    'categories(first: 20)',
    'products(first: 50)',
  ]) {
    const english = (await read<Named>(list, 'name')).map(({ name }) => name);
    const chinese = (await read<Named>(list, 'name', app.admin.speaking('zh'))).map(({ name }) => name);
    expect(english.join(), list).toMatch(/^[\x20-\x7e]+$/);
    for (const name of chinese) expect(name, list).toMatch(/\p{Script=Han}/u);
  }
  const rates = await read<{ taxRateBasisPoints: number }>('categories(first: 20)', 'taxRateBasisPoints');
  expect(rates).toHaveLength(6);
  expect(new Set(rates.map((rate) => rate.taxRateBasisPoints))).toEqual(new Set([1_300, 900]));
});

test('there is a product in every state of review, most are published, and nobody reviewed their own', async () => {
  interface Product {
    versions: List<{
      state: string;
      rejectionReason: string | null;
      author: { id: string };
      reviewer: { id: string } | null;
      options: { code: string; values: { name: string }[] }[];
    }>;
    variants: List<{ sku: string; price: { amount: string } | null }>;
  }
  const products = await read<Product>(
    'products(first: 50)',
    `versions(first: 5) { edges { node { state rejectionReason author { id } reviewer { id } options { code values { name } } } } }
     variants(first: 20) { edges { node { sku price(currency: "CNY") { amount } } } }`,
  );
  const versions = products.flatMap((product) => nodes(product.versions));
  const count = (state: string) => versions.filter((version) => version.state === state).length;
  for (const state of ['DRAFT', 'SUBMITTED', 'REJECTED', 'APPROVED', 'WITHDRAWN'])
    expect(count(state), state).toBe(1);
  expect(count('PUBLISHED')).toBeGreaterThan(versions.length / 2);
  expect(versions.find((version) => version.state === 'REJECTED')?.rejectionReason).toMatch(/superlative/);
  for (const { author, reviewer } of versions) expect(reviewer?.id).not.toBe(author.id);
  expect(new Set(versions.flatMap((version) => version.options.map((option) => option.code)))).toEqual(
    new Set(['colour', 'size']),
  );
  const variants = products.flatMap((product) => nodes(product.variants));
  expect(variants.map((variant) => variant.sku)).toContain('TEE-NAVY-M');
  for (const { sku, price } of variants) expect(price, sku).not.toBeNull();
});

test('published products are on sale, and one has a price of its own on Tmall', async () => {
  const listings = await read<{ state: string; store: { code: string; id: string } }>(
    'listings(first: 50)',
    'state store { code id }',
  );
  expect(new Set(listings.map((listing) => `${listing.store.code} ${listing.state}`))).toEqual(
    new Set(['main ON_SALE', 'tmall ON_SALE']),
  );
  const tmall = listings.find((listing) => listing.store.code === 'tmall')?.store.id;
  const { variantBySku } = await app.admin.ok<{ variantBySku: object }>(
    `query ($tmall: ID!) { variantBySku(sku: "buds-white") {
       own: price(storeId: $tmall, currency: "CNY") { amount } general: price(currency: "CNY") { amount } } }`,
    { tmall },
  );
  expect(variantBySku).toEqual({ own: { amount: '279.00' }, general: { amount: '299.00' } });
});

test('stock has limits, one good is sold out and others are low', async () => {
  interface Stock {
    sellable: number;
    damaged: number;
    low: boolean;
    soldOut: boolean;
    lowStockAt: number | null;
    variant: { sku: string };
  }
  const stocks = await read<Stock>(
    'stocks(first: 100)',
    'sellable damaged low soldOut lowStockAt variant { sku }',
  );
  expect(stocks.length).toBeGreaterThan(30);
  for (const stock of stocks) expect(stock.lowStockAt, stock.variant.sku).not.toBeNull();
  expect(stocks.filter((stock) => stock.soldOut).map(({ variant }) => variant.sku)).toEqual(['BUDS-BLACK']);
  expect(stocks.filter((stock) => stock.low && !stock.soldOut).length).toBeGreaterThan(0);
  expect(stocks.filter((stock) => stock.damaged > 0).map(({ variant }) => variant.sku)).toEqual(['LAMP']);
});

test('one person holds each reference post and can log in with the password of the sample', async () => {
  const staff = await read<{ email: string; posts: { code: string }[] }>(
    'staff(first: 50)',
    'email posts { code }',
  );
  const posts = await read<{ code: string }>('posts(first: 50)', 'code');
  expect(login.people.map((person) => person.post).sort()).toEqual(posts.map(({ code }) => code));
  for (const { post, email } of login.people) {
    expect(staff.find((person) => person.email === email)?.posts, email).toEqual([{ code: post }]);
  }
  const reviewer = await app.login('reviewer@dayshift.local', login.password);
  const { viewerPermissions } = await reviewer.ok<{ viewerPermissions: string[] }>('{ viewerPermissions }');
  expect(viewerPermissions).toContain('products.review');
  expect(viewerPermissions).not.toContain('products.edit');
});

test('the store policies, the numbers on the marketplace and its share of the stock are set', async () => {
  const [main, tmall] = await read<{ policies: object }>(
    'stores(first: 10)',
    'policies { confirmation confirmWithinMinutes payWithinMinutes expiryBy refundsBy cashOnDelivery completeAfterDays }',
  );
  expect(main?.policies).toEqual({
    confirmation: 'BEFORE_PAYMENT',
    confirmWithinMinutes: 30,
    payWithinMinutes: 30,
    expiryBy: 'DAYSHIFT',
    refundsBy: 'DAYSHIFT',
    cashOnDelivery: true,
    completeAfterDays: 10,
  });
  expect(tmall?.policies).toMatchObject({
    confirmation: 'AFTER_PAYMENT',
    expiryBy: 'PLATFORM',
    refundsBy: 'PLATFORM',
  });
  const items = await app.sql<{ number: string; share: number | null }>(
    `SELECT i.platform_item_id AS number, i.share_basis_points AS share FROM listing_item i`,
  );
  expect(new Set(items.map(({ number }) => number)).size).toBe(items.length);
  expect(items.filter(({ share }) => share === 6_000)).toHaveLength(6);
});
