// What happens to stores, categories, products, versions, variants, listings and images.

import { defineEvents } from '../core/events.ts';
import { toGlobalId } from '../core/ids.ts';

type OfVersion = { productNodeId: string; number: number };
type OfVariant = { productNodeId: string; sku: string };

declare module '../core/events.ts' {
  interface EventMap {
    'store.opened': { code: string };
    'store.changed': { code: string };
    'category.defined': { code: string };
    'category.changed': { code: string };
    'product.created': { categoryNodeId: string };
    'product.changed': { categoryNodeId: string };
    'product.published': { productVersionNodeId: string };
    'product.withdrawn': { productVersionNodeId: string };
    'productVersion.drafted': OfVersion;
    'productVersion.edited': OfVersion;
    'productVersion.submitted': OfVersion;
    'productVersion.approved': OfVersion;
    'productVersion.rejected': OfVersion;
    'productVersion.published': OfVersion;
    'productVersion.withdrawn': OfVersion;
    'variant.added': OfVariant;
    'variant.archived': OfVariant;
    'variant.priced': OfVariant & {
      storeNodeId: string | null;
      currency: string;
      amount: string;
      startsAt: string;
    };
    'listing.changed': { productNodeId: string; storeNodeId: string; state: string };
    'listing.itemChanged': { variantNodeId: string; storeNodeId: string; sku: string };
    'image.requested': Record<string, never>;
    'image.stored': { contentType: string; width: number; height: number; byteCount: number };
  }
}

/** What the events of a variant say of it. */
export const ofVariant = (variant: { productId: string; sku: string }): OfVariant => ({
  productNodeId: toGlobalId('Product', variant.productId),
  sku: variant.sku,
});

defineEvents({
  type: 'Store',
  read: null,
  events: {
    'store.opened': { en: 'Store opened', zh: '新开店铺' },
    'store.changed': { en: 'Store changed', zh: '店铺变更' },
  },
});

defineEvents({
  type: 'Category',
  read: null,
  events: {
    'category.defined': { en: 'Category defined', zh: '新建类目' },
    'category.changed': { en: 'Category changed', zh: '类目变更' },
  },
});

defineEvents({
  type: 'Product',
  read: 'products.read',
  events: {
    'product.created': { en: 'Product created', zh: '新建商品' },
    'product.changed': { en: 'Product changed', zh: '商品变更' },
    'product.published': { en: 'Product published', zh: '商品已发布' },
    'product.withdrawn': { en: 'Product withdrawn', zh: '商品已下架' },
  },
});

defineEvents({
  type: 'ProductVersion',
  read: 'products.read',
  events: {
    'productVersion.drafted': { en: 'Version drafted', zh: '新建版本' },
    'productVersion.edited': { en: 'Version edited', zh: '版本已编辑' },
    'productVersion.submitted': { en: 'Version submitted for review', zh: '版本已提交审核' },
    'productVersion.approved': { en: 'Version approved', zh: '版本审核通过' },
    'productVersion.rejected': { en: 'Version rejected', zh: '版本已驳回' },
    'productVersion.published': { en: 'Version published', zh: '版本已发布' },
    'productVersion.withdrawn': { en: 'Version withdrawn', zh: '版本已下架' },
  },
});

defineEvents({
  type: 'Variant',
  read: 'products.read',
  events: {
    'variant.added': { en: 'Variant added', zh: '新增规格' },
    'variant.archived': { en: 'Variant archived', zh: '规格停用' },
    'variant.priced': { en: 'Price set', zh: '设置价格' },
  },
});

defineEvents({
  type: 'Listing',
  read: 'products.read',
  events: {
    'listing.changed': { en: 'Put on sale or taken off sale', zh: '店铺上下架变更' },
    'listing.itemChanged': {
      en: 'Number on the platform or share of stock set',
      zh: '设置平台编号或库存份额',
    },
  },
});

defineEvents({
  type: 'Image',
  read: 'products.read',
  withheld: ['uploadToken'],
  events: {
    'image.requested': { en: 'Upload of an image requested', zh: '申请上传图片' },
    'image.stored': { en: 'Image uploaded', zh: '图片已上传' },
  },
});
