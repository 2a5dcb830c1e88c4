// The catalog of the sample department: categories, and products each taken as far as it has come.

import { crc32 } from 'node:zlib';
import { defineCategory } from '../../../src/catalog/actions/categories.ts';
import { setListingItem } from '../../../src/catalog/actions/listing-items.ts';
import { setListing } from '../../../src/catalog/actions/listings.ts';
import { setPrice } from '../../../src/catalog/actions/prices.ts';
import { createProduct } from '../../../src/catalog/actions/products.ts';
import {
  approveProduct,
  publishProduct,
  rejectProduct,
  submitProduct,
  withdrawProduct,
} from '../../../src/catalog/actions/reviews.ts';
import type { Tx } from '../../../src/core/db.ts';
import {
  categories,
  inBoth,
  products,
  rejectionReason,
  type SampleOption,
  type SampleProduct,
  type SampleState,
  yuan,
} from './content.ts';
import type { ActorOf } from './people.ts';
import type { Places } from './places.ts';

/** Ids of variants by SKU. */
export type Variants = ReadonlyMap<string, string>;

const HOUR = 3_600_000;

export async function seedCatalog(tx: Tx, actorOf: ActorOf, places: Places, at: Date): Promise<Variants> {
  const categoryIds = await seedCategories(tx, actorOf, at);
  const variants = new Map<string, string>();
  for (const [i, product] of products.entries()) {
    // Prices hold from the opening on, texts come one after another.
    const own = await seedProduct(tx, actorOf, product, {
      categoryId: categoryIds.get(product.category) ?? '',
      places,
      at,
      writtenAt: new Date(at.getTime() + i * HOUR),
    });
    for (const { sku, id } of own) variants.set(sku, id);
  }
  return variants;
}

async function seedCategories(tx: Tx, actorOf: ActorOf, at: Date): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const { code, parent, en, zh, taxRateBasisPoints } of categories) {
    const parentId = parent === undefined ? undefined : ids.get(parent);
    const input = { code, ...(parentId ? { parentId } : {}), texts: inBoth(en, zh), taxRateBasisPoints };
    ids.set(code, (await defineCategory(tx, actorOf('product_editor'), input, at)).id);
  }
  return ids;
}

interface Around {
  categoryId: string;
  places: Places;
  at: Date;
  writtenAt: Date;
}

async function seedProduct(
  tx: Tx,
  actorOf: ActorOf,
  product: SampleProduct,
  { categoryId, places, at, writtenAt }: Around,
) {
  const input = {
    categoryId,
    externalReference: `sample-${product.sku.toLowerCase()}`,
    texts: [
      { locale: 'en' as const, name: product.en[0], description: product.en[1] },
      { locale: 'zh' as const, name: product.zh[0], description: product.zh[1] },
    ],
    options: product.options.map(optionOf),
    variants: combinations(product.options).map((values) => ({
      sku: [product.sku, ...values.map(({ value }) => value)].join('-').toUpperCase(),
      options: values,
    })),
    imageIds: [],
  };
  const { id } = await createProduct(tx, actorOf('product_editor'), input, writtenAt);
  const version = await tx.productVersion.findFirstOrThrow({
    where: { productId: id },
    select: { id: true },
  });
  await review(tx, actorOf, version.id, product.state, writtenAt);
  const variants = await tx.variant.findMany({
    where: { productId: id },
    select: { id: true, sku: true },
    orderBy: { sku: 'asc' },
  });
  for (const { id: variantId } of variants) {
    await setPrice(tx, actorOf('marketing'), { variantId, price: yuan(product.price) }, at);
    if (product.tmallPrice) {
      const own = { variantId, storeId: places.stores.tmall, price: yuan(product.tmallPrice) };
      await setPrice(tx, actorOf('marketing'), own, at);
    }
  }
  for (const store of product.stores) {
    const listing = { productId: id, storeId: places.stores[store], state: 'ON_SALE' as const };
    await setListing(tx, actorOf('marketing'), listing, writtenAt);
  }
  if (product.stores.includes('tmall')) {
    for (const { id: variantId, sku } of variants) {
      const item = {
        storeId: places.stores.tmall,
        variantId,
        platformItemId: platformItemIdOf(sku),
        ...(product.tmallShare ? { shareBasisPoints: product.tmallShare } : {}),
      };
      await setListingItem(tx, actorOf('marketing'), item, writtenAt);
    }
  }
  return variants;
}

/** The marketplace's number of a variant: like those of Tmall, and always the same. */
export const platformItemIdOf = (sku: string): string => String(5_200_000_000 + crc32(sku));

const optionOf = ({ code, en, zh, values }: SampleOption) => ({
  code,
  values: values.map(([value]) => value),
  texts: [
    { locale: 'en' as const, name: en, valueNames: values.map(([, name]) => name) },
    { locale: 'zh' as const, name: zh, valueNames: values.map(([, , name]) => name) },
  ],
});

/** Every combination of the options' values. */
const combinations = (options: readonly SampleOption[]): { code: string; value: string }[][] =>
  options.reduce<{ code: string; value: string }[][]>(
    (all, { code, values }) => all.flatMap((some) => values.map(([value]) => [...some, { code, value }])),
    [[]],
  );

/** The acts by which a version comes to a state, in their order. */
const wayTo: Record<SampleState, readonly ('SUBMIT' | 'APPROVE' | 'REJECT' | 'PUBLISH' | 'WITHDRAW')[]> = {
  DRAFT: [],
  SUBMITTED: ['SUBMIT'],
  REJECTED: ['SUBMIT', 'REJECT'],
  APPROVED: ['SUBMIT', 'APPROVE'],
  PUBLISHED: ['SUBMIT', 'APPROVE', 'PUBLISH'],
  WITHDRAWN: ['SUBMIT', 'APPROVE', 'PUBLISH', 'WITHDRAW'],
};

async function review(
  tx: Tx,
  actorOf: ActorOf,
  productVersionId: string,
  state: SampleState,
  at: Date,
): Promise<void> {
  const input = { productVersionId };
  for (const [i, act] of wayTo[state].entries()) {
    const moment = new Date(at.getTime() + (i + 1) * (HOUR / 6));
    if (act === 'SUBMIT') await submitProduct(tx, actorOf('product_editor'), input, moment);
    if (act === 'APPROVE') await approveProduct(tx, actorOf('reviewer'), input, moment);
    if (act === 'REJECT')
      await rejectProduct(tx, actorOf('reviewer'), { ...input, reason: rejectionReason }, moment);
    if (act === 'PUBLISH') await publishProduct(tx, actorOf('supervisor'), input, moment);
    if (act === 'WITHDRAW') await withdrawProduct(tx, actorOf('supervisor'), input, moment);
  }
}
