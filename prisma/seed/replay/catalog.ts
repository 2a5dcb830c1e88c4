// The catalog of the demo, built through the API: every good written, reviewed by another, published, priced, listed.

import pLimit from 'p-limit';
import { formatMinor } from '../../../src/core/money.ts';
import { type Api, chunks } from './api.ts';
import type { CategoryCode, Good } from './goods.ts';
import { ApiError } from './http.ts';
import { edgesOf, type Page } from './pages.ts';
import type { Crew } from './people.ts';
import type { Progress } from './progress.ts';

const BATCH = 25;
const CONCURRENCY = 4;
const ATTEMPTS = 3;

export interface Shelf {
  /** Stores in which the goods are on sale. */
  storeIds: readonly string[];
  categoryIds: ReadonlyMap<CategoryCode, string>;
}

/** Bring goods on sale that are not yet. Returns their variants by code. */
export async function buildCatalog(
  crew: Crew,
  goods: ReadonlyMap<string, Good>,
  shelf: Shelf,
  progress: Progress,
): Promise<Map<string, string>> {
  const limited = pLimit(CONCURRENCY);
  const batches = chunks([...goods.values()], BATCH).map((batch) =>
    limited(async () => {
      const variants = await sellGoods(crew, batch, shelf);
      progress.advance(batch.length, batch.at(-1)?.name);
      return variants;
    }),
  );
  return new Map((await Promise.all(batches)).flat());
}

interface Known {
  good: Good;
  variantId: string;
  price: object | null;
  product: {
    id: string;
    publishedVersion: object | null;
    versionInWork: { id: string; state: string } | null;
    listings: Page<{ state: string; store: { id: string } }>;
  };
}

/** Refusals of an act that was done already, by an earlier run or by a request whose answer was lost. */
const repeated = ['ALREADY_EXISTS', 'ILLEGAL_STATE', 'REVIEW_REQUIRED'];

async function sellGoods(
  crew: Crew,
  goods: readonly Good[],
  shelf: Shelf,
): Promise<[code: string, variantId: string][]> {
  for (let attempt = 1; ; attempt++) {
    try {
      await doWhatIsMissing(crew, goods, shelf);
      const known = await readKnown(crew.editor, goods);
      return known.map(({ good, variantId }) => [good.code, variantId]);
    } catch (error) {
      const again = error instanceof ApiError && error.codes.some((code) => repeated.includes(code));
      if (!again || attempt === ATTEMPTS) throw error;
    }
  }
}

async function doWhatIsMissing(
  { editor, reviewer, marketing }: Crew,
  goods: readonly Good[],
  shelf: Shelf,
): Promise<void> {
  const present = new Set((await readKnown(editor, goods)).map(({ good }) => good.code));
  const missing = goods.filter((good) => !present.has(good.code));
  await editor.actAll(
    'productCreate',
    missing.map((good) => productOf(good, shelf)),
  );
  const known = await readKnown(editor, goods);
  await editor.actAll('productSubmit', versionsIn(known, ['DRAFT']));
  await reviewer.actAll('productApprove', versionsIn(known, ['DRAFT', 'SUBMITTED']));
  await reviewer.actAll('productPublish', versionsIn(known, ['DRAFT', 'SUBMITTED', 'APPROVED']));
  const unpriced = known.filter(({ price }) => price === null);
  await marketing.actAll(
    'priceSet',
    unpriced.map(({ good, variantId }) => priceOf(good, variantId)),
  );
  const unlisted = known.flatMap(({ product }) =>
    shelf.storeIds
      .filter((storeId) => !isListed(product, storeId))
      .map((storeId) => ({ productId: product.id, storeId, state: 'ON_SALE' })),
  );
  await marketing.actAll('listingSet', unlisted);
}

const versionsIn = (known: readonly Known[], states: readonly string[]): { productVersionId: string }[] =>
  known.flatMap(({ product: { publishedVersion, versionInWork } }) =>
    versionInWork && !publishedVersion && states.includes(versionInWork.state)
      ? [{ productVersionId: versionInWork.id }]
      : [],
  );

const isListed = ({ listings }: Known['product'], storeId: string): boolean =>
  edgesOf(listings).some(({ store, state }) => store.id === storeId && state === 'ON_SALE');

const productOf = (good: Good, { categoryIds }: Shelf) => ({
  categoryId: categoryIds.get(good.category),
  texts: [{ locale: 'en', name: good.name }],
  variants: [{ sku: good.code }],
});

const priceOf = ({ priceMinor }: Good, variantId: string) => ({
  variantId,
  price: { amount: formatMinor(priceMinor, 'GBP'), currency: 'GBP' },
});

/** Those of the goods that the catalog has, each as far as it has come. */
async function readKnown(editor: Api, goods: readonly Good[]): Promise<Known[]> {
  const document = `query known(${goods.map((_, i) => `$s${i}: String!`).join(', ')}) {
    ${goods.map((_, i) => `a${i}: variantBySku(sku: $s${i}) { ...known }`).join('\n')}
  }
  fragment known on Variant {
    id price(currency: "GBP") { amount }
    product { id publishedVersion { id } versionInWork { id state }
      listings(first: 20) { edges { node { state store { id } } } } }
  }`;
  const variables = Object.fromEntries(goods.map((good, i) => [`s${i}`, good.code]));
  const found = await editor.ask<Record<string, (Omit<Known, 'good' | 'variantId'> & { id: string }) | null>>(
    document,
    variables,
  );
  return goods.flatMap((good, i) => {
    const variant = found[`a${i}`];
    return variant ? [{ good, variantId: variant.id, price: variant.price, product: variant.product }] : [];
  });
}
