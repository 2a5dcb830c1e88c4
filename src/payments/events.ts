// What happens to payments and refunds.

import { defineEvents } from '../core/events.ts';
import type { PaymentMethod, RefundReason } from '../generated/prisma/enums.ts';

/** What a gateway reported differently from what is known here. */
export type Mismatch = 'AMOUNT' | 'CURRENCY' | 'ORDER' | 'TRANSACTION';

interface Amount {
  amount: string;
  currency: string;
}

declare module '../core/events.ts' {
  interface EventMap {
    'payment.started': Amount & { method: PaymentMethod };
    'payment.captured': Amount & { method: PaymentMethod };
    'payment.corrected': Amount & { before: string };
    'payment.failed': { reason: string };
    'payment.mismatched': { mismatch: Mismatch; expected: string | null; reported: string };
    'refund.created': Amount & { reason: RefundReason };
    'refund.sent': { attempt: number };
    'refund.succeeded': Amount & { reason: RefundReason };
    'refund.failed': { reason: string };
    'refund.retried': { attempts: number };
    'refund.mismatched': { mismatch: Mismatch; expected: string | null; reported: string };
  }
}

defineEvents({
  type: 'Payment',
  read: 'payments.read',
  events: {
    'payment.started': { en: 'Payment started', zh: '发起支付' },
    'payment.captured': { en: 'Payment received', zh: '收到付款' },
    'payment.corrected': { en: 'Amount corrected by the platform', zh: '平台更正金额' },
    'payment.failed': { en: 'Payment failed', zh: '支付失败' },
    'payment.mismatched': { en: 'Report of the payment does not match', zh: '支付通知不一致' },
  },
});

defineEvents({
  type: 'Refund',
  read: 'payments.read',
  events: {
    'refund.created': { en: 'Refund created', zh: '创建退款' },
    'refund.sent': { en: 'Refund sent to the gateway', zh: '退款已提交网关' },
    'refund.succeeded': { en: 'Refunded', zh: '退款成功' },
    'refund.failed': { en: 'Refund failed', zh: '退款失败' },
    'refund.retried': { en: 'Refund queued again', zh: '重新退款' },
    'refund.mismatched': { en: 'Report of the refund does not match', zh: '退款通知不一致' },
  },
});
