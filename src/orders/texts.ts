// What orders say to people, in every language.

import { defineErrors } from '../core/errors.ts';
import { defineReasons, defineTitles, defineTypeTitles } from '../core/texts.ts';
import type { OrderCancelReason } from '../generated/prisma/enums.ts';

export const orderProblem = defineErrors({
  ORDER_HELD: { en: 'The order is on hold: {kinds}.', zh: '订单已挂起：{kinds}。' },
  PAYMENT_REQUIRED: {
    en: 'The order is not paid in full, and neither credit nor payment on delivery was agreed.',
    zh: '订单尚未付清，且未约定赊账或货到付款。',
  },
  AWAITING_STOCK: {
    en: 'The order waits for stock: it goes on when all its goods are allocated.',
    zh: '订单缺货等待中：全部商品分配后自动放行。',
  },
  NOTHING_OPEN: { en: 'All goods of the order were dispatched already.', zh: '订单商品已全部发出。' },
  NOT_DISPATCHED: {
    en: 'Goods of the order were not dispatched yet.',
    zh: '订单仍有商品未发出。',
  },
  TOO_MANY_OPEN_ORDERS: {
    en: 'At most {max} orders may be unpaid at once: pay or cancel one first.',
    zh: '最多可同时有 {max} 个未付款订单，请先付款或取消。',
  },
  TERMS_NOT_OFFERED: {
    en: 'This store does not offer this way to pay.',
    zh: '该店铺不支持此付款方式。',
  },
  NOT_A_PLATFORM_STORE: {
    en: 'Only orders of a store on a marketplace are pushed; orders of this one are placed.',
    zh: '只有平台店铺的订单才能推送；该店铺的订单须下单。',
  },
  ITEM_UNKNOWN: {
    en: 'Nothing in this store has the number {number}.',
    zh: '该店铺没有编号为 {number} 的商品。',
  },
  LINE_UNKNOWN: { en: 'The order has no line {number}.', zh: '订单没有行 {number}。' },
  CONTACT_ERASED: { en: 'The contact of this order was erased.', zh: '该订单的联系信息已删除。' },
  NOT_HELD: { en: 'There is no hold to release.', zh: '没有可解除的挂起。' },
  QUANTITY_EXCEEDS_OPEN: {
    en: 'Only {open} units of this line are still open.',
    zh: '该行仅剩 {open} 件未处理。',
  },
  QUANTITY_EXCEEDS_LIMIT: {
    en: 'At most {max} units of one variant can be ordered here.',
    zh: '此店铺单个规格最多订购 {max} 件。',
  },
  TOTAL_TOO_LARGE: { en: 'The total of the order is too large.', zh: '订单总额过大。' },
  CURRENCY_NOT_USED: { en: 'This store does not sell in {currency}.', zh: '该店铺不以 {currency} 销售。' },
  CONTACT_MISSING: { en: 'A phone number or an e-mail address is required.', zh: '电话或邮箱至少填写一项。' },
  EXTERNAL_REFERENCE_TAKEN: {
    en: 'There is an order with this reference already.',
    zh: '该外部单号已存在订单。',
  },
});

defineTypeTitles({
  Mention: { en: 'mention', zh: '提及' },
  Order: { en: 'order', zh: '订单' },
  OrderHold: { en: 'hold', zh: '挂起记录' },
  OrderLine: { en: 'order line', zh: '订单行' },
  OrderRemark: { en: 'remark', zh: '订单备注' },
});

export const orderStates = defineTitles('OrderState', {
  PENDING_CONFIRMATION: { en: 'To confirm', zh: '待确认' },
  CONFIRMED: { en: 'Confirmed', zh: '已确认' },
  COMPLETED: { en: 'Completed', zh: '已完成' },
  CANCELLED: { en: 'Cancelled', zh: '已取消' },
});

export const paymentStates = defineTitles('OrderPaymentState', {
  UNPAID: { en: 'Unpaid', zh: '未付款' },
  PARTIALLY_PAID: { en: 'Partly paid', zh: '部分付款' },
  PAID: { en: 'Paid', zh: '已付款' },
  PARTIALLY_REFUNDED: { en: 'Partly refunded', zh: '部分退款' },
  REFUNDED: { en: 'Refunded', zh: '已退款' },
});

