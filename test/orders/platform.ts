// A marketplace that pushes its orders, made through the public API.

import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { uniqueName } from '../setup/given.ts';
import type { PlacedOrder } from './shop.ts';

interface Amount {
  amount: string;
  currency: string;
}

export interface PushedOrder extends PlacedOrder {
  paidAt: string | null;
  shipBy: string | null;
  payment: Record<'due' | 'captured' | 'refunding' | 'refunded', Amount> & { terms: string };
  platformOrder: Record<'buyerPaid' | 'platformDiscount' | 'merchantDiscount' | 'discrepancy', Amount> & {
    reference: string;
  };
  holds: { edges: { node: { kind: string } }[] };
}

const PUSHED = `order {
  id number state held awaitingStock cancelReason version paymentState fulfilmentState paidAt shipBy
  total { amount currency } merchandise { amount } freight { amount } tax { amount }
  lines(first: 100) { edges { node { id sku quantity cancelled dispatched total { amount }
    merchantDiscount { amount } platformDiscount { amount } } } }
  payment { terms due { amount } captured { amount } refunding { amount } refunded { amount } }
  platformOrder { reference buyerPaid { amount } platformDiscount { amount } merchantDiscount { amount } discrepancy { amount currency } }
  holds { edges { node { kind } } }
}`;

const start = Date.now() - 3_600_000;

export function platformIn(app: App) {
  const money = (value: unknown): unknown =>
    typeof value === 'string' ? { amount: value, currency: 'CNY' } : value;
  const inMoney = (line: Record<string, unknown>, i: number) => ({
    reference: `l${i + 1}`,
    ...line,
    ...(line.unitPrice ? { unitPrice: money(line.unitPrice) } : {}),
    ...(line.merchantDiscount ? { merchantDiscount: money(line.merchantDiscount) } : {}),
    ...(line.platformDiscount ? { platformDiscount: money(line.platformDiscount) } : {}),
  });
  const inputOf = (storeId: string, facts: Record<string, unknown>) => ({
    storeId,
    reference: uniqueName('tb'),
    asOf: platform.minute(1),
    placedAt: platform.minute(0),
    receiver: { name: '王*', phone: '139****0000', city: '杭州市', masked: true },
    ...facts,
    ...(Array.isArray(facts.lines) ? { lines: facts.lines.map(inMoney) } : {}),
    ...(facts.freight ? { freight: money(facts.freight) } : {}),
    ...(facts.buyerPaid ? { buyerPaid: money(facts.buyerPaid) } : {}),
  });
  const platform = {
    /** A moment of the platform’s own time. */
    minute: (count: number): string => new Date(start + count * 60_000).toISOString(),

    /** Push what is known of an order. Amounts may be written as decimal strings. */
    async push(storeId: string, facts: Record<string, unknown>, by: Client = app.admin) {
      const { order } = await by.act<{ order: PushedOrder }>('orderPush', inputOf(storeId, facts), PUSHED);
      return order;
    },

    refusal: (storeId: string, facts: Record<string, unknown>, by: Client = app.admin) =>
      by.refusal('orderPush', inputOf(storeId, facts)),
  };
  return platform;
}
