// Money in whole minor units: parsing, printing, sharing and the tax contained in a price. No floating point anywhere.

export interface MinorMoney {
  minor: bigint;
  currency: string;
}

/** Largest amount of money in minor units: 18 digits, which a bigint holds with room for a sum that is then refused. */
export const MONEY_MINOR_MAX = 999_999_999_999_999_999n;

const known = new Set(Intl.supportedValuesOf('currency'));
const digitsByCurrency = new Map<string, number>();

/** True for an ISO 4217 code that this runtime knows. */
export const isCurrency = (code: string): boolean => known.has(code);

/** Digits after the decimal point of a currency: 2 for CNY, 0 for JPY, 3 for KWD. */
export function fractionDigits(currency: string): number {
  let digits = digitsByCurrency.get(currency);
  if (digits === undefined) {
    digits =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2;
    digitsByCurrency.set(currency, digits);
  }
  return digits;
}

/** Minor units of a decimal string, or null when it is no plain decimal or finer than the currency. */
export function parseMinor(amount: string, currency: string): bigint | null {
  const match = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/.exec(amount);
  if (!match) return null;
  const digits = fractionDigits(currency);
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return null;
  const minor = BigInt((match[2] ?? '') + fraction.padEnd(digits, '0'));
  return match[1] ? -minor : minor;
}

/** The decimal string of an amount in minor units, with all digits of its currency: `12.50`. */
export function formatMinor(minor: bigint, currency: string): string {
  const digits = fractionDigits(currency);
  const sign = minor < 0n ? '-' : '';
  const all = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  return digits === 0 ? sign + all : `${sign}${all.slice(0, -digits)}.${all.slice(-digits)}`;
}

/**
 * Share `total` in proportion to `weights` by the largest remainder: the shares always sum to the total.
 * Equal remainders go to the earlier share. Without any weight the first share takes all.
 */
export function shareOut(total: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.length === 0) return [];
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (sum === 0n) return weights.map((_, i) => (i === 0 ? total : 0n));
  const sign = total < 0n ? -1n : 1n;
  const size = total * sign;
  const shares = weights.map((weight) => (size * weight) / sum);
  let rest = size - shares.reduce((a, b) => a + b, 0n);
  const byRemainder = weights
    .map((weight, i) => ({ i, remainder: (size * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1));
  for (const { i } of byRemainder) {
    if (rest === 0n) break;
    shares[i] = (shares[i] ?? 0n) + 1n;
    rest -= 1n;
  }
  return shares.map((share) => share * sign);
}

/** What units of one price come to after a discount on all of them. */
export const afterDiscount = (unitMinor: bigint, quantity: number, discountMinor: bigint): bigint =>
  unitMinor * BigInt(quantity) - discountMinor;

/**
 * What the first `units` of `quantity` equal units come to when the whole is `total`: the largest remainder, one minor
 * unit more for each of the first. Amounts of any split of the units sum to the total.
 */
export function amountOfUnits(total: bigint, quantity: number, units: number): bigint {
  const [all, some] = [BigInt(quantity), BigInt(units)];
  const extra = total % all;
  return some * (total / all) + (some < extra ? some : extra);
}

/** Tax contained in a tax-inclusive amount: amount × rate ÷ (10000 + rate), rounded half up to the minor unit. */
export function taxIncluded(amount: bigint, rateBasisPoints: number): bigint {
  const rate = BigInt(rateBasisPoints);
  const divisor = 10_000n + rate;
  return (amount * rate * 2n + divisor) / (divisor * 2n);
}
