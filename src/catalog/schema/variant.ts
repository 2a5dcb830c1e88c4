// Variants and their prices as the world sees them.

import DataLoader from 'dataloader';
import { z } from 'zod';
import { isInternal, reaches } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { currency, idOf, pattern, sku } from '../../core/inputs.ts';
import { now } from '../../core/time.ts';
import { builder } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import type { Context } from '../../graphql/context.ts';
import { inputFields, parseArgs } from '../../graphql/input.ts';
import { mutation } from '../../graphql/payload.ts';
import { perArguments, perContext } from '../../graphql/per-context.ts';
import { after } from '../../graphql/promises.ts';
import { ifShown, orNull, shows } from '../../graphql/withheld.ts';
import { seesPrice, seesVariant, visiblePrices, visibleStores, visibleVariants } from '../access.ts';
import { setPrice } from '../actions/prices.ts';
import { addVariant, archiveVariant } from '../actions/variants.ts';
import { calledSo, priceSetInput, variantAddInput, variantArchiveInput } from '../inputs/variants.ts';
import { splitPair } from '../rules.ts';
import { calledSoBy } from './external-references.ts';

const VariantOption = builder.objectRef<{ code: string; value: string }>('VariantOption').implement({
  description: 'A variant’s value of one option of its product.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Code of the option: `colour`.' }),
    value: t.exposeString('value', {
      description: 'Code of the value: `red`. Its names are in the options of the version.',
    }),
  }),
});

const priceArgs = z.object({
  storeId: idOf('Store').optional().describe('Store in which it is sold. None: the general price.'),
  currency: currency().describe('ISO 4217 code.'),
});

builder.prismaNode('Variant', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (variant, { actor }) => seesVariant(actor, variant) || ifShown,
  select: { id: true, archivedAt: true, product: { select: { publishedVersionId: true, archivedAt: true } } },
  fields: (t) => ({
    sku: t.exposeString('sku'),
    barcode: t.exposeString('barcode', { nullable: true, description: 'What a scanner reads.' }),
    options: t.field({
      type: [VariantOption],
      description: 'One value of each option of the product; at most 3.',
      select: { options: true },
      resolve: ({ options }) => options.map(splitPair),
    }),
    product: t.relation('product', { description: 'The product it is a variant of.', ...shows }),
    externalReference: t.exposeString('externalReference', {
      nullable: true,
      description:
        'What the system of the department or a partner that keeps it calls this variant. Null for shoppers.',
      ...orNull({ internal: true }),
    }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was archived; null while it can be sold.',
    }),
    price: t.field({
      type: 'Money',
      nullable: true,
      description:
        'Price of one unit now, tax included: the store’s own, else the general one. Null when there is none, or for a store that the caller may not see.',
      args: inputFields(priceArgs, (field) => t.arg(field as never)) as never,
      select: ((args: object, context: Context) => selectPrice(priceArgsOf(args), context)) as never,
      resolve: ((
        { prices: [price] }: { prices: { amountMinor: bigint; currency: string }[] },
        args: object,
        context: Context,
      ) => {
        const { storeId } = priceArgsOf(args);
        const money = price ? { minor: price.amountMinor, currency: price.currency } : null;
        if (!money || storeId === undefined) return money;
        return after(seesPricesOf(context, storeId), (sees) => (sees ? money : null));
      }) as never,
    }),
    prices: nestedList(t, {
      type: 'Price',
      description:
        'Every price that was set, the one that starts last first: general ones and those of the stores in which the caller acts. Empty without `products.read`.',
      relation: 'prices',
      ordering: [
        ['startsAt', 'desc'],
        ['id', 'desc'],
      ],
      filter: visiblePrices,
      count: ({ id }, actor) => db.price.count({ where: { AND: [{ variantId: id }, visiblePrices(actor)] } }),
    }),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

builder.prismaNode('Price', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (price, { actor }) => seesPrice(actor, price),
  select: { id: true, storeId: true },
  fields: (t) => ({
    amount: t.field({
      type: 'Money',
      description: 'Price of one unit, tax included.',
      select: { amountMinor: true, currency: true },
      resolve: (price) => ({ minor: price.amountMinor, currency: price.currency }),
    }),
    store: t.relation('store', {
      nullable: true,
      description: 'Store in which it holds; null for a general price.',
    }),
    variant: t.relation('variant', { description: 'The variant.' }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'Moment from which it holds.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was set.' }),
  }),
});

