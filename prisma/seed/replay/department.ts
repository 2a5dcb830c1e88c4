// The department of the demo, built through the API: store, depot, catalog, stock. What is there already is kept.

import { type Api, chunks } from './api.ts';
import { buildCatalog } from './catalog.ts';
import { type CategoryCode, categories, type Good, hashOf } from './goods.ts';
import { nodesOf } from './pages.ts';
import type { Crew } from './people.ts';
import type { ShowProgress } from './progress.ts';

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
const RECEIPT_LINES = 200;
const PLANS = 100;

/** Build what is missing and return the whole. */
export async function buildDepartment(
  crew: Crew,
  goods: ReadonlyMap<string, Good>,
  showProgress: ShowProgress,
): Promise<Department> {
  const storeId = await openStore(crew.admin);
  const locationId = await openDepot(crew.admin, storeId);
  const categoryIds = await defineCategories(crew.editor);
  const catalog = showProgress('Catalog', goods.size);
  const variants = await buildCatalog(crew, goods, { storeId, categoryIds }, catalog);
  catalog.end();
  const department = { storeId, locationId, variants };
  await fillDepot(crew.buyer, goods, department, showProgress);
  return department;
}

const inBoth = (name: { en: string; zh: string }) => [
  { locale: 'en', name: name.en },
  { locale: 'zh', name: name.zh },
];

interface Kind {
  /** Query that lists what is there. */
  list: string;
  /** Mutation that makes one, and the object in its payload. */
  mutation: string;
  noun: string;
}

/** Ids by code of objects; those that are not there are made. */
async function ensure(
  api: Api,
  { list, mutation, noun }: Kind,
  inputs: readonly { code: string }[],
): Promise<Map<string, string>> {
  type Coded = { id: string; code: string };
  const present = await nodesOf<Coded>(api, list, 'id code');
  const missing = inputs.filter(({ code }) => !present.some((object) => object.code === code));
  const made = await api.actAll<Record<string, Coded>>(mutation, missing, `${noun} { id code }`);
  const all = [...present, ...made.flatMap((payload) => payload[noun] ?? [])];
  return new Map(all.map(({ code, id }) => [code, id]));
}

async function openStore(admin: Api): Promise<string> {
  const store = {
    code: STORE,
    platform: 'OWN_SITE',
    texts: inBoth({ en: 'Gift shop', zh: '礼品店' }),
    timeZone: 'Europe/London',
    currencies: ['GBP'],
    lineQuantityMax: LINE_QUANTITY_MAX,
  };
  const ids = await ensure(admin, { list: 'stores', mutation: 'storeOpen', noun: 'store' }, [store]);
  return ids.get(STORE) ?? '';
}

async function openDepot(admin: Api, storeId: string): Promise<string> {
  const texts = inBoth({ en: 'Depot', zh: '仓库' });
  const depot = { code: DEPOT, texts, stores: [{ storeId, priority: 1 }] };
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
