// The department of the demo, built through the API: store, depot, catalog, stock. What is there already is kept.

import pLimit from 'p-limit';
import { formatMinor } from '../../../src/core/money.ts';
import { type Api, chunks, refusal } from './api.ts';
import { type CategoryCode, categories, type Good, hashOf } from './goods.ts';
import { edgesOf, nodesOf, type Page, pagesOf } from './pages.ts';
import type { Crew } from './people.ts';
import { showProgress } from './progress.ts';

export interface Department {
  storeId: string;
  locationId: string;
  /** Variants by code of the good. */
  variants: Map<string, string>;
}

const STORE = 'gift';
const DEPOT = 'gift-depot';
const VAT_BASIS_POINTS = 2_000;
const LINE_QUANTITY_MAX = 1_000_000;
const BATCH = 25;
const RECEIPT_LINES = 200;

/** Build what is missing and return the whole. */
export async function buildDepartment(crew: Crew, goods: ReadonlyMap<string, Good>): Promise<Department> {
  const storeId = await openStore(crew.admin);
  const locationId = await openDepot(crew.admin, storeId);
  const categoryIds = await defineCategories(crew.editor);
  const variants = await buildCatalog(crew, goods, storeId, categoryIds);
  await fillDepot(crew.buyer, goods, { storeId, locationId, variants });
  return { storeId, locationId, variants };
}

const inBoth = (name: { en: string; zh: string }) => [
  { locale: 'en', name: name.en },
  { locale: 'zh', name: name.zh },
];

type Coded = { id: string; code: string };

async function openStore(admin: Api): Promise<string> {
  const { stores } = await admin.ask<{ stores: Page<Coded> }>(
    '{ stores(first: 100) { edges { node { id code } } } }',
  );
  const found = edgesOf(stores).find((store) => store.code === STORE);
  if (found) return found.id;
  const input = {
    code: STORE,
    platform: 'OWN_SITE',
    texts: inBoth({ en: 'Gift shop', zh: '礼品店' }),
    timeZone: 'Europe/London',
    currencies: ['GBP'],
    lineQuantityMax: LINE_QUANTITY_MAX,
  };
  return idOf(await admin.act<{ store: Coded }>('storeOpen', input, 'store { id code }'), 'store');
}

async function openDepot(admin: Api, storeId: string): Promise<string> {
  const { locations } = await admin.ask<{ locations: Page<Coded> }>(
    '{ locations(first: 100) { edges { node { id code } } } }',
  );
  const found = edgesOf(locations).find((location) => location.code === DEPOT);
  if (found) return found.id;
  const input = {
    code: DEPOT,
    texts: inBoth({ en: 'Depot', zh: '仓库' }),
    stores: [{ storeId, priority: 1 }],
  };
  return idOf(
    await admin.act<{ location: Coded }>('locationOpen', input, 'location { id code }'),
    'location',
  );
}

function idOf<Noun extends string>(
  payload: { userErrors: Parameters<typeof refusal>[1] } & Record<Noun, { id: string } | null>,
  noun: Noun,
): string {
  const made = payload[noun];
  if (!made) throw refusal(noun, payload.userErrors);
  return made.id;
}

async function defineCategories(editor: Api): Promise<Map<CategoryCode, string>> {
  const wanted = Object.entries(categories).map(([code, name]) => ({
    code: `gift-${code}`,
    texts: inBoth(name),
    taxRateBasisPoints: VAT_BASIS_POINTS,
  }));
  const present = await nodesOf<Coded>(editor, 'categories', 'id code');
  const missing = wanted.filter(({ code }) => !present.some((category) => category.code === code));
  const made = await editor.actAll<{ category: Coded }>('categoryDefine', missing, 'category { id code }');
  const all = [...present, ...made.map((payload) => payload.category)];
  return new Map(
    all
      .filter(({ code }) => code.startsWith('gift-'))
      .map(({ code, id }) => [code.slice(5) as CategoryCode, id]),
  );
}

interface KnownProduct {
  id: string;
  externalReference: string | null;
  publishedVersion: { id: string } | null;
  versionInWork: { id: string; state: string } | null;
  listings: Page<{ state: string; store: { id: string } }>;
  variants: Page<{ id: string; price: { amount: string } | null }>;
}

const productFields = (
  storeId: string,
) => `id externalReference publishedVersion { id } versionInWork { id state }
  listings(first: 20) { edges { node { state store { id } } } }
  variants(first: 1) { edges { node { id price(storeId: "${storeId}", currency: "GBP") { amount } } } }`;

const referenceOf = (code: string): string => `gift/${code}`;

