// What the rules of stock promise for any numbers: shares, buffers, and where units are taken and given back.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Candidate,
  type HeldStock,
  type OpenAllocation,
  planAllocation,
  planDispatch,
  planRelease,
  promisable,
  sellable,
  sellableToHolder,
  storeSellable,
  type WantedLine,
} from '../../src/inventory/rules.ts';

const units = fc.nat(50);
const variantId = fc.constantFrom('apple', 'pear');
const total = (parts: readonly { quantity: number }[]): number =>
  parts.reduce((sum, { quantity }) => sum + quantity, 0);

describe('what a store may sell', () => {
  const held: fc.Arbitrary<HeldStock> = fc
    .tuple(units, units, units, units, units, units)
    .map(([free, allocated, damaged, safetyStock, own, others]) => ({
      onHand: free + allocated + damaged,
      allocated,
      damaged,
      safetyStock,
      reserved: own + others,
      own,
    }));
  const stocks = fc.array(
    held.map((stock) => ({ ...stock, own: 0 })),
    { maxLength: 4 },
  );
  const limit = fc.record({
    shareBasisPoints: fc.option(fc.nat(10_000)),
    bufferUnits: fc.option(units),
    held: units,
  });
  const free = (of: readonly HeldStock[]) => of.reduce((sum, stock) => sum + sellable(stock), 0);

  test('T1 without share and buffer it is all that is sellable', () => {
    const neither = { shareBasisPoints: null, bufferUnits: null, held: 7 };
    fc.assert(
      fc.property(stocks, (of) => {
        expect(storeSellable(of, undefined)).toBe(free(of));
        expect(storeSellable(of, neither)).toBe(free(of));
      }),
    );
  });

  test('T1 it is never negative, never more than is sellable, and what its orders then hold never exceeds the share', () => {
    fc.assert(
      fc.property(stocks, limit, (of, { shareBasisPoints, bufferUnits, held }) => {
        const may = storeSellable(of, { shareBasisPoints, bufferUnits, held });
        const pool = of.reduce((sum, s) => sum + Math.max(0, s.onHand - s.damaged - s.safetyStock), 0);
        expect(may).toBeGreaterThanOrEqual(0);
        expect(may).toBeLessThanOrEqual(free(of));
        if (may === 0) return;
        expect(free(of) - may).toBeGreaterThanOrEqual(bufferUnits ?? 0);
        expect((held + may) * 10_000).toBeLessThanOrEqual(
          pool * (shareBasisPoints ?? Number.MAX_SAFE_INTEGER),
        );
      }),
    );
  });

  test('T1 a share is rounded down, and counts what is promised to anybody', () => {
    const stock = { onHand: 11, allocated: 6, damaged: 1, safetyStock: 1, reserved: 0, own: 0 };
    const share = (shareBasisPoints: number, held = 0) =>
      storeSellable([stock], { shareBasisPoints, bufferUnits: null, held });
    // 9 are fit for sale, 3 of them are free.
    expect([share(0), share(1_111), share(1_112), share(3_333), share(3_334), share(10_000)]).toEqual([
      0, 0, 1, 2, 3, 3,
    ]);
    expect([share(5_000, 3), share(5_000, 4), share(5_000, 9)]).toEqual([1, 0, 0]);
  });

  test('C13 who reserved units may have them and what anybody may have, and nobody else any of them', () => {
    fc.assert(
      fc.property(held, (stock) => {
        const most = sellableToHolder(stock);
        expect(most).toBeGreaterThanOrEqual(sellable(stock));
        expect(most).toBeLessThanOrEqual(promisable(stock));
        if (stock.reserved <= promisable(stock))
          expect(most).toBe(promisable(stock) - (stock.reserved - stock.own));
        else expect(most).toBe(Math.min(stock.own, promisable(stock)));
      }),
    );
  });

  test('C13 T1 what was reserved within share and buffer stays with its holder, whatever becomes of them', () => {
    fc.assert(
      fc.property(fc.array(held, { maxLength: 4 }), limit, (of, narrow) => {
        const kept = of.reduce((sum, stock) => sum + Math.min(stock.own, promisable(stock)), 0);
        const anybodys = storeSellable(
          of.map((stock) => ({ ...stock, own: 0 })),
          narrow,
        );
        expect(storeSellable(of, narrow)).toBe(kept + anybodys);
      }),
    );
  });
});

