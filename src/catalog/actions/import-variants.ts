// Goods that come with imported orders: one product with one variant for each code, a draft that is for nobody's sale.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { emitAll, type NewEvent } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import type { Locale } from '../../core/texts.ts';
import type { ProductVersion } from '../../generated/prisma/client.ts';
import { ofVariant } from '../events.ts';
import { defineCategory } from './categories.ts';
import { nameVariants } from './quote-lines.ts';
import { factsOf, personOf, searchWordsOf, type VersionContent } from './version-content.ts';
import { versionEvent } from './version-events.ts';

/** Code of the category of goods that nobody has put elsewhere. */
const IMPORTED = 'imported';

export interface ImportedGood {
  sku: string;
  /** What it is called in the file; null where that has no name for it. */
  name: string | null;
}

export interface ImportedVariant {
  variantId: string;
  /** What it is called in the file, else in the catalog, else its SKU. */
  name: string;
  taxRateBasisPoints: number;
}

interface ImportedGoods {
  /** Category of goods that are new. Null: that of imported goods, which is made where it is missing. */
  categoryId: string | null;
  /** Language of their names. */
  locale: Locale;
  goods: readonly ImportedGood[];
}

/**
 * The variants of goods by their SKUs, each named once. Those that are not there yet are made, a few statements for
 * all of them, as drafts: nothing is published without its review. Variants that are there stay as they are, also
 * archived ones. Calls run one after another: the caller sees to it.
 */
export async function importVariants(
  tx: Tx,
  actor: Actor,
  { categoryId, locale, goods }: ImportedGoods,
  at: Date,
): Promise<ReadonlyMap<string, ImportedVariant>> {
  const skus = goods.map(({ sku }) => sku);
  const known = await variantsOf(tx, skus);
  const added = goods.filter(({ sku }) => !known.has(sku));
  if (added.length > 0) {
    const into = categoryId ?? (await importedCategory(tx, actor, at));
    await addGoods(tx, actor, { categoryId: into, locale, goods: added }, at);
  }
  const variants = added.length > 0 ? await variantsOf(tx, skus) : known;
  const unnamed = goods.flatMap(({ sku, name }) =>
    name === null ? (variants.get(sku)?.variantId ?? []) : [],
  );
  const names = new Map((await nameVariants(tx, actor, unnamed)).map(({ sku, name }) => [sku, name]));
  return new Map(
    goods.map(({ sku, name }) => {
      const variant = variants.get(sku);
      if (!variant) throw new Error(`there is no variant ${sku}`);
      return [sku, { ...variant, name: name ?? names.get(sku) ?? sku }];
    }),
  );
}

/** Two statements, because the database may think that the tables of what was just added are empty, and join badly. */
async function variantsOf(
  tx: Tx,
  skus: readonly string[],
): Promise<Map<string, Omit<ImportedVariant, 'name'>>> {
  const variants = await tx.$queryRaw<{ sku: string; id: string; productId: string }[]>`
    SELECT sku, id, product_id AS "productId" FROM variant WHERE sku = ANY (${[...skus]})`;
  const products = await tx.$queryRaw<{ id: string; rate: number }[]>`
    SELECT p.id, c.tax_rate_basis_points AS rate FROM product p JOIN category c ON c.id = p.category_id
    WHERE p.id = ANY (${variants.map(({ productId }) => productId)}::uuid[])`;
  const rates = new Map(products.map(({ id, rate }) => [id, rate]));
  return new Map(
    variants.map(({ sku, id: variantId, productId }) => [
      sku,
      { variantId, taxRateBasisPoints: rates.get(productId) ?? 0 },
    ]),
  );
}

async function importedCategory(tx: Tx, actor: Actor, at: Date): Promise<string> {
  const found = await tx.category.findUnique({ where: { code: IMPORTED }, select: { id: true } });
  if (found) return found.id;
  const texts = [
    { locale: 'en' as const, name: 'Imported' },
    { locale: 'zh' as const, name: '历史导入' },
  ];
  return (await defineCategory(tx, actor, { code: IMPORTED, taxRateBasisPoints: 0, texts }, at)).id;
}

async function addGoods(
  tx: Tx,
  actor: Actor,
  { categoryId, locale, goods }: ImportedGoods & { categoryId: string },
  at: Date,
): Promise<void> {
  const authorId = personOf(actor);
  const made = goods.map(({ sku, name }): NewGood => {
    const content = contentOf(locale, name ?? sku);
    const productId = newId();
    const searchWords = searchWordsOf(content);
    const ids = { productId, variantId: newId(), productVersionId: newId() };
    return { ...ids, sku, name: name ?? sku, searchWords };
  });
  await insertGoods(tx, made, { categoryId, locale, authorId }, at);
  const events = made.flatMap(({ productId, variantId, productVersionId, sku, searchWords }): NewEvent[] => {
    const version = {
      ...draft,
      id: productVersionId,
      productId,
      authorId,
      lastEditorId: authorId,
      createdAt: at,
    };
    return [
      {
        type: 'product.created',
        entityId: productId,
        version: 1,
        payload: { categoryNodeId: toGlobalId('Category', categoryId) },
        occurredAt: at,
      },
      {
        type: 'variant.added',
        entityId: variantId,
        version: 1,
        payload: ofVariant({ productId, sku }),
        occurredAt: at,
      },
      versionEvent('productVersion.drafted', null, { ...version, searchWords }, at),
    ];
  });
  await emitAll(tx, actor, events);
}

