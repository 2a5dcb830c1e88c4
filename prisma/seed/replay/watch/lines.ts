// The lines of the watcher: one for each event, aligned, in English or Chinese.

import type { Money, OrderItem, ShipmentItem, StockItem, StoreBoard } from './feeds.ts';
import { inColumns } from './width.ts';

export type Language = 'en' | 'zh';

/** How a line looks, in words that the screen turns into colours. */
export type Look = 'plain' | 'good' | 'bad' | 'warning' | 'faint';

export interface Line {
  text: string;
  look: Look;
}

type Words = readonly [en: string, zh: string, look?: Look];

const orderWords: Readonly<Record<string, Words>> = {
  'order.placed': ['placed', '下单'],
  'order.pushed': ['changed', '平台更新'],
  'order.paid': ['paid', '已付款', 'good'],
  'order.partiallyPaid': ['part paid', '部分付款', 'warning'],
  'order.unpaid': ['payment gone', '款项撤回', 'warning'],
  'order.partiallyRefunded': ['part refunded', '部分退款', 'warning'],
  'order.refunded': ['refunded', '已退款', 'warning'],
  'order.stockAwaited': ['waits for stock', '缺货等待', 'warning'],
  'order.stockArrived': ['stock arrived', '到货分配', 'good'],
  'order.confirmationOverdue': ['OVERDUE', '审单超时', 'bad'],
  'order.creditOverdue': ['CREDIT OVERDUE', '账期逾期', 'bad'],
  'order.confirmed': ['confirmed', '已确认', 'good'],
  'order.held': ['held', '挂起', 'warning'],
  'order.released': ['released', '放行'],
  'order.dispatched': ['dispatched', '已发货'],
  'order.delivered': ['delivered', '已送达', 'good'],
  'order.linesCancelled': ['part cancelled', '部分取消', 'warning'],
  'order.cancelled': ['cancelled', '已取消', 'bad'],
  'order.completed': ['completed', '已完成', 'good'],
  'order.remarked': ['remark', '备注', 'faint'],
  'order.flagged': ['flag', '标记', 'faint'],
};

/** Events of parcels on their way. That they left, and that all arrived, is said by the lines of their orders. */
const shipmentWords: Readonly<Record<string, Words>> = {
  'shipment.pickedUp': ['picked up', '已揽收'],
  'shipment.inTransit': ['on its way', '运输中'],
  'shipment.outForDelivery': ['to the door', '派送中'],
  'shipment.atPickupPoint': ['to be fetched', '待自提'],
  'shipment.refused': ['REFUSED', '拒收', 'bad'],
  'shipment.returned': ['came back', '已退回', 'warning'],
  'shipment.lost': ['LOST', '丢失', 'bad'],
  'shipment.exception': ['trouble', '物流异常', 'warning'],
};

/** Events of stock that say something new. Orders that take and give units say it in their own lines. */
const stockWords: Readonly<Record<string, Words>> = {
  'stock.ranLow': ['LOW STOCK', '库存不足', 'warning'],
  'stock.soldOut': ['SOLD OUT', '售罄', 'bad'],
  'stock.recovered': ['recovered', '库存恢复', 'good'],
  'stock.backInStock': ['back in stock', '恢复有货', 'good'],
  'stock.adjusted': ['adjusted', '库存调整'],
  'stock.set': ['counted', '盘点'],
};

const stateWords: Readonly<Record<string, Words>> = {
  PENDING_CONFIRMATION: ['to confirm', '待确认'],
  CONFIRMED: ['confirmed', '已确认'],
  COMPLETED: ['completed', '已完成'],
  CANCELLED: ['cancelled', '已取消'],
};

const paymentWords: Readonly<Record<string, Words>> = {
  UNPAID: ['unpaid', '未付款'],
  PARTIALLY_PAID: ['part paid', '部分付款'],
};

const SUBJECT = 10;
const WHAT = 15;
const STATE = 19;
const AMOUNT = 13;

const inLanguage = (words: Words | undefined, name: string, language: Language): string =>
  (language === 'zh' ? words?.[1] : words?.[0]) ?? name.slice(name.indexOf('.') + 1);

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A time of day on this machine's clock: `14:03:59`. */
export const timeOf = (moment: string | Date): string => time.format(new Date(moment));

