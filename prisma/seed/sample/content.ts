// What the sample department sells: categories and products, in English and Chinese.

import { type MinorMoney, parseMinor } from '../../../src/core/money.ts';
import type { Locale } from '../../../src/core/texts.ts';

/** A name in both languages, as inputs take it. */
export const inBoth = (en: string, zh: string): { locale: Locale; name: string }[] => [
  { locale: 'en', name: en },
  { locale: 'zh', name: zh },
];

export const yuan = (amount: string): MinorMoney => ({
  minor: parseMinor(amount, 'CNY') ?? 0n,
  currency: 'CNY',
});

interface SampleCategory {
  code: string;
  parent?: string;
  en: string;
  zh: string;
  taxRateBasisPoints: number;
}

/** Books and grain are taxed at 9 %, other goods at 13 %. A parent stands before what lies in it. */
export const categories: readonly SampleCategory[] = [
  { code: 'apparel', en: 'Apparel', zh: '服饰', taxRateBasisPoints: 1_300 },
  { code: 'tops', parent: 'apparel', en: 'Tops', zh: '上装', taxRateBasisPoints: 1_300 },
  { code: 'home', en: 'Home', zh: '家居', taxRateBasisPoints: 1_300 },
  { code: 'electronics', en: 'Electronics', zh: '数码', taxRateBasisPoints: 1_300 },
  { code: 'books', en: 'Books', zh: '图书', taxRateBasisPoints: 900 },
  { code: 'pantry', en: 'Grain and oil', zh: '粮油', taxRateBasisPoints: 900 },
];

export interface SampleOption {
  code: string;
  en: string;
  zh: string;
  values: readonly (readonly [code: string, en: string, zh: string])[];
}

const colour = (...values: SampleOption['values']): SampleOption => ({
  code: 'colour',
  en: 'Colour',
  zh: '颜色',
  values,
});
const size = (...codes: string[]): SampleOption => ({
  code: 'size',
  en: 'Size',
  zh: '尺码',
  values: codes.map((code) => [code, code.toUpperCase(), code.toUpperCase()] as const),
});

/** How far a product has come in its life. */
export type SampleState = 'DRAFT' | 'SUBMITTED' | 'REJECTED' | 'APPROVED' | 'PUBLISHED' | 'WITHDRAWN';

export interface SampleProduct {
  /** SKU of the product's variants, to which the values of its options are added: `TEE-WHITE-M`. */
  sku: string;
  category: string;
  state: SampleState;
  en: readonly [name: string, description: string];
  zh: readonly [name: string, description: string];
  options: readonly SampleOption[];
  price: string;
  /** Price in the marketplace store, where it is another one. */
  tmallPrice?: string;
  /** Part of the stock that orders of the marketplace may hold, in basis points, where it is not all. */
  tmallShare?: number;
  /** Stores that have it on sale. */
  stores: readonly ('main' | 'tmall')[];
}

const both = ['main', 'tmall'] as const;

