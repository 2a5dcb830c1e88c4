// Stores, categories and products for the tests of the catalog, made through the public API.

import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { uniqueName } from '../setup/given.ts';

export interface Draft {
  productId: string;
  versionId: string;
  variantIds: string[];
  skus: string[];
}

export interface ProductWishes {
  by?: Client;
  categoryId?: string;
  texts?: object[];
  options?: object[];
  variants?: object[];
  imageIds?: string[];
  externalReference?: string;
}

export const sku = (): string => uniqueName('SKU').toUpperCase();

/** Two colours with names in both languages. */
export const colour = {
  code: 'colour',
  values: ['red', 'green'],
  texts: [
    { locale: 'en', name: 'Colour', valueNames: ['Red', 'Green'] },
    { locale: 'zh', name: '颜色', valueNames: ['红色', '绿色'] },
  ],
};

export const inColour = (value: string) => ({ sku: sku(), options: [{ code: 'colour', value }] });

const CREATED = `product {
  id
  versions { edges { node { id } } }
  variants(first: 100) { edges { node { id sku } } }
}`;

interface Created {
  product: {
    id: string;
    versions: { edges: { node: { id: string } }[] };
    variants: { edges: { node: { id: string; sku: string } }[] };
  };
}

export function goodsIn(app: App) {
  let reviewer: Promise<Client> | undefined;
  let category: Promise<string> | undefined;

  const goods = {
    /** Somebody who may review and publish, and wrote nothing. */
    reviewer: () => {
      reviewer ??= app.given.staff({ posts: ['reviewer'] });
      return reviewer;
    },

    async store(wishes: object = {}): Promise<string> {
      const { store } = await app.admin.act<{ store: { id: string } }>(
        'storeOpen',
        {
          code: uniqueName('store'),
          platform: 'OWN_SITE',
          texts: [{ locale: 'en', name: 'A store' }],
          currencies: ['CNY'],
          ...wishes,
        },
        'store { id }',
      );
      return store.id;
    },

    async category(wishes: object = {}): Promise<string> {
      const input = {
        code: uniqueName('category'),
        texts: [{ locale: 'en', name: 'A category' }],
        taxRateBasisPoints: 1300,
        ...wishes,
      };
      const made = await app.admin.act<{ category: { id: string } }>(
        'categoryDefine',
        input,
        'category { id }',
      );
      return made.category.id;
    },

    async draft({ by = app.admin, categoryId, ...wishes }: ProductWishes = {}): Promise<Draft> {
      category ??= goods.category();
      const input = {
        categoryId: categoryId ?? (await category),
        texts: [{ locale: 'en', name: 'A product' }],
        variants: [{ sku: sku() }],
        ...wishes,
      };
      const { product } = await by.act<Created>('productCreate', input, CREATED);
      return {
        productId: product.id,
        versionId: product.versions.edges[0]?.node.id ?? '',
        variantIds: product.variants.edges.map(({ node }) => node.id),
        skus: product.variants.edges.map(({ node }) => node.sku),
      };
    },

    async publish(versionId: string): Promise<void> {
      const by = await goods.reviewer();
      await app.admin.act('productSubmit', { productVersionId: versionId });
      await by.act('productApprove', { productVersionId: versionId });
      await by.act('productPublish', { productVersionId: versionId });
    },

    async published(wishes: ProductWishes = {}): Promise<Draft> {
      const draft = await goods.draft(wishes);
      await goods.publish(draft.versionId);
      return draft;
    },

    async list(productId: string, storeId: string, state = 'ON_SALE'): Promise<void> {
      await app.admin.act('listingSet', { productId, storeId, state });
    },

    async price(variantId: string, amount: string, wishes: object = {}): Promise<void> {
      await app.admin.act('priceSet', { variantId, price: { amount, currency: 'CNY' }, ...wishes });
    },

    /** Published, on sale in the store and priced. */
    async sold(storeId: string, amount = '10.00', wishes: ProductWishes = {}): Promise<Draft> {
      const draft = await goods.published(wishes);
      await goods.list(draft.productId, storeId);
      for (const variantId of draft.variantIds) await goods.price(variantId, amount);
      return draft;
    },
  };
  return goods;
}

interface Attempted {
  userErrors: readonly { code: string; path: readonly string[] }[];
  [noun: string]: unknown;
}

/** Do one mutation several times at once; the payloads, each with its `userErrors`. Fails on any other error. */
export async function atOnce(
  by: Client,
  mutation: string,
  inputs: readonly object[],
  selection = '',
): Promise<Attempted[]> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} userErrors { code path } } }`;
  const answers = await Promise.all(
    inputs.map((input) => by.run<Record<string, Attempted>>(document, { input })),
  );
  return answers.map(({ data, errors }) => {
    const payload = data?.[mutation];
    if (!payload || errors.length > 0) throw new Error(JSON.stringify(errors));
    return payload;
  });
}

/** Global id of an object that is not there. */
export const nobodys = (type: string): string =>
  Buffer.from(`${type}:018f0000-0000-7000-8000-000000000000`).toString('base64url');

/** Code and path of each refusal, in order. */
export const brief = (errors: readonly { code: string; path: readonly string[] }[]): string[] =>
  errors.map(({ code, path }) => `${code} ${path.join('.')}`);