const row = (
  at: string,
  subject: string,
  what: string,
  amount: string,
  rest: string,
  width: number,
): string =>
  inColumns(
    `${timeOf(at)}  ${inColumns(subject, SUBJECT)}${inColumns(what, WHAT)}${inColumns(amount, AMOUNT, 'right')}  ${rest}`,
    width,
  ).trimEnd();

/** Whether an event of stock gets a line. The first receipt of a good is no news: everything starts sold out. */
export const isNews = ({ type, version }: StockItem): boolean =>
  type in stockWords && !(type === 'stock.backInStock' && version !== null && version <= 3);

/** Whether an event of a parcel gets a line: what the carrier reports does. */
export const isReport = ({ type }: ShipmentItem): boolean => type in shipmentWords;

export function orderLine({ type, occurredAt, order }: OrderItem, language: Language, width: number): Line {
  const words = orderWords[type];
  const rest = order ? `${inColumns(stateOf(order, language), STATE)}  ${order.store.name}` : '–';
  return {
    text: row(
      occurredAt,
      order?.number ?? '–',
      inLanguage(words, type, language),
      amountOf(order?.total, language),
      rest,
      width,
    ),
    look: words?.[2] ?? 'plain',
  };
}

/** Where an order is, and what keeps it there. */
function stateOf({ state, paymentState, held }: NonNullable<OrderItem['order']>, language: Language): string {
  const isOpen = state === 'PENDING_CONFIRMATION' || state === 'CONFIRMED';
  const unpaid = isOpen && paymentState in paymentWords;
  return [
    inLanguage(stateWords[state], state, language),
    ...(held ? [language === 'zh' ? '挂起' : 'on hold'] : []),
    ...(unpaid && !held ? [inLanguage(paymentWords[paymentState], paymentState, language)] : []),
  ].join(language === 'zh' ? '，' : ', ');
}

export function shipmentLine(
  { type, occurredAt, shipment }: ShipmentItem,
  language: Language,
  width: number,
): Line {
  const words = shipmentWords[type];
  const what = inLanguage(words, type, language);
  const parcel = [shipment?.carrier?.name, shipment?.trackingNumber].filter(Boolean).join(' ');
  return {
    text: row(occurredAt, shipment?.order.number ?? '–', what, '', parcel, width),
    look: words?.[2] ?? 'faint',
  };
}

export function stockLine(
  { type, occurredAt, stock }: StockItem,
  name: string,
  language: Language,
  width: number,
): Line {
  const words = stockWords[type];
  const units = stock?.sellable ?? 0;
  const left = language === 'zh' ? `可售 ${units}` : `${units.toLocaleString('en')} left`;
  const what = inLanguage(words, type, language);
  return {
    text: row(occurredAt, stock?.variant.sku ?? '–', what, left, name, width),
    look: words?.[2] ?? 'plain',
  };
}

const amountOf = (money: Money | undefined, language: Language): string =>
  money
    ? new Intl.NumberFormat(language, { style: 'currency', currency: money.currency }).format(
        money.amount as never,
      )
    : '';

type Column = readonly [
  title: Words,
  columns: number,
  value: (board: StoreBoard, language: Language) => string,
];

const number = (value: number): string => value.toLocaleString('en');
const columns: readonly Column[] = [
  [['to confirm', '待确认'], 11, (board) => number(board.toConfirm)],
  [['on hold', '挂起'], 9, (board) => number(board.onHold)],
  [['orders today', '今日订单'], 14, (board) => number(board.ordersToday)],
  [
    ['sales today', '今日销售额'],
    14,
    ({ salesToday }, language) => salesToday.map((money) => amountOf(money, language)).join('+') || '–',
  ],
  [['low', '不足'], 6, (board) => number(board.lowStock)],
  [['sold out', '售罄'], 10, (board) => number(board.soldOut)],
];
const STORE = 14;

/** The board as a table: titles, then a row for each store. */
export function boardLines(stores: readonly StoreBoard[], language: Language): string[] {
  const rowOf = (name: string, cell: (column: Column) => string) =>
    inColumns(name, STORE) + columns.map((column) => inColumns(cell(column), column[1], 'right')).join('');
  return [
    rowOf('', ([title]) => inLanguage(title, '', language)),
    ...stores.map((board) => rowOf(board.store.name, ([, , value]) => value(board, language))),
  ];
}
