// Who may see stores, categories, products and what belongs to them.

import { type Actor, can, definePermissions, isInternal, reaches, reachFilter } from '../core/actor.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { ListingState, Platform } from '../generated/prisma/enums.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'products.read': true;
    'products.edit': true;
    'products.review': true;
    'products.publish': true;
    'images.upload': true;
    'prices.set': true;
    'listings.set': true;
    'categories.manage': true;
    'stores.manage': true;
  }
}

definePermissions({
  'products.read': { kind: 'read', en: 'See products that are not published', zh: '查看未上架商品' },
  'products.edit': { kind: 'write', en: 'Create and edit products', zh: '新建和编辑商品' },
  'products.review': { kind: 'write', en: 'Approve and reject products', zh: '审核商品' },
  'products.publish': { kind: 'write', en: 'Publish and withdraw products', zh: '发布与下架商品' },
  'images.upload': { kind: 'write', en: 'Upload images', zh: '上传图片' },
  'prices.set': { kind: 'write', en: 'Set prices', zh: '设置价格' },
  'listings.set': { kind: 'write', en: 'Put products on sale in a store', zh: '店铺商品上下架' },
  'categories.manage': { kind: 'write', en: 'Manage categories', zh: '管理类目' },
  'stores.manage': { kind: 'write', en: 'Manage stores', zh: '管理店铺' },
});

/** Stores that the actor may see: those they act in; for everybody outside the department its own sites. */
export const visibleStores = (actor: Actor): Prisma.StoreWhereInput => {
  if (!isInternal(actor)) return { platform: 'OWN_SITE' };
  const ids = reachFilter(actor.stores);
  return ids ? { id: ids } : {};
};

export const seesStore = (actor: Actor, store: { id: string; platform: Platform }): boolean =>
  isInternal(actor) ? reaches(actor.stores, store.id) : store.platform === 'OWN_SITE';

/** Products that the actor may see: all with `products.read`, otherwise the published ones. */
export const visibleProducts = (actor: Actor): Prisma.ProductWhereInput =>
  can(actor, 'products.read') ? {} : { publishedVersionId: { not: null }, archivedAt: null };

export const seesProduct = (
  actor: Actor,
  product: { publishedVersionId: string | null; archivedAt: Date | null },
): boolean =>
  can(actor, 'products.read') || (product.publishedVersionId !== null && product.archivedAt === null);

/** Versions of products that the actor may see: all with `products.read`, otherwise the one that is published. */
export const visibleProductVersions = (actor: Actor): Prisma.ProductVersionWhereInput =>
  can(actor, 'products.read') ? {} : { state: 'PUBLISHED' };

/** Versions that may name a product of which none is published: any; without `products.read`, those that once were. */
export const namingVersions = (actor: Actor): Prisma.ProductVersionWhereInput => ({
  product: { publishedVersionId: null },
  ...(can(actor, 'products.read') ? {} : { publishedAt: { not: null } }),
});

export const seesProductVersion = (actor: Actor, version: { state: string }): boolean =>
  can(actor, 'products.read') || version.state === 'PUBLISHED';

export const visibleVariants = (actor: Actor): Prisma.VariantWhereInput =>
  can(actor, 'products.read') ? {} : { archivedAt: null, product: visibleProducts(actor) };

/** Listings in stores and of products that the actor may see; outside the department only what is on sale. */
export const visibleListings = (actor: Actor): Prisma.ListingWhereInput => {
  const product = visibleProducts(actor);
  if (!isInternal(actor)) return { state: 'ON_SALE', store: visibleStores(actor), product };
  const ids = reachFilter(actor.stores);
  return { ...(ids ? { storeId: ids } : {}), product };
};

/** What decides who may see a listing. */
interface ListingFacts {
  state: ListingState;
  store: { id: string; platform: Platform };
  product: { publishedVersionId: string | null; archivedAt: Date | null };
}

export const seesListing = (actor: Actor, { state, store, product }: ListingFacts): boolean =>
  (isInternal(actor) || state === 'ON_SALE') && seesStore(actor, store) && seesProduct(actor, product);

/** Items of the listings that the actor may see. They are the department’s own business. */
export const seesListingItem = (actor: Actor, item: { listing: ListingFacts }): boolean =>
  isInternal(actor) && seesListing(actor, item.listing);

export const seesVariant = (
  actor: Actor,
  variant: {
    archivedAt: Date | null;
    product: { publishedVersionId: string | null; archivedAt: Date | null };
  },
): boolean =>
  can(actor, 'products.read') || (variant.archivedAt === null && seesProduct(actor, variant.product));

/** Prices that the actor may see one by one, past and future ones too: general ones and those of their stores. */
export const visiblePrices = (actor: Actor): Prisma.PriceWhereInput => {
  if (!can(actor, 'products.read')) return { id: { in: [] } };
  const ids = reachFilter(actor.stores);
  return ids ? { OR: [{ storeId: null }, { storeId: ids }] } : {};
};

export const seesPrice = (actor: Actor, price: { storeId: string | null }): boolean =>
  can(actor, 'products.read') && (price.storeId === null || reaches(actor.stores, price.storeId));

const seesAllImages = (actor: Actor): boolean => can(actor, 'products.read') || can(actor, 'images.upload');

/** Images that the actor may see: all who work with images, others those of what is published. */
export const visibleImages = (actor: Actor): Prisma.ImageWhereInput =>
  seesAllImages(actor) ? {} : { productVersions: { some: { productVersion: { state: 'PUBLISHED' } } } };

/** The same rule for an image that was read with one of its published uses. */
export const seesImage = (actor: Actor, image: { productVersions: readonly unknown[] }): boolean =>
  seesAllImages(actor) || image.productVersions.length > 0;
