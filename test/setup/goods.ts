// Goods that a test takes as given: stores, products that went through review, prices, listings, stock, orders.

import type { Client } from './client.ts';
import type { Given } from './given.ts';

export interface StoreWishes {
  code?: string;
  platform?: string;
  currencies?: readonly string[];
  timeZone?: string;
  /** Decimal amount in the first currency. */
  freight?: string;
  freightFreeFrom?: string;
}

export interface ProductWishes {
  name?: string;
  categoryId?: string;
  /** SKUs of the variants. More than one become values of an option `kind`. Default: one, made up. */
  skus?: readonly string[];
  /** How far it got. Default: published. */
  state?: 'DRAFT' | 'SUBMITTED' | 'APPROVED' | 'PUBLISHED';
}

export interface Product {
  productId: string;
  productVersionId: string;
  variantId: string;
  variantIds: readonly string[];
  sku: string;
}

export interface StockWishes {
  /** Units to receive. Default: 10; 0 receives nothing. */
  onHand?: number;
  /** Price of one unit in the store's first currency. Default: 10.00. */
  price?: string;
  currency?: string;
  /** Default: a new store. */
  store?: string;
  /** Default: a new location that serves the store. */
  location?: string;
  product?: ProductWishes;
}

export interface StockedVariant extends Product {
  storeId: string;
  locationId: string;
}

export interface OrderWishes {
  storeId: string;
  lines: readonly { variantId: string; quantity: number }[];
  currency?: string;
  externalReference?: string;
  idempotencyKey?: string;
  by?: Client;
}

export interface GivenGoods {
  /** Global id of a new store; by default an own site that sells in CNY. */
  store(wishes?: StoreWishes): Promise<string>;
  category(wishes?: { taxRateBasisPoints?: number; parentId?: string }): Promise<string>;
  /** A product written by the administrator and, unless it stays below, approved by somebody else and published. */
  product(wishes?: ProductWishes): Promise<Product>;
  price(variantId: string, amount: string, where?: { currency?: string; storeId?: string }): Promise<void>;
  listing(productId: string, storeId: string, state?: 'ON_SALE' | 'OFF_SALE'): Promise<void>;
  receive(variantId: string, locationId: string, quantity: number): Promise<void>;
  /** A variant that can be ordered: published, priced, on sale and in stock. */
  stockedVariant(wishes?: StockWishes): Promise<StockedVariant>;
  /** The input of an order that nothing is wrong with. */
  orderInput(wishes: OrderWishes): Record<string, unknown>;
  /** A placed order. */
  order(wishes: OrderWishes): Promise<{ id: string; number: string; version: number }>;
}

export const address = {
  country: 'CN',
  region: '浙江省',
  city: '杭州市',
  district: '西湖区',
  lines: ['文三路 1 号'],
  postalCode: '310012',
};

const contact = { name: '张三', phone: '13800138000' };

type Needs = { admin: Client; uniqueName(prefix: string): string; newKey(): string } & Pick<
  Given,
  'staff' | 'location'
>;

