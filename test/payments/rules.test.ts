// What is true of money, for any amounts.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  creditOf,
  isCovered,
  keptMinor,
  outstandingMinor,
  paidForUnits,
  paymentStateOf,
  refundableUnits,
  spreadOverPayments,
  surplusMinor,
} from '../../src/payments/rules.ts';

const minor = fc.bigInt({ min: 0n, max: 10n ** 15n });

/** Any account that its table allows. */
const account = fc
  .tuple(minor, minor, minor, minor)
  .map(([dueMinor, kept, refundingMinor, refundedMinor]) => ({
    dueMinor,
    capturedMinor: kept + refundingMinor + refundedMinor,
    refundingMinor,
    refundedMinor,
  }));

const accountOf = (dueMinor: bigint, capturedMinor: bigint, refundingMinor = 0n, refundedMinor = 0n) => ({
  dueMinor,
  capturedMinor,
  refundingMinor,
  refundedMinor,
});

describe('an account', () => {
  test('is either covered, with a surplus or none, or has something outstanding', () => {
    fc.assert(
      fc.property(account, (one) => {
        const [outstanding, surplus] = [outstandingMinor(one), surplusMinor(one)];
        expect(keptMinor(one) + outstanding).toBe(one.dueMinor + surplus);
        expect(outstanding === 0n).toBe(isCovered(one));
        expect(outstanding > 0n && surplus > 0n).toBe(false);
      }),
    );
  });

  test('stays covered when a refund lowers what is due by its credit, and its surplus goes back first', () => {
    fc.assert(
      fc.property(account, minor, (one, wanted) => {
        const amount = wanted < keptMinor(one) ? wanted : keptMinor(one);
        const credit = creditOf(one, amount);
        const after = {
          ...one,
          dueMinor: one.dueMinor - credit,
          refundingMinor: one.refundingMinor + amount,
        };
        expect(after.dueMinor >= 0n).toBe(true);
        if (isCovered(one)) expect(isCovered(after)).toBe(true);
        if (isCovered(one)) expect(surplusMinor(after)).toBe(surplusMinor(one) - (amount - credit));
      }),
    );
  });

  test('says where its order is on the axis of payment', () => {
    const table: [ReturnType<typeof accountOf>, string][] = [
      [accountOf(100n, 0n), 'UNPAID'],
      [accountOf(100n, 40n), 'PARTIALLY_PAID'],
      [accountOf(100n, 100n), 'PAID'],
      [accountOf(100n, 130n, 30n), 'PAID'],
      [accountOf(90n, 100n, 0n, 10n), 'PARTIALLY_REFUNDED'],
      [accountOf(0n, 100n, 100n), 'PAID'],
      [accountOf(0n, 100n, 0n, 100n), 'REFUNDED'],
      [accountOf(0n, 0n), 'PAID'],
    ];
    for (const [one, state] of table) expect(paymentStateOf(one)).toBe(state);
    expect(paymentStateOf(accountOf(0n, 0n), { isCancelled: true })).toBe('UNPAID');
    expect(paymentStateOf(accountOf(0n, 100n, 100n), { isCancelled: true })).toBe('PAID');
  });
});

describe('C33 refunds', () => {
  const line = fc
    .record({
      quantity: fc.integer({ min: 1, max: 400 }),
      unitPriceMinor: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      discount: fc.nat({ max: 10_000 }),
    })
    .map(({ quantity, unitPriceMinor, discount }) => ({
      quantity,
      dispatched: quantity,
      unitPriceMinor,
      merchantDiscountMinor: (unitPriceMinor * BigInt(quantity) * BigInt(discount)) / 10_000n,
      refunded: 0,
    }));

  test('of all units of a line sum to what the line brought, however they are split', () => {
    fc.assert(
      fc.property(line, fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }), (one, parts) => {
        let refunded = 0;
        let sum = 0n;
        for (const part of [...parts, one.quantity]) {
          const units = Math.min(part, refundableUnits({ ...one, refunded }));
          const amount = paidForUnits({ ...one, refunded }, units);
          expect(amount >= 0n && amount <= one.unitPriceMinor * BigInt(units)).toBe(true);
          sum += amount;
          refunded += units;
        }
        expect(refunded).toBe(one.quantity);
        expect(sum).toBe(one.unitPriceMinor * BigInt(one.quantity) - one.merchantDiscountMinor);
      }),
    );
  });

  test('are spread over payments without exceeding any, in their order, and sum to the amount', () => {
    const payments = fc.array(
      fc.bigInt({ min: -100n, max: 1_000n }).map((leftMinor) => ({ leftMinor })),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(payments, fc.bigInt({ min: 0n, max: 10_000n }), (list, wanted) => {
        const positive = list.reduce((sum, { leftMinor }) => sum + (leftMinor > 0n ? leftMinor : 0n), 0n);
        const amount = wanted < positive ? wanted : positive;
        const shares = spreadOverPayments(amount, list);
        expect(shares.reduce((sum, { share }) => sum + share, 0n)).toBe(amount);
        expect(shares.every(({ payment, share }) => share > 0n && share <= payment.leftMinor)).toBe(true);
        const emptied = shares.slice(0, -1);
        expect(emptied.every(({ payment, share }) => share === payment.leftMinor)).toBe(true);
        expect(() => spreadOverPayments(positive + 1n, list)).toThrow();
      }),
    );
  });
});