export const fulfilmentStates = defineTitles('OrderFulfilmentState', {
  UNFULFILLED: { en: 'Not dispatched', zh: '未发货' },
  PARTIALLY_DISPATCHED: { en: 'Partly dispatched', zh: '部分发货' },
  DISPATCHED: { en: 'Dispatched', zh: '已发货' },
  DELIVERED: { en: 'Delivered', zh: '已送达' },
});

export const afterSalesStates = defineTitles('OrderAfterSalesState', {
  NONE: { en: 'None', zh: '无' },
  OPEN: { en: 'Open', zh: '处理中' },
  CLOSED: { en: 'Closed', zh: '已关闭' },
});

export const holdKinds = defineTitles('OrderHoldKind', {
  ADDRESS: { en: 'Address to be clarified', zh: '地址待确认' },
  STOCK: { en: 'Stock to be clarified', zh: '库存待确认' },
  PRICE: { en: 'Price to be clarified', zh: '价格待确认' },
  RISK: { en: 'Risk', zh: '风险' },
  CUSTOMER_REQUEST: { en: 'Customer’s wish', zh: '客户要求' },
  AFTER_SALES: { en: 'After-sales', zh: '售后' },
  PAYMENT: { en: 'Payment to be clarified', zh: '款项待确认' },
  OTHER: { en: 'Other', zh: '其他' },
});

export const cancelReasons = defineTitles('OrderCancelReason', {
  CUSTOMER_REQUEST: { en: 'Customer’s wish', zh: '客户要求' },
  UNREACHABLE: { en: 'Customer cannot be reached', zh: '无法联系客户' },
  OUT_OF_STOCK: { en: 'Out of stock', zh: '缺货' },
  FRAUD: { en: 'Fraud', zh: '欺诈' },
  DUPLICATE: { en: 'Duplicate order', zh: '重复下单' },
  PRICE_ERROR: { en: 'Wrong price', zh: '价格错误' },
  UNPAID: { en: 'Not paid in time', zh: '超时未付款' },
  PLATFORM_CLOSED: { en: 'Closed by the platform', zh: '平台关闭' },
  OTHER: { en: 'Other', zh: '其他' },
});

/** Reasons for which the product cancels by itself, and nobody else does. */
export const ownCancelReasons: readonly OrderCancelReason[] = ['UNPAID', 'PLATFORM_CLOSED'];

export const platformOrderStates = defineTitles('PlatformOrderState', {
  PLACED: { en: 'Placed, not paid', zh: '待付款' },
  PAID: { en: 'Paid', zh: '已付款' },
  COMPLETED: { en: 'Completed', zh: '交易成功' },
  CLOSED: { en: 'Closed', zh: '交易关闭' },
});

/** Why the product itself places and releases holds. */
export const ownReason = defineReasons({
  awaitingStock: { en: 'Paid, but not in stock: waits for goods.', zh: '已付款但缺货，等待到货。' },
  stockArrived: { en: 'All goods are allocated.', zh: '商品已全部分配。' },
  paidInPart: {
    en: 'The time to pay is over and only a part came in.',
    zh: '付款期限已过，仅收到部分款项。',
  },
  amountChanged: {
    en: 'The platform changed the amounts after confirmation.',
    zh: '平台在审单后修改了金额。',
  },
  linesChanged: { en: 'The platform now tells other lines.', zh: '平台推送的商品行有变化。' },
  closedLate: {
    en: 'The platform closed the order after goods were dispatched.',
    zh: '发货后平台关闭了订单。',
  },
  orderCancelled: { en: 'The order was cancelled.', zh: '订单已取消。' },
});

export const orderFlags = defineTitles('OrderFlag', {
  RED: { en: 'Red', zh: '红旗' },
  YELLOW: { en: 'Yellow', zh: '黄旗' },
  GREEN: { en: 'Green', zh: '绿旗' },
  BLUE: { en: 'Blue', zh: '蓝旗' },
  PURPLE: { en: 'Purple', zh: '紫旗' },
});

export const orderActions = defineTitles('OrderAction', {
  CONFIRM: { en: 'Confirm', zh: '确认' },
  HOLD: { en: 'Hold', zh: '挂起' },
  RELEASE: { en: 'Release', zh: '放行' },
  CANCEL: { en: 'Cancel', zh: '取消' },
  DISPATCH: { en: 'Dispatch', zh: '发货' },
  COMPLETE: { en: 'Complete', zh: '完成' },
});