export function goodsIn({ admin, staff, location, uniqueName, newKey }: Needs): GivenGoods {
  const texts = (name: string) => [{ locale: 'en', name }];
  let reviewer: Promise<Client> | undefined;

  const goods: GivenGoods = {
    async store({ code = uniqueName('store'), platform = 'OWN_SITE', currencies = ['CNY'], ...wishes } = {}) {
      const money = (amount: string) => ({ amount, currency: currencies[0] });
      const input = {
        code,
        platform,
        currencies,
        texts: texts('A store'),
        ...(wishes.timeZone ? { timeZone: wishes.timeZone } : {}),
        ...(wishes.freight ? { freight: money(wishes.freight) } : {}),
        ...(wishes.freightFreeFrom ? { freightFreeFrom: money(wishes.freightFreeFrom) } : {}),
      };
      return (await admin.act<{ store: { id: string } }>('storeOpen', input, 'store { id }')).store.id;
    },

    async category({ taxRateBasisPoints = 1_300, parentId } = {}) {
      const input = {
        code: uniqueName('category'),
        texts: texts('A category'),
        taxRateBasisPoints,
        ...(parentId ? { parentId } : {}),
      };
      return (await admin.act<{ category: { id: string } }>('categoryDefine', input, 'category { id }'))
        .category.id;
    },

    async product({
      name = uniqueName('Product'),
      categoryId,
      skus = [uniqueName('SKU')],
      state = 'PUBLISHED',
    } = {}) {
      const values = skus.map((_, i) => `kind-${i + 1}`);
      const several = skus.length > 1;
      const input = {
        categoryId: categoryId ?? (await goods.category()),
        texts: [{ locale: 'en', name, description: `What ${name} is.` }],
        ...(several
          ? {
              options: [
                { code: 'kind', values, texts: [{ locale: 'en', name: 'Kind', valueNames: values }] },
              ],
            }
          : {}),
        variants: skus.map((sku, i) => ({
          sku,
          ...(several ? { options: [{ code: 'kind', value: values[i] }] } : {}),
        })),
      };
      const selection =
        'product { id versions(first: 1) { edges { node { id } } } variants(first: 100) { edges { node { id sku } } } }';
      const { product } = await admin.act<{ product: CreatedProduct }>('productCreate', input, selection);
      const bySku = new Map(product.variants.edges.map(({ node }) => [node.sku, node.id]));
      const variantIds = skus.map((sku) => bySku.get(sku.toUpperCase()) ?? '');
      const productVersionId = product.versions.edges[0]?.node.id ?? '';
      const steps = ['DRAFT', 'SUBMITTED', 'APPROVED', 'PUBLISHED'].indexOf(state);
      if (steps >= 1) await admin.act('productSubmit', { productVersionId });
      if (steps >= 2) {
        reviewer ??= staff({ posts: ['reviewer'] });
        await (await reviewer).act('productApprove', { productVersionId });
      }
      if (steps >= 3) await admin.act('productPublish', { productVersionId });
      return {
        productId: product.id,
        productVersionId,
        variantIds,
        variantId: variantIds[0] ?? '',
        sku: (skus[0] ?? '').toUpperCase(),
      };
    },

    async price(variantId, amount, { currency = 'CNY', storeId } = {}) {
      await admin.act('priceSet', {
        variantId,
        price: { amount, currency },
        ...(storeId ? { storeId } : {}),
      });
    },

    async listing(productId, storeId, state = 'ON_SALE') {
      await admin.act('listingSet', { productId, storeId, state });
    },

    async receive(variantId, locationId, quantity) {
      await admin.act('stockReceive', {
        idempotencyKey: newKey(),
        locationId,
        lines: [{ variantId, quantity }],
      });
    },

    async stockedVariant({
      onHand = 10,
      price = '10.00',
      currency = 'CNY',
      store,
      location: at,
      product: wishes,
    } = {}) {
      const storeId = store ?? (await goods.store({ currencies: [currency] }));
      const locationId = at ?? (await location({ stores: [storeId] }));
      const product = await goods.product(wishes);
      for (const variantId of product.variantIds) {
        await goods.price(variantId, price, { currency });
        if (onHand > 0) await goods.receive(variantId, locationId, onHand);
      }
      await goods.listing(product.productId, storeId);
      return { ...product, storeId, locationId };
    },

    orderInput: ({ storeId, lines, currency, externalReference, idempotencyKey = newKey() }) => ({
      idempotencyKey,
      storeId,
      lines,
      contact,
      address,
      ...(currency ? { currency } : {}),
      ...(externalReference ? { externalReference } : {}),
    }),

    async order(wishes) {
      const { order } = await (wishes.by ?? admin).act<{
        order: { id: string; number: string; version: number };
      }>('orderPlace', goods.orderInput(wishes), 'order { id number version }');
      return order;
    },
  };
  return goods;
}

interface CreatedProduct {
  id: string;
  versions: { edges: { node: { id: string } }[] };
  variants: { edges: { node: { id: string; sku: string } }[] };
}
