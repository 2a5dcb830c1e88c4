// Prices and names of variants as they are sold in a store at a moment. Reads only; orders are priced with it.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import type { Problem } from '../../core/errors.ts';
import type { Locale } from '../../core/texts.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { fitsOptions, variantName } from '../rules.ts';
import { catalogProblem } from '../texts.ts';

export interface QuotedLine {
  variantId: string;
  sku: string;
  /** Product and option values in the language of the actor. */
  name: string;
  /** Price of one unit in minor units, tax included. */
  unitPriceMinor: bigint;
  taxRateBasisPoints: number;
}

/**
 * Prices and names of variants as they are sold in a store at a moment: two statements whatever the number of lines.
 * Each line that cannot be sold adds a problem at `['lines', i, 'variantId']`: VARIANT_NOT_SOLD when it is unknown,
 * archived, not published or not on sale in the store; PRICE_MISSING. `quoted` has the other lines, in their order.
 */
export async function quoteLines(
  tx: Tx,
  actor: Actor,
  store: { id: string; currency: string },
  lines: readonly { variantId: string; quantity: number }[],
  at: Date,
): Promise<{ quoted: QuotedLine[]; problems: Problem[] }> {
  const ids = [...new Set(lines.map((line) => line.variantId))];
  const variants = await tx.variant.findMany({ where: { id: { in: ids } }, select: selectSold(store.id) });
  const prices = await pricesAt(tx, store, ids, at);
  const byId = new Map(variants.map((variant) => [variant.id, variant]));
  const quoted: QuotedLine[] = [];
  const problems: Problem[] = [];
  lines.forEach(({ variantId }, i) => {
    const path = ['lines', i, 'variantId'];
    const variant = byId.get(variantId);
    const unitPriceMinor = prices.get(variantId);
    if (!variant || !isSold(variant)) problems.push(catalogProblem('VARIANT_NOT_SOLD', { path }));
    else if (unitPriceMinor === undefined) {
      problems.push(catalogProblem('PRICE_MISSING', { path, params: { currency: store.currency } }));
    } else {
      quoted.push({
        variantId,
        sku: variant.sku,
        name: nameOf(variant.options, variant.product.publishedVersion, actor.locale),
        unitPriceMinor,
        taxRateBasisPoints: variant.product.category.taxRateBasisPoints,
      });
    }
  });
  return { quoted, problems };
}

/** Names, SKUs and tax rates of variants, in their order, whether they are sold anywhere or not. */
export async function nameVariants(
  tx: Tx,
  actor: Actor,
  variantIds: readonly string[],
): Promise<Omit<QuotedLine, 'unitPriceMinor'>[]> {
  const rows = await tx.variant.findMany({
    where: { id: { in: [...new Set(variantIds)] } },
    select: {
      id: true,
      sku: true,
      options: true,
      product: {
        select: {
          category: { select: { taxRateBasisPoints: true } },
          versions: { ...latestVersion, select: selectNames },
          publishedVersion: { select: selectNames },
        },
      },
    },
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return variantIds.map((variantId) => {
    const row = byId.get(variantId);
    if (!row) throw new Error(`variant ${variantId} is gone`);
    const { publishedVersion, versions, category } = row.product;
    const version = publishedVersion ?? versions[0] ?? null;
    return {
      variantId,
      sku: row.sku,
      name: nameOf(row.options, version, actor.locale) || row.sku,
      taxRateBasisPoints: category.taxRateBasisPoints,
    };
  });
}

const latestVersion = { orderBy: { number: 'desc' }, take: 1 } as const;

const selectNames = {
  texts: { select: { locale: true, name: true } },
  options: {
    orderBy: { position: 'asc' },
    select: { code: true, values: true, texts: { select: { locale: true, valueNames: true } } },
  },
} as const satisfies Prisma.ProductVersionSelect;

type NamedVersion = Prisma.ProductVersionGetPayload<{ select: typeof selectNames }>;

/** Those of the variants that can be ordered in a store now, whatever their prices and stock. */
export async function soldVariants(
  tx: Tx,
  storeId: string,
  variantIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const variants = await tx.variant.findMany({
    where: { id: { in: [...variantIds] } },
    select: selectSold(storeId),
  });
  return new Set(variants.filter(isSold).map((variant) => variant.id));
}

/** VARIANT_NOT_SOLD for each line of what cannot be ordered in a store now, as `quoteLines` tells it. */
export async function unsoldProblems(
  tx: Tx,
  storeId: string,
  lines: readonly { variantId: string }[],
): Promise<Problem[]> {
  const sold = await soldVariants(
    tx,
    storeId,
    lines.map((line) => line.variantId),
  );
  return lines.flatMap(({ variantId }, i) =>
    sold.has(variantId) ? [] : [catalogProblem('VARIANT_NOT_SOLD', { path: ['lines', i, 'variantId'] })],
  );
}

const selectSold = (storeId: string) =>
  ({
    id: true,
    sku: true,
    options: true,
    archivedAt: true,
    product: {
      select: {
        archivedAt: true,
        category: { select: { taxRateBasisPoints: true } },
        listings: { where: { storeId, state: 'ON_SALE' }, take: 1, select: { id: true } },
        publishedVersion: { select: selectNames },
      },
    },
  }) satisfies Prisma.VariantSelect;

type SoldVariant = Prisma.VariantGetPayload<{ select: ReturnType<typeof selectSold> }>;

/** A variant that was added for a version still in work does not fit the published one, and waits for it. */
const isSold = ({ archivedAt, options, product }: SoldVariant): boolean =>
  archivedAt === null &&
  product.archivedAt === null &&
  product.listings.length > 0 &&
  product.publishedVersion !== null &&
  fitsOptions(options, product.publishedVersion.options);

function nameOf(options: readonly string[], version: NamedVersion | null, locale: Locale): string {
  return variantName(
    inLocale(version?.texts ?? [], locale)?.name ?? '',
    options,
    (version?.options ?? []).map((option) => ({
      ...option,
      valueNames: inLocale(option.texts, locale)?.valueNames ?? [],
    })),
  );
}

const inLocale = <Row extends { locale: string }>(rows: readonly Row[], locale: Locale): Row | undefined =>
  rows.find((row) => row.locale === locale) ?? rows[0];

/** Prices in force by variant. A price of the store goes before the general one, a later one before an earlier one. */
async function pricesAt(
  tx: Tx,
  store: { id: string; currency: string },
  variantIds: readonly string[],
  at: Date,
): Promise<ReadonlyMap<string, bigint>> {
  const rows = await tx.$queryRaw<{ variantId: string; amountMinor: bigint }[]>`
    SELECT DISTINCT ON (variant_id) variant_id AS "variantId", amount_minor AS "amountMinor"
    FROM price
    WHERE variant_id = ANY(${variantIds}::uuid[]) AND currency = ${store.currency} AND starts_at <= ${at}
      AND (store_id IS NULL OR store_id = ${store.id}::uuid)
    ORDER BY variant_id, store_id NULLS LAST, starts_at DESC, id DESC`;
  return new Map(rows.map((row) => [row.variantId, row.amountMinor]));
}