export const products: readonly SampleProduct[] = [
  {
    sku: 'TEE',
    category: 'tops',
    state: 'PUBLISHED',
    en: ['Cotton T-shirt', 'Heavy combed cotton, 230 g/m². Keeps its shape in the wash.'],
    zh: ['纯棉T恤', '精梳棉，克重230克，多次洗涤不变形。'],
    options: [colour(['white', 'White', '白色'], ['navy', 'Navy', '藏青色']), size('s', 'm', 'l')],
    price: '59.00',
    tmallShare: 6_000,
    stores: both,
  },
  {
    sku: 'SHIRT',
    category: 'tops',
    state: 'PUBLISHED',
    en: ['Linen shirt', 'Washed linen with a soft collar, for warm days.'],
    zh: ['亚麻衬衫', '水洗亚麻，软领设计，夏日清爽。'],
    options: [colour(['natural', 'Natural', '本色'], ['blue', 'Blue', '蓝色']), size('m', 'l')],
    price: '129.00',
    stores: both,
  },
  {
    sku: 'TOTE',
    category: 'apparel',
    state: 'PUBLISHED',
    en: ['Canvas tote bag', 'Strong canvas with an inner pocket. Carries 10 kg.'],
    zh: ['帆布手提袋', '加厚帆布，带内袋，可承重10公斤。'],
    options: [colour(['natural', 'Natural', '本色'], ['black', 'Black', '黑色'])],
    price: '39.90',
    stores: ['main'],
  },
  {
    sku: 'BOTTLE',
    category: 'home',
    state: 'PUBLISHED',
    en: ['Insulated bottle 500 ml', 'Stainless steel inside and out. Hot for 12 hours, cold for 24.'],
    zh: ['保温杯 500毫升', '内外不锈钢，保温12小时，保冷24小时。'],
    options: [colour(['silver', 'Silver', '银色'], ['green', 'Green', '绿色'])],
    price: '89.00',
    stores: both,
  },
  {
    sku: 'LAMP',
    category: 'home',
    state: 'PUBLISHED',
    en: ['Desk lamp', 'Flicker-free light with three colour temperatures.'],
    zh: ['护眼台灯', '无频闪，三档色温可调。'],
    options: [],
    price: '169.00',
    stores: both,
  },
  {
    sku: 'BUDS',
    category: 'electronics',
    state: 'PUBLISHED',
    en: ['Wireless earbuds', 'Noise cancelling, 30 hours with the case.'],
    zh: ['无线降噪耳机', '主动降噪，配合充电盒续航30小时。'],
    options: [colour(['white', 'White', '白色'], ['black', 'Black', '黑色'])],
    price: '299.00',
    tmallPrice: '279.00',
    stores: both,
  },
  {
    sku: 'COOKBOOK',
    category: 'books',
    state: 'PUBLISHED',
    en: ['Home cooking of Jiangnan', 'Eighty dishes of the lower Yangtze, with pictures of every step.'],
    zh: ['江南家常菜', '八十道江南风味，步步有图。'],
    options: [],
    price: '58.00',
    stores: ['main'],
  },
  {
    sku: 'RICE-5KG',
    category: 'pantry',
    state: 'PUBLISHED',
    en: ['Northeast rice 5 kg', 'This year’s harvest from Wuchang, vacuum packed.'],
    zh: ['东北大米 5公斤', '五常当季新米，真空包装。'],
    options: [],
    price: '49.90',
    stores: both,
  },
  {
    sku: 'OIL-5L',
    category: 'pantry',
    state: 'DRAFT',
    en: ['Rapeseed oil 5 l', 'Cold pressed.'],
    zh: ['菜籽油 5升', '物理压榨。'],
    options: [],
    price: '79.90',
    stores: [],
  },
  {
    sku: 'TEASET',
    category: 'home',
    state: 'SUBMITTED',
    en: ['Celadon tea set', 'A pot and four cups, fired in Longquan.'],
    zh: ['青瓷茶具', '一壶四杯，龙泉烧制。'],
    options: [],
    price: '199.00',
    stores: [],
  },
  {
    sku: 'YOGAMAT',
    category: 'home',
    state: 'REJECTED',
    en: ['Yoga mat', 'The best mat in the world.'],
    zh: ['瑜伽垫', '全球第一的瑜伽垫。'],
    options: [colour(['grey', 'Grey', '灰色'], ['pink', 'Pink', '粉色'])],
    price: '99.00',
    stores: [],
  },
  {
    sku: 'STAND',
    category: 'electronics',
    state: 'APPROVED',
    en: ['Phone stand', 'Aluminium, folds flat.'],
    zh: ['手机支架', '铝合金材质，可折叠。'],
    options: [],
    price: '29.90',
    stores: [],
  },
  {
    sku: 'SUNHAT',
    category: 'apparel',
    state: 'WITHDRAWN',
    en: ['Sun hat', 'Wide brim, summer collection.'],
    zh: ['遮阳帽', '宽檐设计，夏季款。'],
    options: [],
    price: '69.00',
    stores: [],
  },
];

/** What a variant costs in a store. */
export function priceIn(store: 'main' | 'tmall', sku: string): MinorMoney {
  const product = products.find((sold) => sku === sold.sku || sku.startsWith(`${sold.sku}-`));
  if (!product) throw new Error(`the sample sells no ${sku}`);
  return yuan((store === 'tmall' ? product.tmallPrice : undefined) ?? product.price);
}

/** An advertising law forbids superlatives; this is what the reviewer writes. */
export const rejectionReason =
  '«The best in the world» / «全球第一» is a superlative, which advertising law does not allow. Please describe material and size instead.';
