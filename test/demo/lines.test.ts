// The watcher's lines: aligned in columns whatever the language, and no news of what everybody knows.

import { expect, test } from 'vitest';
import type { OrderItem, ShipmentItem, StockItem } from '../../prisma/seed/replay/watch/feeds.ts';
import {
  boardLines,
  isNews,
  isReport,
  orderLine,
  shipmentLine,
  stockLine,
} from '../../prisma/seed/replay/watch/lines.ts';
import { inColumns, widthOf } from '../../prisma/seed/replay/watch/width.ts';

const item = { cursor: 'c', occurredAt: '2026-11-22T10:00:00.000Z', nodeId: 'n', version: 7 };
const order = (store: string): OrderItem => ({
  ...item,
  type: 'order.placed',
  order: {
    number: '100123',
    state: 'PENDING_CONFIRMATION',
    paymentState: 'UNPAID',
    held: true,
    total: { amount: '1234567.50', currency: 'GBP' },
    store: { name: store },
  },
});
const shipment = (type: string): ShipmentItem => ({
  ...item,
  type,
  shipment: {
    trackingNumber: 'RM552259GB',
    carrier: { name: 'Royal Mail' },
    order: { number: '100123' },
  },
});
const stock = (type: string, version = 7): StockItem => ({
  ...item,
  type,
  version,
  stock: { sellable: 3, variant: { sku: '85123A' } },
});

test('Chinese characters take two columns, and text is cut to its columns', () => {
  expect(widthOf('天猫 A')).toBe(6);
  expect(widthOf(inColumns('天猫旗舰店', 7))).toBe(7);
  expect(inColumns('天猫旗舰店', 7)).toBe('天猫旗…');
  expect(inColumns('天猫旗舰店', 6)).toBe('天猫… ');
  expect(inColumns('ab', 4, 'right')).toBe('  ab');
});

test('lines of orders, parcels and stock are at most as wide as the terminal and start their columns at the same place', () => {
  const lines = [
    orderLine(order('Gift shop with a long name'), 'en', 80),
    orderLine(order('天猫旗舰店'), 'zh', 80),
    shipmentLine(shipment('shipment.pickedUp'), 'en', 80),
    shipmentLine(shipment('shipment.pickedUp'), 'zh', 80),
    stockLine(stock('stock.soldOut'), 'WHITE HANGING HEART T-LIGHT HOLDER', 'en', 80),
    stockLine(stock('stock.soldOut'), '纯棉T恤（白色，大号）纯棉T恤（白色，大号）', 'zh', 80),
  ];
  for (const { text } of lines) expect(widthOf(text)).toBeLessThanOrEqual(80);
  const column = (text: string, word: RegExp) => widthOf(text.slice(0, text.search(word)));
  expect(lines.map(({ text }) => column(text, /placed|下单|picked up|已揽收|SOLD OUT|售罄/))).toEqual(
    Array(6).fill(20),
  );
  expect(lines.map(({ text }) => column(text, /to confirm|待确认|Royal|WHITE|纯棉/))).toEqual(
    Array(6).fill(50),
  );
});

test('an open order says what keeps it: a hold, or that it is not paid', () => {
  const shown = (facts: Partial<NonNullable<OrderItem['order']>>, language: 'en' | 'zh' = 'en') => {
    const { order: known, ...rest } = order('Shop');
    const { text } = orderLine({ ...rest, order: known && { ...known, ...facts } }, language, 80);
    return text.slice(text.search(/to confirm|待确认|cancelled|completed/));
  };
  expect(shown({})).toMatch(/^to confirm, on hold {2,}Shop$/);
  expect(shown({ held: false })).toMatch(/^to confirm, unpaid {2,}Shop$/);
  expect(shown({ held: false }, 'zh')).toMatch(/^待确认，未付款 {2,}Shop$/);
  expect(shown({ held: false, paymentState: 'PAID' })).toMatch(/^to confirm {2,}Shop$/);
  expect(shown({ held: false, state: 'CANCELLED' })).toMatch(/^cancelled {2,}Shop$/);
});

test('of parcels it tells what the carrier reports: that they left and arrived is said of their orders', () => {
  expect(isReport(shipment('shipment.pickedUp'))).toBe(true);
  expect(isReport(shipment('shipment.lost'))).toBe(true);
  for (const type of ['prepared', 'dispatched', 'delivered'])
    expect(isReport(shipment(`shipment.${type}`))).toBe(false);
  expect(shipmentLine(shipment('shipment.lost'), 'en', 80).look).toBe('bad');
});

test('sold-out and low stock stand out', () => {
  expect(stockLine(stock('stock.soldOut'), '', 'en', 80).look).toBe('bad');
  expect(stockLine(stock('stock.ranLow'), '', 'en', 80).look).toBe('warning');
});

test('what orders take from stock and the first receipt of a good are no news', () => {
  expect(isNews(stock('stock.allocated'))).toBe(false);
  expect(isNews(stock('stock.backInStock', 3))).toBe(false);
  expect(isNews(stock('stock.backInStock', 9))).toBe(true);
  expect(isNews(stock('stock.ranLow'))).toBe(true);
});

test('the board is a table in which every number ends under its title', () => {
  const store = {
    store: { code: 'main', name: '白班自营商城' },
    toConfirm: 12,
    onHold: 3,
    ordersToday: 1_234,
    salesToday: [{ amount: '98765.40', currency: 'GBP' }],
    lowStock: 7,
    soldOut: 0,
  };
  for (const language of ['en', 'zh'] as const) {
    const lines = boardLines([store, { ...store, salesToday: [] }], language);
    expect(new Set(lines.map(widthOf)).size).toBe(1);
    expect(widthOf(lines[0] ?? '')).toBeLessThanOrEqual(80);
  }
});