describe('allocating', () => {
  const line = fc.record({ variantId, quantity: fc.integer({ min: 1, max: 60 }) });
  const lines: fc.Arbitrary<WantedLine[]> = fc
    .array(line, { minLength: 1, maxLength: 6 })
    .map((wanted) => wanted.map((one, i) => ({ ...one, orderLineId: `line-${i}` })));
  const candidates: fc.Arbitrary<Candidate[]> = fc
    .array(fc.record({ variantId, priority: fc.integer({ min: 1, max: 3 }), sellable: units }), {
      maxLength: 8,
    })
    .map((found) => found.map((one, i) => ({ ...one, stockId: `stock-${i}` })));
  const caps = fc.record({ apple: units, pear: units }).map((of) => new Map(Object.entries(of)));

  test('C12 T1 no stock gives more than is sellable, no variant more than its cap, no line gets more than it wants', () => {
    fc.assert(
      fc.property(lines, candidates, caps, (wanted, found, allowed) => {
        const { takings } = planAllocation(wanted, found, allowed);
        expect(takings.every(({ quantity }) => quantity > 0)).toBe(true);
        for (const { stockId, sellable: most } of found)
          expect(total(takings.filter((taking) => taking.stockId === stockId))).toBeLessThanOrEqual(most);
        const variantOf = new Map(found.map((one) => [one.stockId, one.variantId]));
        for (const [variant, cap] of allowed)
          expect(
            total(takings.filter(({ stockId }) => variantOf.get(stockId) === variant)),
          ).toBeLessThanOrEqual(cap);
        for (const { orderLineId, variantId: variant, quantity } of wanted) {
          const own = takings.filter((taking) => taking.orderLineId === orderLineId);
          expect(total(own)).toBeLessThanOrEqual(quantity);
          expect(own.every(({ stockId }) => variantOf.get(stockId) === variant)).toBe(true);
        }
      }),
    );
  });

  test('C12 a line is short only when its variant is used up, and then by exactly what it did not get', () => {
    fc.assert(
      fc.property(lines, candidates, caps, (wanted, found, allowed) => {
        const { takings, short } = planAllocation(wanted, found, allowed);
        const got = (id: string) => total(takings.filter((taking) => taking.orderLineId === id));
        expect(short).toEqual(
          wanted.flatMap(({ orderLineId, variantId: variant, quantity }, i) =>
            got(orderLineId) === quantity
              ? []
              : [
                  {
                    line: i,
                    orderLineId,
                    variantId: variant,
                    requested: quantity,
                    available: got(orderLineId),
                  },
                ],
          ),
        );
        for (const { variantId: variant } of short) {
          const taken = wanted
            .filter((one) => one.variantId === variant)
            .reduce((sum, { orderLineId }) => sum + got(orderLineId), 0);
          const there = found
            .filter((one) => one.variantId === variant)
            .reduce((sum, one) => sum + one.sellable, 0);
          expect(taken).toBe(Math.min(there, allowed.get(variant) ?? 0));
        }
      }),
    );
  });

  test('C12 a location gives only the remainder that those before it could not', () => {
    fc.assert(
      fc.property(lines, candidates, caps, (wanted, found, allowed) => {
        const { takings } = planAllocation(wanted, found, allowed);
        for (const later of found) {
          if (total(takings.filter(({ stockId }) => stockId === later.stockId)) === 0) continue;
          for (const earlier of found) {
            if (earlier.variantId !== later.variantId || earlier.priority >= later.priority) continue;
            expect(total(takings.filter(({ stockId }) => stockId === earlier.stockId))).toBe(
              earlier.sellable,
            );
          }
        }
      }),
    );
    const found = [4, 20].map((there, i) => ({
      stockId: `stock-${i}`,
      variantId: 'apple',
      priority: i + 1,
      sellable: there,
    }));
    expect(
      planAllocation(
        [{ orderLineId: 'line', variantId: 'apple', quantity: 10 }],
        found,
        new Map([['apple', 24]]),
      ),
    ).toEqual({
      takings: [
        { orderLineId: 'line', stockId: 'stock-0', quantity: 4 },
        { orderLineId: 'line', stockId: 'stock-1', quantity: 6 },
      ],
      short: [],
    });
  });
});

