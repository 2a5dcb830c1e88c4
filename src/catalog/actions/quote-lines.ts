// Prices and names of variants as they are sold in a store at a moment. Reads only; orders are priced with it.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import type { Problem } from '../../core/errors.ts';
import { uuids } from '../../core/sql-lists.ts';
import type { Locale } from '../../core/texts.ts';
import { Prisma } from '../../generated/prisma/client.ts';
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
 * Prices and names of variants as they are sold in a store at a moment: one statement whatever the number of lines.
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
  const variants = await variantsIn(tx, store.id, ids, priceAt(store, at));
  const byId = new Map(variants.map((variant) => [variant.id, variant]));
  const quoted: QuotedLine[] = [];
  const problems: Problem[] = [];
  lines.forEach(({ variantId }, i) => {
    const path = ['lines', i, 'variantId'];
    const variant = byId.get(variantId);
    if (!variant || !isSold(variant)) problems.push(catalogProblem('VARIANT_NOT_SOLD', { path }));
    else if (variant.unitPriceMinor === null) {
      problems.push(catalogProblem('PRICE_MISSING', { path, params: { currency: store.currency } }));
    } else {
      const { sku, options, published, unitPriceMinor, taxRateBasisPoints } = variant;
      const name = nameOf(options, published, actor.locale);
      quoted.push({ variantId, sku, name, unitPriceMinor, taxRateBasisPoints });
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
  const variants = await variantsIn(tx, storeId, variantIds, Prisma.sql`NULL::bigint`);
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

/** A variant as it is in a store. */
interface StoreVariant {
  id: string;
  sku: string;
  options: string[];
  taxRateBasisPoints: number;
  /** Neither it nor its product is archived, and its product is on sale in the store. */
  onSale: boolean;
  published: NamedVersion | null;
  unitPriceMinor: bigint | null;
}

/** The price in force of `v`. One of the store goes before the general one, a later one before an earlier one. */
const priceAt = (store: { id: string; currency: string }, at: Date): Prisma.Sql => Prisma.sql`(
  SELECT amount_minor FROM price
  WHERE variant_id = v.id AND currency = ${store.currency} AND starts_at <= ${at}
    AND (store_id IS NULL OR store_id = ${store.id}::uuid)
  ORDER BY store_id NULLS LAST, starts_at DESC, id DESC LIMIT 1)`;

/** Variants as they are in a store, with what `price` says of `v`. In SQL, because every order asks it: it is planned once. */
const variantsIn = (
  tx: Tx,
  storeId: string,
  variantIds: readonly string[],
  price: Prisma.Sql,
): Promise<StoreVariant[]> =>
  tx.$queryRaw<StoreVariant[]>`
    SELECT v.id, v.sku, v.options, c.tax_rate_basis_points AS "taxRateBasisPoints", ${price} AS "unitPriceMinor",
      v.archived_at IS NULL AND p.archived_at IS NULL AND EXISTS (
        SELECT 1 FROM listing l
        WHERE l.product_id = p.id AND l.store_id = ${storeId}::uuid AND l.state = 'ON_SALE') AS "onSale",
      CASE WHEN p.published_version_id IS NOT NULL THEN json_build_object(
        'texts', ARRAY(
          SELECT json_build_object('locale', t.locale, 'name', t.name)
          FROM product_version_text t WHERE t.product_version_id = p.published_version_id),
        'options', ARRAY(
          SELECT json_build_object('code', o.code, 'values', o.values, 'texts', ARRAY(
            SELECT json_build_object('locale', t.locale, 'valueNames', t.value_names)
            FROM product_option_text t WHERE t.option_id = o.id))
          FROM product_option o WHERE o.product_version_id = p.published_version_id ORDER BY o.position)
      ) END AS published
    FROM variant v
    JOIN product p ON p.id = v.product_id
    JOIN category c ON c.id = p.category_id
    WHERE v.id = ANY (${uuids(variantIds)})`;

/** A variant that was added for a version still in work does not fit the published one, and waits for it. */
const isSold = ({ options, onSale, published }: StoreVariant): boolean =>
  onSale && published !== null && fitsOptions(options, published.options);

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