const priceArgsOf = perArguments((args: object) => parseArgs(priceArgs, args));

/** The price in force, read with the variant: the order puts the store's own before the general one, the newest first. */
const selectPrice = (args: z.output<typeof priceArgs>, context: Context) => ({
  prices: {
    where: {
      currency: args.currency,
      startsAt: { lte: momentOf(context) },
      ...(args.storeId ? { OR: [{ storeId: null }, { storeId: args.storeId }] } : { storeId: null }),
    },
    orderBy: [{ storeId: { sort: 'asc', nulls: 'last' } }, { startsAt: 'desc' }, { id: 'desc' }],
    take: 1,
    select: { amountMinor: true, currency: true },
  },
});

/** One moment for the whole operation: prices are then read in one go, and hold together. */
const momentOf = perContext(now);

const openStoresIn = perContext(
  ({ actor }) =>
    new DataLoader<string, boolean>(async (ids) => {
      const where = { AND: [{ id: { in: [...ids] } }, visibleStores(actor)] };
      const stores = await db.store.findMany({ where, select: { id: true } });
      return ids.map((id) => stores.some((store) => store.id === id));
    }),
);

/** Whether the caller may see a store. Where they act is known; the stores of shoppers are read once for all rows. */
function seesPricesOf(context: Context, storeId: string): boolean | Promise<boolean> {
  const { actor } = context;
  return isInternal(actor) ? reaches(actor.stores, storeId) : openStoresIn(context).load(storeId);
}

builder.queryField('variantBySku', (t) =>
  t.prismaField({
    type: 'Variant',
    nullable: true,
    description:
      'The variant with this SKU, however its letters are written; null when there is none to be seen.',
    authScopes: { public: true },
    args: { sku: t.arg.string({ required: true, description: 'Stock keeping unit.' }) },
    resolve: (query, _root, args, { actor }) => {
      const { data } = sku().safeParse(args.sku);
      const selected = { ...query };
      return data
        ? db.variant.findFirst({ ...selected, where: { AND: [{ sku: data }, visibleVariants(actor)] } })
        : null;
    },
  }),
);

list('variants', {
  type: 'Variant',
  description:
    'Variants that the caller may see: all with `products.read`, otherwise those of published products.',
  scope: 'public',
  where: z.object({
    sku: pattern(/^[A-Za-z0-9._/-]{1,64}$/, {
      en: 'a SKU has letters, digits, dots, dashes, slashes and underscores',
      zh: 'SKU 的开头由字母、数字、点、横线、斜线或下划线组成',
    })
      .optional()
      .describe('Only variants whose SKU begins with this, however its letters are written.'),
    externalReferences: calledSo(),
    productId: idOf('Product').optional().describe('Only variants of this product.'),
  }),
  orderings: {
    SKU: [
      ['sku', 'asc'],
      ['id', 'asc'],
    ],
  },
  orderingTitles: { SKU: { en: 'By SKU', zh: '按 SKU' } },
  // Prisma hands `_` on to LIKE, where it stands for any sign.
  filter: (actor, where) => ({
    AND: [
      visibleVariants(actor),
      where?.sku ? { sku: { startsWith: where.sku.toUpperCase().replaceAll('_', '\\_') } } : {},
      calledSoBy(actor, where?.externalReferences),
      where?.productId ? { productId: where.productId } : {},
    ],
  }),
  find: (query) => db.variant.findMany(query),
  count: (query) => db.variant.count(query),
});

mutation('variantAdd', {
  description:
    'Add a variant to a product. Sold once a version that knows its option values is published. Refused with NOT_FOUND, ALREADY_EXISTS, OPTIONS_MISMATCH.',
  scope: 'products.edit',
  input: variantAddInput,
  run: addVariant,
  returns: 'Variant',
});

mutation('variantArchive', {
  description:
    'Archive a variant: it cannot be ordered any more. Repeating it changes nothing. Refused with NOT_FOUND, STALE_VERSION.',
  scope: 'products.edit',
  input: variantArchiveInput,
  run: archiveVariant,
  returns: 'Variant',
});

mutation('priceSet', {
  description:
    'Set the price of a variant from a moment on, in one store or, for those who act in all stores, everywhere. Refused with NOT_FOUND, NOT_PERMITTED, CURRENCY_NOT_SOLD, OUT_OF_RANGE, VARIANT_ARCHIVED, STALE_VERSION.',
  scope: 'prices.set',
  input: priceSetInput,
  run: setPrice,
  returns: 'Variant',
});