describe('giving back and letting go', () => {
  const lineIds = ['line-0', 'line-1', 'line-2'];
  const lineId = fc.constantFrom(...lineIds);
  const open: fc.Arbitrary<OpenAllocation[]> = fc
    .array(
      fc.record({
        orderLineId: lineId,
        stockId: fc.constantFrom('here', 'there'),
        quantity: fc.integer({ min: 1, max: 9 }),
      }),
      { maxLength: 8 },
    )
    .map((parts) => parts.map((part, i) => ({ ...part, id: `allocation-${i}` })));
  const numbers = fc
    .uniqueArray(fc.tuple(lineId, fc.nat(30)), { selector: ([id]) => id })
    .map((entries) => new Map(entries));
  const ofLine = (parts: readonly OpenAllocation[], id: string) =>
    parts.filter(({ orderLineId }) => orderLineId === id);

  test('C10 after a release each named line holds the smaller of what it held and what it keeps, others all of it', () => {
    fc.assert(
      fc.property(open, numbers, (before, keep) => {
        const givings = planRelease(before, keep);
        const after = remaining(before, givings);
        for (const id of lineIds) {
          const held = total(ofLine(before, id));
          expect(total(ofLine(after, id))).toBe(Math.min(held, keep.get(id) ?? held));
        }
      }),
    );
  });

  test('a release empties the latest allocation of a line before it touches an earlier one', () => {
    fc.assert(
      fc.property(open, numbers, (before, keep) => {
        const after = remaining(before, planRelease(before, keep));
        for (const id of keep.keys()) {
          const touched = ofLine(before, id).findIndex(
            (one, i) => ofLine(after, id)[i]?.quantity !== one.quantity,
          );
          if (touched < 0) continue;
          expect(total(ofLine(after, id).slice(touched + 1))).toBe(0);
        }
      }),
    );
  });

  test('C10 what leaves is exactly what was wanted, or the line is named with what it holds', () => {
    fc.assert(
      fc.property(open, numbers, (before, quantities) => {
        const { givings, short } = planDispatch(before, quantities);
        const after = remaining(before, givings);
        [...quantities].forEach(([id, wanted], line) => {
          const allocated = total(ofLine(before, id));
          const left = allocated < wanted ? 0 : wanted;
          expect(allocated - total(ofLine(after, id))).toBe(left);
          expect(short.find((one) => one.line === line)).toEqual(
            allocated < wanted ? { line, allocated } : undefined,
          );
        });
      }),
    );
  });

  /** Allocations after givings, each of which must find its own with enough units. */
  function remaining(
    before: readonly OpenAllocation[],
    givings: readonly { allocationId: string; stockId: string; quantity: number }[],
  ): OpenAllocation[] {
    const after = before.map((one) => ({ ...one }));
    for (const { allocationId, stockId, quantity } of givings) {
      const allocation = after.find(({ id }) => id === allocationId);
      expect(allocation?.stockId).toBe(stockId);
      expect(quantity).toBeGreaterThan(0);
      if (allocation) allocation.quantity -= quantity;
      expect(allocation?.quantity).toBeGreaterThanOrEqual(0);
    }
    return after;
  }
});
