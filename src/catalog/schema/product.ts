// Products as the world sees them, and what is done with them.

import { z } from 'zod';
import { type Actor, can } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { idOf, oneOf, text } from '../../core/inputs.ts';
import { queryWords } from '../../core/words.ts';
import type { Prisma } from '../../generated/prisma/client.ts';
import { builder } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { textIn } from '../../graphql/text.ts';
import { ifShown, orNull } from '../../graphql/withheld.ts';
import {
  namingVersions,
  seesProduct,
  visibleListings,
  visibleProducts,
  visibleProductVersions,
  visibleVariants,
} from '../access.ts';
import { createProduct, editProduct, reviseProduct } from '../actions/products.ts';
import {
  approveProduct,
  publishProduct,
  rejectProduct,
  submitProduct,
  withdrawProduct,
} from '../actions/reviews.ts';
import { upsertProduct } from '../actions/upsert-product.ts';
import {
  productCreateInput,
  productEditInput,
  productMoveInput,
  productRejectInput,
  productReviseInput,
  productUpsertInput,
} from '../inputs/products.ts';
import { calledSo } from '../inputs/variants.ts';
import { statesInWork } from '../rules.ts';
import { productVersionStates } from '../texts.ts';
import { calledSoBy } from './external-references.ts';
import { ProductVersion } from './product-version.ts';

const names = { texts: { select: { locale: true, name: true } } } as const;

