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
    en: 'At most {max} orders may be unpaid at once, those of all guests of one network counted together: pay or cancel one first.',
    zh: '最多可同时有 {max} 个未付款订单（同一网络的访客合并计算），请先付款或取消。',
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
  OrderImport: { en: 'import of orders', zh: '订单导入' },
  OrderImportProblem: { en: 'line that was not imported', zh: '未导入的行' },
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

export const orderImportStates = defineTitles('OrderImportState', {
  AWAITING_UPLOAD: { en: 'Waits for its file', zh: '等待上传' },
  QUEUED: { en: 'Waits to begin', zh: '排队中' },
  RUNNING: { en: 'Running', zh: '进行中' },
  COMPLETED: { en: 'Completed', zh: '已完成' },
  FAILED: { en: 'Failed', zh: '失败' },
  DUPLICATE: { en: 'Imported before: nothing changed', zh: '重复文件，未作更改' },
});

/** What becomes of a line of an imported file. */
const taken = {
  SOLD: { en: 'Sold: a line of an order', zh: '已售：订单行' },
  FREIGHT: { en: 'Freight of an order', zh: '订单运费' },
  CANCELLED: { en: 'Cancelled: taken off earlier orders', zh: '已取消：从先前订单扣除' },
  CANCELLED_IN_PART: {
    en: 'Cancelled in part: not all units were bought in what was imported',
    zh: '部分取消：部分数量不在已导入的订单中',
  },
  STOCK_ADJUSTED: { en: 'Stock written off: told by the ledger', zh: '库存核减：记入台账' },
} as const;

const rejected = {
  ALREADY_IMPORTED: { en: 'The invoice was imported before', zh: '该单据此前已导入' },
  REFERENCE_TAKEN: { en: 'Another order has the number of the invoice', zh: '单据号已被其他订单占用' },
  CUSTOMER_DIFFERS: { en: 'Another customer than that of its invoice', zh: '客户与单据不一致' },
  CANCELLATION_UNKNOWN: {
    en: 'Cancelled, but the customer bought none of it in what was imported',
    zh: '取消的商品不在该客户已导入的订单中',
  },
  CANCELLATION_OF_GUEST: {
    en: 'Cancelled by a guest: whose order it was is not known',
    zh: '访客取消，无法确定原订单',
  },
  CANCELLATION_WITHOUT_CREDIT: { en: 'A cancellation that takes nothing back', zh: '取消单据的数量为正数' },
  CREDIT_WITHOUT_GOODS: {
    en: 'Money given back for no goods: postage, samples, what was keyed in by hand',
    zh: '不涉及商品的退款：邮费、样品、手工录入',
  },
  ACCOUNT_ENTRY: {
    en: 'An entry of the accounts: discount, fee, commission, bad debt, test',
    zh: '账务记录：折扣、费用、佣金、坏账、测试',
  },
  NO_LOCATION: {
    en: 'The store has no location whose stock could be adjusted',
    zh: '店铺没有可核减库存的仓库',
  },
  PRICE_TOO_FINE: { en: 'The price has more digits than the currency', zh: '单价小数位超过货币精度' },
  PRICE_INVALID: { en: 'The price is no amount, negative or too large', zh: '单价无效、为负或过大' },
  TOTAL_TOO_LARGE: { en: 'The total of the order would be too large', zh: '订单总额过大' },
  QUANTITY_INVALID: {
    en: 'The quantity is 0, no whole number or above 10,000,000',
    zh: '数量为 0、非整数或超过 10,000,000',
  },
  DATE_INVALID: {
    en: 'The date is none like 2010-12-01 08:26:00, before 2000 or ahead of time',
    zh: '日期不是 2010-12-01 08:26:00 这样的格式，或不存在、早于 2000 年、晚于现在',
  },
  CODE_INVALID: { en: 'The code of the goods is no SKU', zh: '商品编码不是有效的 SKU' },
  INVOICE_INVALID: { en: 'The number of the invoice is missing or too long', zh: '单据号缺失或过长' },
  CUSTOMER_INVALID: { en: 'The number of the customer is too long', zh: '客户编号过长' },
  COLUMNS_DIFFER: { en: 'It has more or fewer values than the header', zh: '列数与表头不一致' },
  QUOTES_OPEN: { en: 'A quoted value is not closed', zh: '引号未闭合' },
  LINE_TOO_LONG: { en: 'It is longer than 64 KiB', zh: '单行超过 64 KiB' },
  LINE_EMPTY: { en: 'It is empty', zh: '空行' },
  NOT_UTF8: { en: 'It has characters that are not in UTF-8', zh: '含有非 UTF-8 字符' },
  CONTROL_CHARACTERS: { en: 'It contains control characters', zh: '含有控制字符' },
} as const;

export type ImportOutcome = keyof typeof taken | keyof typeof rejected;

export const importOutcomes = defineTitles('OrderImportOutcome', { ...taken, ...rejected });

/** True for lines that were taken over, wholly or in part. */
export const isTaken = (outcome: ImportOutcome): boolean => Object.hasOwn(taken, outcome);

export const importFailures = defineTitles('OrderImportFailure', {
  EMPTY_FILE: { en: 'The file is empty', zh: '文件为空' },
  NO_UTF8_TEXT: { en: 'The file is no text in UTF-8', zh: '文件不是 UTF-8 文本' },
  WRONG_HEADER: { en: 'The header lacks columns, or has them twice', zh: '表头缺少列或列重复' },
  DAMAGED_COMPRESSION: { en: 'The compressed file is damaged or cut short', zh: '压缩文件损坏或不完整' },
  FILE_TOO_LARGE: { en: 'The file is too large', zh: '文件过大' },
  CUT_OFF: { en: 'The file ends in the middle of a line', zh: '文件在行中间截断' },
  FILE_CHANGED: { en: 'The file was changed while it was imported', zh: '导入过程中文件被修改' },
  FILE_MISSING: { en: 'The uploaded file is no longer there', zh: '上传的文件已不存在' },
  RIGHTS_LOST: {
    en: 'Whoever asked for it may not import into this store any more',
    zh: '申请人已无权向该店铺导入',
  },
  BROKE_OFF: {
    en: 'Something unexpected went wrong; importing the file again goes on where it was',
    zh: '发生意外错误；再次导入该文件将从中断处继续',
  },
});
export type ImportFailure = keyof typeof importFailures;
