// The department of the demo, built through the API: stores, depot, partners, catalog, stock. What is there is kept.

import { type Api, chunks } from './api.ts';
import { buildCatalog } from './catalog.ts';
import { ensure, inBoth } from './ensure.ts';
import { type CategoryCode, categories, type Good, hashOf } from './goods.ts';
import { nodesOf } from './pages.ts';
import { openPartners, type Partners } from './partners.ts';
import type { Crew } from './people.ts';
import type { ShowProgress } from './progress.ts';

export interface Department {
  /** Ids of the own site, which also takes orders by telephone, and of the store on the marketplace. */
  stores: { ownSite: string; marketplace: string };
  locationId: string;
  partners: Partners;
  /** Variants by code of the good. */
  variants: Map<string, string>;
}

const ownSite = { code: 'gift', platform: 'OWN_SITE' };
const marketplace = { code: 'gift-mall', platform: 'OTHER' };
const DEPOT = 'gift-depot';
const VAT_BASIS_POINTS = 2_000;
const LINE_QUANTITY_MAX = 1_000_000;
const RECEIPT_LINES = 200;
const PLANS = 100;

/** Build what is missing and return the whole. */
export async function buildDepartment(
  crew: Crew,
  goods: ReadonlyMap<string, Good>,
  showProgress: ShowProgress,
): Promise<Department> {
  const stores = await openStores(crew.admin);
  const locationId = await openDepot(crew.admin, stores);
  const partners = await openPartners(crew, stores.marketplace);
  const categoryIds = await defineCategories(crew.editor);
  const catalog = showProgress('Catalog', goods.size);
  const shelf = { storeIds: Object.values(stores), categoryIds };
  const variants = await buildCatalog(crew, goods, shelf, catalog);
  catalog.end();
  const department = { stores, locationId, partners, variants };
  await fillDepot(crew.buyer, goods, department, showProgress);
  return department;
}

async function openStores(admin: Api): Promise<Department['stores']> {
  const common = { timeZone: 'Europe/London', currencies: ['GBP'], lineQuantityMax: LINE_QUANTITY_MAX };
  const stores = [
    { ...common, ...ownSite, texts: inBoth({ en: 'Gift shop', zh: '礼品店' }) },
    { ...common, ...marketplace, texts: inBoth({ en: 'Gift mall', zh: '礼品商城' }) },
  ];
  const ids = await ensure(admin, { list: 'stores', mutation: 'storeOpen', noun: 'store' }, stores);
  return { ownSite: ids.get(ownSite.code) ?? '', marketplace: ids.get(marketplace.code) ?? '' };
}

async function openDepot(admin: Api, stores: Department['stores']): Promise<string> {
  const texts = inBoth({ en: 'Depot', zh: '仓库' });
  const served = Object.values(stores).map((storeId) => ({ storeId, priority: 1 }));
  const depot = { code: DEPOT, texts, stores: served };
  const ids = await ensure(admin, { list: 'locations', mutation: 'locationOpen', noun: 'location' }, [depot]);
  return ids.get(DEPOT) ?? '';
}

async function defineCategories(editor: Api): Promise<Map<CategoryCode, string>> {
  const wanted = Object.entries(categories).map(([code, name]) => ({
    code: `gift-${code}`,
    texts: inBoth(name),
    taxRateBasisPoints: VAT_BASIS_POINTS,
  }));
  const kind = { list: 'categories', mutation: 'categoryDefine', noun: 'category' };
  const ids = await ensure(editor, kind, wanted);
  return new Map(
    Object.keys(categories).map((code) => [code as CategoryCode, ids.get(`gift-${code}`) ?? '']),
  );
}

/** Take in the first stock of goods that have none, and set the limits of those that sell often. */
async function fillDepot(
  buyer: Api,
  goods: ReadonlyMap<string, Good>,
  { locationId, variants }: Department,
  showProgress: ShowProgress,
): Promise<void> {
  type Stock = { lowStockAt: number | null; variant: { id: string } };
  const present = await nodesOf<Stock>(buyer, 'stocks', 'lowStockAt variant { id }', { locationId });
  const stocks = new Map(present.map((stock) => [stock.variant.id, stock]));
  const stocked = [...goods.values()].map((good) => ({
    ...good.stock,
    variantId: variants.get(good.code) ?? '',
  }));
  const missing = stocked.filter(({ variantId }) => !stocks.has(variantId));
  const receipts = chunks(missing, RECEIPT_LINES).map((some) => {
    const lines = some.map(({ variantId, first }) => ({ variantId, quantity: first }));
    return { idempotencyKey: `replay-receipt-${hashOf(JSON.stringify(lines))}`, locationId, lines };
  });
  const plans = stocked.flatMap(({ variantId, lowAt }) =>
    lowAt === null || (stocks.get(variantId)?.lowStockAt ?? null) !== null
      ? []
      : [{ variantId, locationId, lowStockAt: lowAt, recoveredAt: lowAt * 2 + 1 }],
  );
  const progress = showProgress('Stock', missing.length + plans.length);
  for (const receipt of receipts) {
    await buyer.actAll('stockReceive', [receipt]);
    progress.advance(receipt.lines.length, 'received');
  }
  for (const some of chunks(plans, PLANS)) {
    await buyer.actAll('stockPlan', some);
    progress.advance(some.length, 'limits set');
  }
  progress.end();
}