builder.prismaNode('Product', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (product, { actor }) => seesProduct(actor, product) || ifShown,
  select: { id: true, publishedVersionId: true, archivedAt: true },
  fields: (t) => ({
    name: t.string({
      description:
        'Name in the language of the request: as published; where nothing is, as last written, or without `products.read` as last published.',
      select: (_args, { actor }) => ({
        publishedVersion: { select: names },
        versions: { where: namingVersions(actor), take: 1, orderBy: { number: 'desc' }, select: names },
      }),
      resolve: ({ publishedVersion, versions }, _args, { actor }) =>
        textIn((publishedVersion ?? versions[0])?.texts ?? [], actor.locale)?.name ?? '',
    }),
    category: t.relation('category', { description: 'Category of the product.' }),
    externalReference: t.exposeString('externalReference', {
      nullable: true,
      description:
        'What the system of the department or a partner that keeps it calls this product. Null for shoppers.',
      ...orNull({ internal: true }),
    }),
    publishedVersion: t.relation('publishedVersion', {
      nullable: true,
      description: 'What shoppers read; null while nothing is published.',
    }),
    versionInWork: t.field({
      type: ProductVersion,
      nullable: true,
      description:
        'The version that is written, reviewed or waits to be published; null without `products.read`.',
      select: ((_args: object, { actor }: { actor: Actor }, nested: (select: object) => object) => ({
        versions: nested({
          where: { AND: [{ state: { in: statesInWork } }, visibleProductVersions(actor)] },
          take: 1,
        }),
      })) as never,
      resolve: ((product: { versions: object[] }) => product.versions[0] ?? null) as never,
    }),
    versions: nestedList(t, {
      type: 'ProductVersion',
      description:
        'Versions of its texts, newest first: all with `products.read`, otherwise the published one.',
      relation: 'versions',
      ordering: [
        ['number', 'desc'],
        ['id', 'desc'],
      ],
      filter: visibleProductVersions,
      count: ({ id }, actor) =>
        db.productVersion.count({ where: { AND: [{ productId: id }, visibleProductVersions(actor)] } }),
    }),
    variants: nestedList(t, {
      type: 'Variant',
      description: 'Its variants, by SKU; archived ones only with `products.read`.',
      relation: 'variants',
      ordering: [
        ['sku', 'asc'],
        ['id', 'asc'],
      ],
      filter: visibleVariants,
      count: ({ id }, actor) =>
        db.variant.count({ where: { AND: [{ productId: id }, visibleVariants(actor)] } }),
    }),
    listings: nestedList(t, {
      type: 'Listing',
      description: 'Stores that have it, of those that the caller may see; newest first.',
      relation: 'listings',
      ordering: [
        ['createdAt', 'desc'],
        ['id', 'desc'],
      ],
      filter: visibleListings,
      count: ({ id }, actor) =>
        db.listing.count({ where: { AND: [{ productId: id }, visibleListings(actor)] } }),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

const productWhere = z.object({
  search: text(1, 200)
    .optional()
    .describe(
      'Only products in whose names, options or descriptions all these words stand, Chinese or English. With `products.read` in any version, otherwise in the published one.',
    ),
  externalReferences: calledSo(),
  categoryId: idOf('Category').optional().describe('Only products right in this category.'),
  state: oneOf('ProductVersionState', productVersionStates)
    .optional()
    .describe('Only products with a version in this state.'),
  storeId: idOf('Store')
    .optional()
    .describe('Only products on sale in this store, which the caller must be able to see.'),
});

function productsMatching(actor: Actor, where: z.output<typeof productWhere>): Prisma.ProductWhereInput {
  return {
    AND: [
      visibleProducts(actor),
      where.search === undefined ? {} : productsWith(actor, queryWords(where.search)),
      calledSoBy(actor, where.externalReferences),
      where.categoryId ? { categoryId: where.categoryId } : {},
      where.state
        ? { versions: { some: { AND: [{ state: where.state }, visibleProductVersions(actor)] } } }
        : {},
      where.storeId
        ? {
            listings: {
              some: { AND: [{ storeId: where.storeId, state: 'ON_SALE' }, visibleListings(actor)] },
            },
          }
        : {},
    ],
  };
}

/** Products with a version that has all the words. A search for nothing but signs finds nothing. */
function productsWith(actor: Actor, words: string[]): Prisma.ProductWhereInput {
  if (words.length === 0) return { id: { in: [] } };
  const version = { searchWords: { hasEvery: words } };
  return can(actor, 'products.read')
    ? { versions: { some: version } }
    : { publishedVersion: { is: version } };
}

list('products', {
  type: 'Product',
  description: 'Products that the caller may see: all with `products.read`, otherwise the published ones.',
  scope: 'public',
  where: productWhere,
  orderings: {
    NEWEST: [
      ['createdAt', 'desc'],
      ['id', 'desc'],
    ],
  },
  orderingTitles: { NEWEST: { en: 'Newest first', zh: '最新优先' } },
  filter: (actor, where) => productsMatching(actor, where ?? {}),
  find: (query) => db.product.findMany(query),
  count: (query) => db.product.count(query),
});

mutation('productCreate', {
  description:
    'Create a product: its first version, a draft, and its variants. Refused with NOT_FOUND, ALREADY_EXISTS, OPTIONS_MISMATCH, VALUE_NAMES_MISMATCH, IMAGE_NOT_READY.',
  scope: 'products.edit',
  input: productCreateInput,
  run: createProduct,
  returns: 'Product',
});

mutation('productUpsert', {
  description:
    'Upsert a product as the caller’s own system describes it: created where `externalReference` is new; else its draft says this, begun where no version is in work, and variants with new SKUs are added. Repeating it changes nothing; nothing is archived, and what shoppers read waits for review. Refused with NOT_FOUND, ALREADY_EXISTS, ILLEGAL_STATE (the version in work is being reviewed), OPTIONS_MISMATCH, VARIANT_OPTIONS_KEPT, VALUE_NAMES_MISMATCH, IMAGE_NOT_READY.',
  scope: 'products.edit',
  input: productUpsertInput,
  run: upsertProduct,
  returns: 'Product',
});

mutation('productEdit', {
  description:
    'Edit a draft or a rejected version, which becomes a draft again; what is given replaces what was there. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, VARIANT_OPTIONS_KEPT, VALUE_NAMES_MISMATCH, IMAGE_NOT_READY.',
  scope: 'products.edit',
  input: productEditInput,
  run: editProduct,
  returns: 'ProductVersion',
});

mutation('productRevise', {
  description:
    'Begin a new version of a product, a draft that says what the published one says. Shoppers read the published one until the new one is published. Refused with NOT_FOUND, VERSION_IN_WORK.',
  scope: 'products.edit',
  input: productReviseInput,
  run: (tx, actor, input, at) => reviseProduct(tx, actor, input.productId, at),
  returns: 'ProductVersion',
});

mutation('productSubmit', {
  description:
    'Hand a draft in for review. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE and, all at once, NAME_REQUIRED and VARIANT_REQUIRED.',
  scope: 'products.edit',
  input: productMoveInput,
  run: submitProduct,
  returns: 'ProductVersion',
});

mutation('productApprove', {
  description:
    'Approve a submitted version (审核). Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, and SELF_REVIEW_FORBIDDEN for its author and last editor.',
  scope: 'products.review',
  input: productMoveInput,
  run: approveProduct,
  returns: 'ProductVersion',
});

mutation('productReject', {
  description:
    'Send a submitted version back with a reason. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE, and SELF_REVIEW_FORBIDDEN for its author and last editor.',
  scope: 'products.review',
  input: productRejectInput,
  run: rejectProduct,
  returns: 'ProductVersion',
});

mutation('productPublish', {
  description:
    'Publish an approved version (发布); the one published before is withdrawn. Refused with NOT_FOUND, STALE_VERSION, REVIEW_REQUIRED.',
  scope: 'products.publish',
  input: productMoveInput,
  run: publishProduct,
  returns: 'ProductVersion',
});

mutation('productWithdraw', {
  description:
    'Withdraw the published version: the product cannot be ordered any more. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE.',
  scope: 'products.publish',
  input: productMoveInput,
  run: withdrawProduct,
  returns: 'ProductVersion',
});
