// Money in whole minor units: printed and parsed exactly, shared without a remainder, taxed as the law has it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatMinor,
  fractionDigits,
  isCurrency,
  parseMinor,
  shareOut,
  taxIncluded,
} from '../../src/core/money.ts';

const currencies = ['CNY', 'USD', 'JPY', 'KRW', 'KWD', 'BHD', 'CLF'] as const;
const currency = fc.constantFrom(...currencies);
const minor = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });
const amount = fc.bigInt({ min: 0n, max: 10n ** 15n - 1n });
const weight = fc.bigInt({ min: 0n, max: 10n ** 12n });

describe('printing and parsing', () => {
  test('every currency has the digits of ISO 4217', () => {
    const digits = Object.fromEntries(
      ['CNY', 'JPY', 'KRW', 'KWD', 'BHD', 'TND', 'USD', 'EUR'].map((code) => [code, fractionDigits(code)]),
    );
    expect(digits).toEqual({ CNY: 2, JPY: 0, KRW: 0, KWD: 3, BHD: 3, TND: 3, USD: 2, EUR: 2 });
    expect(['CNY', 'XYZ', 'cny', '', 'CNYY'].map(isCurrency)).toEqual([true, false, false, false, false]);
  });

  test('G4 an amount of up to 18 digits comes back exactly, in every currency', () => {
    fc.assert(
      fc.property(minor, currency, (value, code) => {
        expect(parseMinor(formatMinor(value, code), code)).toBe(value);
      }),
    );
    const longest = 999_999_999_999_999_999n;
    expect(formatMinor(longest, 'CNY')).toBe('9999999999999999.99');
    expect(parseMinor('9999999999999999.99', 'CNY')).toBe(longest);
    expect(parseMinor('999999999999999999', 'JPY')).toBe(longest);
  });

  test('a printed amount has all the digits of its currency and no others', () => {
    expect(['CNY', 'JPY', 'KWD'].map((code) => formatMinor(1_250n, code))).toEqual([
      '12.50',
      '1250',
      '1.250',
    ]);
    expect(['CNY', 'JPY', 'KWD'].map((code) => formatMinor(-5n, code))).toEqual(['-0.05', '-5', '-0.005']);
    expect(['CNY', 'JPY', 'KWD'].map((code) => formatMinor(0n, code))).toEqual(['0.00', '0', '0.000']);
  });

  test.each([
    ['12.5', 'CNY', 1_250n],
    ['12.500', 'CNY', 1_250n],
    ['0012', 'CNY', 1_200n],
    ['-0.01', 'CNY', -1n],
    ['1.000', 'JPY', 1n],
    ['1.250', 'KWD', 1_250n],
  ] as const)('%s %s is %s minor units', (text, code, expected) => {
    expect(parseMinor(text, code)).toBe(expected);
  });

  test.each([
    ['12.505', 'CNY'],
    ['1.5', 'JPY'],
    ['1.2505', 'KWD'],
    ['', 'CNY'],
    ['.5', 'CNY'],
    ['5.', 'CNY'],
    ['1e3', 'CNY'],
    ['+1', 'CNY'],
    ['1,000.00', 'CNY'],
    [' 1', 'CNY'],
    ['١', 'CNY'],
    ['NaN', 'CNY'],
    ['1234567890123456789', 'CNY'],
  ])('%j is no amount in %s', (text, code) => {
    expect(parseMinor(text, code)).toBeNull();
  });

  test('what is no plain decimal is never an amount', () => {
    const plain = /^-?\d{1,18}(\.\d{1,9})?$/;
    fc.assert(
      fc.property(fc.string(), currency, (text, code) => plain.test(text) || parseMinor(text, code) === null),
    );
  });
});

describe('C38 sharing', () => {
  test('sums exactly to the total, whatever the weights', () => {
    fc.assert(
      fc.property(minor, fc.array(weight, { minLength: 1, maxLength: 60 }), (total, weights) => {
        const shares = shareOut(total, weights);
        expect(shares).toHaveLength(weights.length);
        expect(shares.reduce((a, b) => a + b, 0n)).toBe(total);
      }),
    );
  });

  test('gives each part its proportion, off by less than one minor unit, and nothing to a weight of 0', () => {
    fc.assert(
      fc.property(amount, fc.array(weight, { minLength: 1, maxLength: 30 }), (total, weights) => {
        const sum = weights.reduce((a, b) => a + b, 0n);
        fc.pre(sum > 0n);
        shareOut(total, weights).forEach((share, i) => {
          const exact = total * (weights[i] ?? 0n);
          const off = share * sum - exact;
          expect(off > -sum && off < sum).toBe(true);
          if (weights[i] === 0n) expect(share).toBe(0n);
        });
      }),
    );
  });

  test('never gives more than the total, and no share of another sign', () => {
    fc.assert(
      fc.property(minor, fc.array(weight, { minLength: 1, maxLength: 30 }), (total, weights) => {
        for (const share of shareOut(total, weights)) {
          expect(total >= 0n ? share >= 0n && share <= total : share <= 0n && share >= total).toBe(true);
        }
      }),
    );
  });

  test('favours the larger remainder and, among equal ones, the earlier part', () => {
    expect(shareOut(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
    expect(shareOut(-100n, [1n, 1n, 1n])).toEqual([-34n, -33n, -33n]);
    expect(shareOut(10n, [3n, 3n, 1n])).toEqual([4n, 4n, 2n].map((_, i) => [4n, 4n, 2n][i] ?? 0n));
    expect(shareOut(7n, [0n, 0n])).toEqual([7n, 0n]);
    expect(shareOut(7n, [])).toEqual([]);
  });
});

describe('tax in a price', () => {
  test.each([
    [11_300n, 1_300, 1_300n],
    [10_900n, 900, 900n],
    [9_999n, 1_300, 1_150n],
    [1n, 1_300, 0n],
    [0n, 1_300, 0n],
    [10_000n, 0, 0n],
  ] as const)('of %s minor units at %s basis points is %s', (price, rate, expected) => {
    expect(taxIncluded(price, rate)).toBe(expected);
  });

  test('is the amount less the net, rounded to the nearest minor unit, and never more than the amount', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 10_000 }), (price, rate) => {
        const tax = taxIncluded(price, rate);
        const off = 2n * (tax * (10_000n + BigInt(rate)) - price * BigInt(rate));
        expect(off > -(10_001n + BigInt(rate)) && off <= 10_000n + BigInt(rate)).toBe(true);
        expect(tax >= 0n && tax <= price).toBe(true);
      }),
    );
  });
});