interface NewGood {
  productId: string;
  variantId: string;
  productVersionId: string;
  sku: string;
  name: string;
  searchWords: string[];
}

/** A statement for each table: Prisma would plan one for every number of rows anew. */
async function insertGoods(
  tx: Tx,
  goods: readonly NewGood[],
  { categoryId, locale, authorId }: { categoryId: string; locale: Locale; authorId: string },
  at: Date,
): Promise<void> {
  const rows = JSON.stringify(goods);
  await tx.$executeRaw`
    INSERT INTO product (id, category_id, created_at)
    SELECT "productId", ${categoryId}::uuid, ${at} FROM jsonb_to_recordset(${rows}::jsonb) AS r ("productId" uuid)`;
  await tx.$executeRaw`
    INSERT INTO variant (id, product_id, sku, options, created_at)
    SELECT "variantId", "productId", sku, '{}', ${at}
    FROM jsonb_to_recordset(${rows}::jsonb) AS r ("variantId" uuid, "productId" uuid, sku text)`;
  await tx.$executeRaw`
    INSERT INTO product_version (id, product_id, number, author_id, last_editor_id, search_words, imported, created_at)
    SELECT "productVersionId", "productId", 1, ${authorId}::uuid, ${authorId}::uuid, "searchWords", true, ${at}
    FROM jsonb_to_recordset(${rows}::jsonb) AS r ("productVersionId" uuid, "productId" uuid, "searchWords" text[])`;
  await tx.$executeRaw`
    INSERT INTO product_version_text (product_version_id, locale, name, description)
    SELECT "productVersionId", ${locale}, name, ''
    FROM jsonb_to_recordset(${rows}::jsonb) AS r ("productVersionId" uuid, name text)`;
}

/** What is said of a version that was just written, in its events. */
const draft = {
  number: 1,
  state: 'DRAFT',
  imported: true,
  reviewerId: null,
  rejectionReason: null,
  submittedAt: null,
  reviewedAt: null,
  publishedAt: null,
  withdrawnAt: null,
  version: 1,
} as const satisfies Partial<ProductVersion>;

const contentOf = (locale: Locale, name: string): VersionContent => ({
  texts: [{ locale, name, description: '' }],
  options: [],
  imageIds: [],
});

interface Renaming {
  productVersionId: string;
  locale: Locale;
  before: string;
  name: string;
}

/**
 * Give drafts that only imports have written the names under which their variants were sold most often. What somebody
 * has edited stays as it is. Doing it again changes nothing.
 */
export async function nameImported(
  tx: Tx,
  actor: Actor,
  variantIds: readonly string[],
  at: Date,
): Promise<void> {
  // Whoever changes a version of a product locks the product first.
  await tx.$queryRaw`
    SELECT 1 FROM product WHERE id IN (SELECT product_id FROM variant WHERE id = ANY (${[...variantIds]}::uuid[]))
    ORDER BY id FOR UPDATE`;
  const renamings = await tx.$queryRaw<Renaming[]>`
    SELECT DISTINCT ON (p.id) p.id AS "productVersionId", t.locale, t.name AS before, sold.name
    FROM variant v
    JOIN product_version p ON p.product_id = v.product_id AND p.imported AND p.state = 'DRAFT'
    JOIN product_version_text t ON t.product_version_id = p.id
    CROSS JOIN LATERAL (
      SELECT l.name FROM order_line l WHERE l.variant_id = v.id AND l.name <> l.sku
      GROUP BY l.name ORDER BY count(*) DESC, l.name LIMIT 1
    ) sold
    WHERE v.id = ANY (${[...variantIds]}::uuid[]) AND sold.name <> t.name
    ORDER BY p.id, v.sku`;
  if (renamings.length > 0) await rename(tx, actor, renamings, at);
}

async function rename(tx: Tx, actor: Actor, renamings: readonly Renaming[], at: Date): Promise<void> {
  const texts = JSON.stringify(renamings);
  await tx.$executeRaw`
    UPDATE product_version_text t SET name = r.name
    FROM jsonb_to_recordset(${texts}::jsonb) AS r ("productVersionId" uuid, locale text, name text)
    WHERE t.product_version_id = r."productVersionId" AND t.locale = r.locale`;
  const words = renamings.map(({ productVersionId, locale, name }) => ({
    productVersionId,
    words: searchWordsOf(contentOf(locale, name)),
  }));
  await tx.$executeRaw`
    UPDATE product_version p SET search_words = r.words, version = p.version + 1
    FROM jsonb_to_recordset(${JSON.stringify(words)}::jsonb) AS r ("productVersionId" uuid, words text[])
    WHERE p.id = r."productVersionId"`;
  const versions = await tx.productVersion.findMany({
    where: { id: { in: renamings.map(({ productVersionId }) => productVersionId) } },
  });
  const byId = new Map(renamings.map((renaming) => [renaming.productVersionId, renaming]));
  const events = versions.map((version) => {
    const { locale = 'en', before = '', name = '' } = byId.get(version.id) ?? {};
    const textsOf = (text: string) => factsOf(contentOf(locale, text)).texts;
    const change = { field: 'texts', before: textsOf(before), after: textsOf(name) };
    return versionEvent('productVersion.edited', version, version, at, [change]);
  });
  await emitAll(tx, actor, events);
}
