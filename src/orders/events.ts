// What happens to orders. Contact and address are personal: events only say that there are some.

import { defineEvents } from '../core/events.ts';
import type { OrderCancelReason, OrderHoldKind } from '../generated/prisma/enums.ts';

declare module '../core/events.ts' {
  interface EventMap {
    'order.placed': { number: string; total: string; currency: string; lineCount: number };
    'order.confirmed': { number: string };
    'order.held': { number: string; kind: OrderHoldKind; reason: string };
    'order.released': { number: string; kind: OrderHoldKind; reason: string };
    'order.pushed': { number: string; reference: string };
    'order.partiallyPaid': { number: string };
    'order.paid': { number: string };
    'order.partiallyRefunded': { number: string };
    'order.refunded': { number: string };
    'order.unpaid': { number: string };
    'order.stockAwaited': { number: string; lines: { sku: string; quantity: number }[] };
    'order.stockArrived': { number: string };
    'order.confirmationOverdue': { number: string };
    'order.creditOverdue': { number: string };
    'order.dispatched': {
      number: string;
      locationNodeId: string;
      lines: { sku: string; quantity: number }[];
    };
    'order.delivered': { number: string };
    'order.linesCancelled': {
      number: string;
      reason: OrderCancelReason;
      note: string | null;
      lines: { sku: string; quantity: number }[];
    };
    'order.cancelled': { number: string; reason: OrderCancelReason; note: string | null };
    'order.completed': { number: string };
    'order.imported': {
      number: string;
      reference: string;
      total: string;
      currency: string;
      lineCount: number;
    };
    'order.importExtended': { number: string; reference: string; lineCount: number };
    'order.importCancelled': {
      number: string;
      cancellation: string;
      lines: { sku: string; quantity: number }[];
    };
    'order.remarked': { number: string; orderRemarkNodeId: string; mentionCount: number };
    'order.flagged': { number: string };
    'order.contactRevealed': { number: string; reason: string };
    'order.contactErased': { number: string; reason: string | null };
    'mention.made': { orderNodeId: string; orderRemarkNodeId: string };
    'mention.read': Record<string, never>;
    'orderImport.requested': Record<string, never>;
    'orderImport.received': { byteCount: number };
    'orderImport.started': { lineCount: number };
    'orderImport.completed': { linesImported: number; linesRejected: number };
    'orderImport.failed': { failure: string; detail: string | null };
    'orderImport.duplicated': { originalNodeId: string };
  }
}

defineEvents({
  type: 'Order',
  read: 'orders.read',
  withheld: ['contact', 'address'],
  events: {
    'order.placed': { en: 'Order placed', zh: '下单' },
    'order.pushed': { en: 'Changed by the platform', zh: '平台更新' },
    'order.partiallyPaid': { en: 'Paid in part', zh: '部分付款' },
    'order.paid': { en: 'Paid', zh: '付款' },
    'order.partiallyRefunded': { en: 'Refunded in part', zh: '部分退款' },
    'order.refunded': { en: 'Refunded', zh: '退款' },
    'order.unpaid': { en: 'Payment taken back', zh: '款项撤回' },
    'order.stockAwaited': { en: 'Waits for stock', zh: '缺货等待' },
    'order.stockArrived': { en: 'Stock allocated after waiting', zh: '到货分配' },
    'order.confirmationOverdue': { en: 'Confirmation overdue', zh: '审单超时' },
    'order.creditOverdue': { en: 'Credit overdue', zh: '账期逾期' },
    'order.confirmed': { en: 'Order confirmed', zh: '订单确认' },
    'order.dispatched': { en: 'Dispatched', zh: '发货' },
    'order.delivered': { en: 'Delivered', zh: '送达' },
    'order.held': { en: 'Order held', zh: '订单挂起', notes: ['reason'] },
    'order.released': { en: 'Hold released', zh: '订单放行', notes: ['reason'] },
    'order.linesCancelled': { en: 'Lines cancelled', zh: '部分取消', notes: ['note'] },
    'order.cancelled': { en: 'Order cancelled', zh: '订单取消', notes: ['note'] },
    'order.completed': { en: 'Order completed', zh: '订单完成' },
    'order.imported': { en: 'Imported from the past', zh: '导入历史订单', history: true },
    'order.importExtended': { en: 'More lines of it imported', zh: '导入更多订单行', history: true },
    'order.importCancelled': { en: 'Cancellation imported', zh: '导入历史取消', history: true },
    'order.remarked': { en: 'Remark written', zh: '添加备注' },
    'order.flagged': { en: 'Flag set or taken off', zh: '标记变更' },
    'order.contactRevealed': { en: 'Contact revealed', zh: '查看联系信息', notes: ['reason'] },
    'order.contactErased': { en: 'Contact erased', zh: '删除联系信息', notes: ['reason'] },
  },
});

defineEvents({
  type: 'Mention',
  read: 'orders.readRemarks',
  events: {
    'mention.made': { en: 'Named in a remark', zh: '被提及' },
    'mention.read': { en: 'Mention read', zh: '提及已读' },
  },
});

defineEvents({
  type: 'OrderImport',
  read: 'orders.import',
  withheld: ['uploadToken'],
  events: {
    'orderImport.requested': { en: 'Import of orders requested', zh: '申请导入订单' },
    'orderImport.received': { en: 'File received', zh: '已收到文件' },
    'orderImport.started': { en: 'Import begun', zh: '开始导入' },
    'orderImport.completed': { en: 'Import completed', zh: '导入完成' },
    'orderImport.failed': { en: 'Import failed', zh: '导入失败' },
    'orderImport.duplicated': { en: 'File imported before', zh: '重复文件' },
  },
});