async function buildCatalog(
  crew: Crew,
  goods: ReadonlyMap<string, Good>,
  storeId: string,
  categoryIds: ReadonlyMap<CategoryCode, string>,
): Promise<Map<string, string>> {
  const known = new Map<string | null, KnownProduct>();
  for await (const product of pagesOf<KnownProduct>(crew.editor, 'products', productFields(storeId))) {
    known.set(product.externalReference, product);
  }
  const progress = showProgress('Catalog', goods.size);
  const limited = pLimit(4);
  const batches = chunks([...goods.values()], BATCH).map((batch) =>
    limited(async () => {
      const products = await sellGoods(crew, batch, { storeId, categoryIds, known });
      progress.advance(batch.length, batch.at(-1)?.name);
      return products;
    }),
  );
  const variants = new Map((await Promise.all(batches)).flat());
  progress.end();
  return variants;
}

interface Around {
  storeId: string;
  categoryIds: ReadonlyMap<CategoryCode, string>;
  known: ReadonlyMap<string | null, KnownProduct>;
}

/** Take goods from nothing to being on sale: written, reviewed by another, published, priced, listed. */
async function sellGoods(
  crew: Crew,
  goods: readonly Good[],
  around: Around,
): Promise<[code: string, variantId: string][]> {
  const { storeId, known } = around;
  const unknown = goods.filter((good) => !known.has(referenceOf(good.code)));
  const created = await crew.editor.actAll<{ product: KnownProduct }>(
    'productCreate',
    unknown.map((good) => productOf(good, around.categoryIds)),
    `product { ${productFields(storeId)} }`,
  );
  const fresh = new Map(unknown.map((good, i) => [good.code, created[i]?.product]));
  const products = goods.map((good) => ({
    good,
    product: fresh.get(good.code) ?? known.get(referenceOf(good.code)),
  }));
  const moved = (from: readonly string[]) =>
    products.flatMap(({ product }) =>
      product?.versionInWork && !product.publishedVersion && from.includes(product.versionInWork.state)
        ? [{ productVersionId: product.versionInWork.id }]
        : [],
    );
  await crew.editor.actAll('productSubmit', moved(['DRAFT']));
  await crew.reviewer.actAll('productApprove', moved(['DRAFT', 'SUBMITTED']));
  await crew.reviewer.actAll('productPublish', moved(['DRAFT', 'SUBMITTED', 'APPROVED']));
  const variants = products.map(({ good, product }) => ({
    good,
    product,
    variant: edgesOf(product?.variants)[0],
  }));
  await crew.marketing.actAll(
    'priceSet',
    variants.flatMap(({ good, variant }) =>
      variant && !variant.price
        ? [
            {
              variantId: variant.id,
              storeId,
              price: { amount: formatMinor(good.priceMinor, 'GBP'), currency: 'GBP' },
            },
          ]
        : [],
    ),
  );
  await crew.marketing.actAll(
    'listingSet',
    products.flatMap(({ product }) =>
      product && !isListed(product, storeId) ? [{ productId: product.id, storeId, state: 'ON_SALE' }] : [],
    ),
  );
  return variants.flatMap(({ good, variant }) => (variant ? [[good.code, variant.id]] : []));
}

const isListed = (product: KnownProduct, storeId: string): boolean =>
  edgesOf(product.listings).some((listing) => listing.store.id === storeId && listing.state === 'ON_SALE');

const productOf = (good: Good, categoryIds: ReadonlyMap<CategoryCode, string>) => ({
  categoryId: categoryIds.get(good.category),
  externalReference: referenceOf(good.code),
  texts: [{ locale: 'en', name: good.name }],
  variants: [{ sku: good.code }],
});

/** Take in the first stock of goods that have none, and set the limits of those that sell often. */
async function fillDepot(
  buyer: Api,
  goods: ReadonlyMap<string, Good>,
  { locationId, variants }: Department,
): Promise<void> {
  const present = new Map<string, { lowStockAt: number | null }>();
  const fields = 'lowStockAt variant { id }';
  for await (const stock of pagesOf<{ lowStockAt: number | null; variant: { id: string } }>(
    buyer,
    'stocks',
    fields,
    { locationId },
  )) {
    present.set(stock.variant.id, stock);
  }
  const stocked = [...goods.values()].map((good) => ({
    ...good.stock,
    variantId: variants.get(good.code) ?? '',
  }));
  const missing = stocked.filter(({ variantId }) => !present.has(variantId));
  const receipts = chunks(missing, RECEIPT_LINES).map((some) => {
    const lines = some.map(({ variantId, first }) => ({ variantId, quantity: first }));
    return { idempotencyKey: `replay-receipt-${hashOf(JSON.stringify(lines))}`, locationId, lines };
  });
  const plans = stocked.flatMap(({ variantId, lowAt }) =>
    lowAt === null || (present.get(variantId)?.lowStockAt ?? null) !== null
      ? []
      : [{ variantId, locationId, lowStockAt: lowAt, recoveredAt: lowAt * 2 + 1 }],
  );
  const progress = showProgress('Stock', missing.length + plans.length);
  for (const receipt of receipts) {
    await buyer.actAll('stockReceive', [receipt]);
    progress.advance(receipt.lines.length, 'received');
  }
  for (const some of chunks(plans, BATCH * 4)) {
    await buyer.actAll('stockPlan', some);
    progress.advance(some.length, 'limits set');
  }
  progress.end();
}
