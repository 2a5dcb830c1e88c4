// What happens to orders. Contact and address are personal: events only say that there are some.

import { defineEvents } from '../core/events.ts';
import type { OrderCancelReason, OrderHoldKind } from '../generated/prisma/enums.ts';

declare module '../core/events.ts' {
  interface EventMap {
    'order.placed': { number: string; total: string; currency: string; lineCount: number };
    'order.confirmed': { number: string };
    'order.held': { number: string; kind: OrderHoldKind; reason: string };
    'order.released': { number: string; kind: OrderHoldKind; reason: string };
    'order.linesCancelled': {
      number: string;
      reason: OrderCancelReason;
      note: string | null;
      lines: { sku: string; quantity: number }[];
    };
    'order.cancelled': { number: string; reason: OrderCancelReason; note: string | null };
    'order.completed': { number: string };
  }
}

defineEvents({
  type: 'Order',
  withheld: ['contact', 'address'],
  events: {
    'order.placed': { en: 'Order placed', zh: '下单' },
    'order.confirmed': { en: 'Order confirmed', zh: '订单确认' },
    'order.held': { en: 'Order held', zh: '订单挂起' },
    'order.released': { en: 'Hold released', zh: '订单放行' },
    'order.linesCancelled': { en: 'Lines cancelled', zh: '部分取消' },
    'order.cancelled': { en: 'Order cancelled', zh: '订单取消' },
    'order.completed': { en: 'Order completed', zh: '订单完成' },
  },
});
