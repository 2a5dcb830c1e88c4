// Rows that a verb is about to change: locked, then read, as far as the actor may see them.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound } from '../../core/errors.ts';
import { seesProduct, seesStore, visibleVariants } from '../access.ts';
import { statesInWork } from '../rules.ts';

export async function lockStore(tx: Tx, actor: Actor, storeId: string) {
  await tx.$queryRaw`SELECT 1 FROM store WHERE id = ${storeId}::uuid FOR UPDATE`;
  const store = await tx.store.findUnique({
    where: { id: storeId },
    include: { texts: { orderBy: { locale: 'asc' } } },
  });
  if (!store || !seesStore(actor, store)) throw new DomainError([notFound('Store', ['storeId'])]);
  return store;
}

export async function lockCategory(tx: Tx, categoryId: string) {
  await tx.$queryRaw`SELECT 1 FROM category WHERE id = ${categoryId}::uuid FOR UPDATE`;
  const category = await tx.category.findUnique({
    where: { id: categoryId },
    include: { texts: { orderBy: { locale: 'asc' } } },
  });
  if (!category) throw new DomainError([notFound('Category', ['categoryId'])]);
  return category;
}

/** A product, locked. Whoever changes a product, its versions, its listings or adds a variant locks it first. */
export async function lockProduct(tx: Tx, actor: Actor, productId: string) {
  await tx.$queryRaw`SELECT 1 FROM product WHERE id = ${productId}::uuid FOR UPDATE`;
  const product = await tx.product.findUnique({ where: { id: productId } });
  if (!product || !seesProduct(actor, product)) throw new DomainError([notFound('Product', ['productId'])]);
  return product;
}

/** A version of a product, with the product locked and, for what its acts depend on, its content. */
export async function lockVersion(tx: Tx, actor: Actor, productVersionId: string) {
  await tx.$queryRaw`
    SELECT 1 FROM product WHERE id = (SELECT product_id FROM product_version WHERE id = ${productVersionId}::uuid)
    FOR UPDATE`;
  const version = await tx.productVersion.findUnique({
    where: { id: productVersionId },
    include: {
      texts: { orderBy: { locale: 'asc' } },
      options: { orderBy: { position: 'asc' }, include: { texts: { orderBy: { locale: 'asc' } } } },
      images: { orderBy: { position: 'asc' } },
      product: {
        include: {
          variants: {
            where: { archivedAt: null },
            orderBy: { sku: 'asc' },
            select: { sku: true, options: true },
          },
        },
      },
    },
  });
  if (!version || !seesProduct(actor, version.product)) {
    throw new DomainError([notFound('ProductVersion', ['productVersionId'])]);
  }
  return version;
}

export type LockedVersion = Awaited<ReturnType<typeof lockVersion>>;

/** The version of a product that is in work, if there is one. */
export const versionInWork = (tx: Tx, productId: string) =>
  tx.productVersion.findFirst({ where: { productId, state: { in: [...statesInWork] } } });

export async function lockVariant(tx: Tx, actor: Actor, variantId: string) {
  await tx.$queryRaw`SELECT 1 FROM variant WHERE id = ${variantId}::uuid FOR UPDATE`;
  const variant = await tx.variant.findFirst({ where: { AND: [{ id: variantId }, visibleVariants(actor)] } });
  if (!variant) throw new DomainError([notFound('Variant', ['variantId'])]);
  return variant;
}
