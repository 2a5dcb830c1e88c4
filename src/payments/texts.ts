// What payments say to people, in every language.

import { defineErrors, type Problem } from '../core/errors.ts';
import { formatMinor, type MinorMoney } from '../core/money.ts';
import { defineReasons, defineTitles, defineTypeTitles } from '../core/texts.ts';

export const paymentProblem = defineErrors({
  NOTHING_TO_PAY: { en: 'Nothing is left to be paid for this order.', zh: '该订单没有待付金额。' },
  ORDER_CLOSED: { en: 'The order is closed.', zh: '订单已关闭。' },
  PAID_ON_PLATFORM: { en: 'The platform takes the money of this order.', zh: '该订单由平台收款。' },
  TOO_MANY_ATTEMPTS: {
    en: 'There are {max} open attempts of the last hour to pay this order already.',
    zh: '该订单最近一小时内已有 {max} 个未完成的支付。',
  },
  REFUNDS_BY_PLATFORM: {
    en: 'The platform of this store refunds its orders; here it is only told.',
    zh: '该店铺由平台退款，此处仅同步。',
  },
  NOT_CALLABLE: {
    en: 'The gateway of this payment cannot be asked; settle the refund by hand.',
    zh: '无法调用该支付网关，请人工处理退款。',
  },
  NOTHING_TO_REFUND: { en: 'This comes to nothing.', zh: '退款金额为零。' },
  QUANTITY_EXCEEDS_REFUNDABLE: {
    en: 'Only {refundable} units of this line were dispatched and not refunded yet.',
    zh: '该行已发货未退款的数量仅为 {refundable} 件。',
  },
  AMOUNT_EXCEEDS_PAID: { en: 'At most {maximum} was paid for this.', zh: '此项最多支付了 {maximum}。' },
  AMOUNT_TOO_LARGE: {
    en: 'An order can take in at most {maximum} more.',
    zh: '该订单最多还可入账 {maximum}。',
  },
  REFUND_LINE_EXCEEDS: {
    en: 'The line does not fit its order or refund: at most {maximum}.',
    zh: '明细超出订单或退款：最多 {maximum}。',
  },
  REFUND_EXCEEDS_CAPTURED: { en: 'At most {maximum} can be refunded.', zh: '最多可退款 {maximum}。' },
});

defineTypeTitles({
  Payment: { en: 'payment', zh: '付款' },
  PaymentLedgerEntry: { en: 'payment ledger entry', zh: '资金流水' },
  Refund: { en: 'refund', zh: '退款' },
  RefundLine: { en: 'refund line', zh: '退款明细' },
});

const amountText = (minor: bigint, currency: string): string => `${formatMinor(minor, currency)} ${currency}`;

/** The refusal of a refund of more than what is left of the money that came in. */
export const refundExceeds = (minor: bigint, currency: string, path: readonly (string | number)[]): Problem =>
  paymentProblem('REFUND_EXCEEDS_CAPTURED', {
    path,
    params: { maximum: amountText(minor, currency) },
    type: 'RefundExceedsCaptured',
    data: { minor, currency },
  });

/** The refusal of a part of a refund of more than what was paid for it. */
export const amountExceeds = (minor: bigint, currency: string, path: readonly (string | number)[]): Problem =>
  paymentProblem('AMOUNT_EXCEEDS_PAID', { path, params: { maximum: amountText(minor, currency) } });

/** The refusal of more money than an account can hold. */
export const amountTooLarge = (
  minor: bigint,
  currency: string,
  path: readonly (string | number)[],
): Problem => paymentProblem('AMOUNT_TOO_LARGE', { path, params: { maximum: amountText(minor, currency) } });

/** The refusal of a line of a mirrored refund that says more than its order or its refund. */
export const refundLineExceeds = (
  { minor, currency }: MinorMoney,
  path: readonly (string | number)[],
): Problem =>
  paymentProblem('REFUND_LINE_EXCEEDS', { path, params: { maximum: amountText(minor, currency) } });

export const paymentTerms = defineTitles('PaymentTerms', {
  PREPAID: { en: 'Prepaid', zh: '先款后货' },
  CREDIT: { en: 'On credit', zh: '赊账' },
  CASH_ON_DELIVERY: { en: 'Cash on delivery', zh: '货到付款' },
  PLATFORM: { en: 'Paid to the platform', zh: '平台收款' },
});

export const paymentMethods = defineTitles('PaymentMethod', {
  GATEWAY: { en: 'Payment gateway', zh: '支付网关' },
  BANK_TRANSFER: { en: 'Bank transfer', zh: '银行转账' },
  CASH_ON_DELIVERY: { en: 'Cash on delivery', zh: '货到付款' },
  PLATFORM: { en: 'Platform', zh: '平台' },
  OTHER: { en: 'Other', zh: '其他' },
});

export const paymentStates = defineTitles('PaymentState', {
  PENDING: { en: 'Pending', zh: '待支付' },
  CAPTURED: { en: 'Received', zh: '已收款' },
  FAILED: { en: 'Failed', zh: '支付失败' },
  CANCELLED: { en: 'Taken back', zh: '已撤回' },
});

export const refundStates = defineTitles('RefundState', {
  QUEUED: { en: 'Queued', zh: '排队中' },
  PROCESSING: { en: 'At the gateway', zh: '网关处理中' },
  TO_TRANSFER: { en: 'To be transferred by hand', zh: '待人工打款' },
  SUCCEEDED: { en: 'Refunded', zh: '退款成功' },
  FAILED: { en: 'Failed', zh: '退款失败' },
});

export const refundReasons = defineTitles('RefundReason', {
  CANCELLATION: { en: 'Cancellation', zh: '取消订单' },
  LATE_PAYMENT: { en: 'Paid after the order was closed', zh: '订单关闭后付款' },
  OVERPAYMENT: { en: 'Paid too much', zh: '多付' },
  RETURN: { en: 'Return', zh: '退货' },
  GOODWILL: { en: 'Goodwill', zh: '补偿' },
  PRICE_DIFFERENCE: { en: 'Price difference', zh: '差价' },
  PLATFORM: { en: 'Made by the platform', zh: '平台退款' },
  OTHER: { en: 'Other', zh: '其他' },
});

/** Why the product itself says that a refund failed. */
export const ownReason = defineReasons({
  gatewayUnreachable: { en: 'The gateway could not be reached.', zh: '无法连接支付网关。' },
  gatewayNotCallable: { en: 'The gateway is not called any more.', zh: '该支付网关已不再调用。' },
  gatewayRefused: { en: 'The gateway refused with status {status}.', zh: '支付网关拒绝，状态码 {status}。' },
});

export const refundActions = defineTitles('RefundAction', {
  RETRY: { en: 'Ask the gateway again', zh: '重新提交' },
  SETTLE: { en: 'Settle by hand', zh: '人工确认打款' },
});

export const ledgerCounters = defineTitles('PaymentCounter', {
  DUE: { en: 'Due', zh: '应付' },
  CAPTURED: { en: 'Received', zh: '已收' },
  REFUNDING: { en: 'On its way back', zh: '退款中' },
  REFUNDED: { en: 'Refunded', zh: '已退' },
});
