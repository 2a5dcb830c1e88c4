// The goods behind recorded orders: one for each stock code, named and priced by what is said most often.

import type { Invoice, RecordedLine } from './recording.ts';

export interface Good {
  code: string;
  name: string;
  /** Price of one unit in pence: the most frequent one. */
  priceMinor: bigint;
  category: CategoryCode;
  stock: StockPlan;
}

interface StockPlan {
  /** Units to begin with. */
  first: number;
  /** Sellable units at which stock counts as low; null for goods that nobody watches. */
  lowAt: number | null;
}

export const categories = {
  bags: { en: 'Bags and boxes', zh: '包袋与收纳' },
  kitchen: { en: 'Kitchen and table', zh: '厨房餐具' },
  lights: { en: 'Lights and candles', zh: '灯具蜡烛' },
  garden: { en: 'Garden', zh: '园艺' },
  paper: { en: 'Paper and party', zh: '文具派对' },
  toys: { en: 'Toys and children', zh: '玩具童品' },
  jewellery: { en: 'Jewellery', zh: '首饰' },
  home: { en: 'Home and gifts', zh: '家居礼品' },
} as const;
export type CategoryCode = keyof typeof categories;

const words: [CategoryCode, RegExp][] = [
  ['jewellery', /\b(NECKLACE|BRACELET|EARRINGS?|RING|BROOCH|BANGLE|CHARM|HAIR ?CLIP)\b/],
  ['lights', /\b(LIGHTS?|LAMP|LANTERN|CANDLES?|T-?LIGHTS?|INCENSE)\b/],
  ['bags', /\b(BAGS?|BOX|BOXES|CASES?|PURSE|WALLET|BASKET|HOLDALL|TINS?)\b/],
  [
    'kitchen',
    /\b(CAKE|CUPS?|MUGS?|BOWLS?|PLATES?|TEA|COFFEE|KITCHEN|JAM|SPOONS?|BAKING|LUNCH|BOTTLE|JUG|GLASS|JAR|APRON)\b/,
  ],
  ['garden', /\b(GARDEN|PLANT|FLOWER|WATERING|BIRD|HERB|PICNIC|PARASOL)\b/],
  [
    'paper',
    /\b(CARDS?|WRAP|PAPER|NOTEBOOKS?|PARTY|BUNTING|NAPKINS?|RIBBONS?|STICKERS?|PENS?|PENCILS?|DOILIES|TISSUES?)\b/,
  ],
  ['toys', /\b(TOYS?|GAMES?|DOLLS?|CHILDRE?N?S?|PLAY|PUZZLE|SKIPPING|BABY|CRAYONS|SOLDIER|DINOSAUR)\b/],
];

const categoryOf = (name: string): CategoryCode =>
  words.find(([, pattern]) => pattern.test(name))?.[0] ?? 'home';

export type Goods = ReadonlyMap<string, Good>;

/** What units of a good come to at the price of the catalog, in pence; 0 for what is no good. */
export const worthOf = (goods: Goods, code: string, units: number): bigint =>
  (goods.get(code)?.priceMinor ?? 0n) * BigInt(units);

/** Every good that the invoices sell, by code. */
export function goodsOf(invoices: readonly Invoice[]): Map<string, Good> {
  const sales = Map.groupBy(
    invoices.flatMap((invoice) => invoice.lines).filter((line) => line.kind === 'SALE'),
    (line) => line.code,
  );
  const codes = [...sales.keys()].sort();
  return new Map(codes.map((code) => [code, goodOf(code, sales.get(code) ?? [])]));
}

/** Those of the goods that some of the invoices sell. Prices and stock stay those of the whole recording. */
export function goodsSoldIn(invoices: readonly Invoice[], goods: Goods): Map<string, Good> {
  const sold = new Set(
    invoices
      .flatMap((invoice) => invoice.lines)
      .filter((line) => line.kind === 'SALE')
      .map((line) => line.code),
  );
  return new Map([...goods].filter(([code]) => sold.has(code)));
}

function goodOf(code: string, lines: readonly RecordedLine[]): Good {
  const name = mostFrequent(lines.map((line) => line.description).filter(Boolean)) ?? code;
  const demand = lines.reduce((sum, line) => sum + line.quantity, 0);
  return {
    code,
    name,
    priceMinor: mostFrequent(lines.map((line) => line.unitPriceMinor)) ?? 0n,
    category: categoryOf(name.toUpperCase()),
    stock: stockOf(code, demand, lines.length),
  };
}

/** The value that stands most often; of equals the one that came first. */
function mostFrequent<Value>(values: readonly Value[]): Value | undefined {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: Value | undefined;
  for (const [value, count] of counts)
    if (best === undefined || count > (counts.get(best) ?? 0)) best = value;
  return best;
}

/** Enough for most; one good in eight runs low, one in eight sells out before the next delivery. */
function stockOf(code: string, demand: number, lineCount: number): StockPlan {
  const fate = hashOf(code) % 8;
  const share = fate === 0 ? 0.55 : fate === 1 ? 1.02 : 1.4;
  return {
    first: Math.max(1, Math.ceil(demand * share)),
    lowAt: lineCount >= 12 ? Math.ceil(demand * 0.08) : null,
  };
}

/** A number that a text always has (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
