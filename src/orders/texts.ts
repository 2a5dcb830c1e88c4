// What orders say to people, in every language.

import { defineErrors } from '../core/errors.ts';
import { defineTitles } from '../core/texts.ts';

export const orderProblem = defineErrors({
  ORDER_HELD: { en: 'The order is on hold: {kinds}.', zh: '订单已挂起：{kinds}。' },
  NOT_HELD: { en: 'There is no hold to release.', zh: '没有可解除的挂起。' },
  QUANTITY_EXCEEDS_OPEN: {
    en: 'Only {open} units of this line can still be cancelled.',
    zh: '该行最多还可取消 {open} 件。',
  },
  QUANTITY_EXCEEDS_LIMIT: {
    en: 'At most {max} units of one variant can be ordered here.',
    zh: '此店铺单个规格最多订购 {max} 件。',
  },
  TOTAL_TOO_LARGE: { en: 'The total of the order is too large.', zh: '订单总额过大。' },
  CURRENCY_NOT_USED: { en: 'This store does not sell in {currency}.', zh: '该店铺不以 {currency} 销售。' },
  PHONE_INVALID: { en: 'This is no phone number in {country}.', zh: '这不是 {country} 的有效电话号码。' },
  CONTACT_MISSING: { en: 'A phone number or an e-mail address is required.', zh: '电话或邮箱至少填写一项。' },
  COUNTRY_UNKNOWN: { en: 'This is no ISO 3166-1 country code.', zh: '这不是有效的国家代码。' },
  POSTAL_CODE_INVALID: { en: 'A postal code in China has six digits.', zh: '中国邮政编码为六位数字。' },
  EXTERNAL_REFERENCE_TAKEN: {
    en: 'There is an order with this reference already.',
    zh: '该外部单号已存在订单。',
  },
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
  OTHER: { en: 'Other', zh: '其他' },
});

export const cancelReasons = defineTitles('OrderCancelReason', {
  CUSTOMER_REQUEST: { en: 'Customer’s wish', zh: '客户要求' },
  UNREACHABLE: { en: 'Customer cannot be reached', zh: '无法联系客户' },
  OUT_OF_STOCK: { en: 'Out of stock', zh: '缺货' },
  FRAUD: { en: 'Fraud', zh: '欺诈' },
  DUPLICATE: { en: 'Duplicate order', zh: '重复下单' },
  PRICE_ERROR: { en: 'Wrong price', zh: '价格错误' },
  OTHER: { en: 'Other', zh: '其他' },
});

export const orderActions = defineTitles('OrderAction', {
  CONFIRM: { en: 'Confirm', zh: '确认' },
  HOLD: { en: 'Hold', zh: '挂起' },
  RELEASE: { en: 'Release', zh: '放行' },
  CANCEL: { en: 'Cancel', zh: '取消' },
  COMPLETE: { en: 'Complete', zh: '完成' },
});
