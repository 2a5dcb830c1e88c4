// The recorded orders: what is read from the file, what goods are behind it, and what is to be done when.

import { isSupportedCountry } from 'libphonenumber-js';
import { expect, test } from 'vitest';
import { type Channel, channelOf, hasAccount, neverPays } from '../../prisma/seed/replay/channels.ts';
import { receiverOf } from '../../prisma/seed/replay/customers.ts';
import { goodsOf } from '../../prisma/seed/replay/goods.ts';
import { gapsOf, ORDER_LINES_MAX, ordersOf, stepsOf } from '../../prisma/seed/replay/plan.ts';
import { parseRecording, readRecording } from '../../prisma/seed/replay/recording.ts';
import { pricesInSlice, sliceCsv } from './slice.ts';

const HEAD = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const recording = readRecording();
const linesOf = (csv: string) => parseRecording(`${HEAD}\n${csv}`).flatMap((invoice) => invoice.lines);

test('the recording has the invoices and lines that its credit says', () => {
  expect(recording).toHaveLength(875);
  expect(recording.filter((invoice) => invoice.cancels)).toHaveLength(117);
  expect(recording.flatMap((invoice) => invoice.lines)).toHaveLength(16_665);
});

test('each line is judged for what it is, and quoted commas, lower case codes and missing fields are read', () => {
  const lines = linesOf(
    [
      '1,85123a,"METAL SIGN,CUPCAKE ",6,2011-05-08 10:33:00,1.25,14005.0,United Kingdom',
      '1,POST,POSTAGE,1,2011-05-08 10:33:00,18.0,14005.0,France',
      '1,gift_0001_10,Voucher £10.00,1,2011-05-08 10:33:00,8.33,,United Kingdom',
      '1,BANK CHARGES,,1,2011-05-08 10:33:00,15.0,,United Kingdom',
      '2,22423,,-30,2011-05-08 10:34:00,0.0,,United Kingdom',
      '3,22423,CAKESTAND,1,2011-05-08 10:35:00,0.0,,United Kingdom',
      'C4,22423,CAKESTAND,-2,2011-05-08 10:36:00,12.75,14005.0,United Kingdom',
    ].join('\n'),
  );
  expect(lines.map((line) => line.kind)).toEqual([
    'SALE',
    'NO_PRODUCT',
    'NO_PRODUCT',
    'NO_PRODUCT',
    'STOCK_CORRECTION',
    'WITHOUT_PRICE',
    'CANCELLATION',
  ]);
  expect(lines[0]).toMatchObject({ code: '85123A', description: 'METAL SIGN,CUPCAKE', unitPriceMinor: 125n });
  expect(lines[6]).toMatchObject({ quantity: 2 });
});

test('a good has the name and the price that its lines say most often', () => {
  const invoices = parseRecording(
    [
      HEAD,
      '1,22423,REGENCY CAKESTAND,1,2011-05-08 10:33:00,10.95,,United Kingdom',
      '2,22423,REGENCY CAKESTAND 3 TIER,1,2011-05-08 10:34:00,12.75,,United Kingdom',
      '3,22423,REGENCY CAKESTAND 3 TIER,1,2011-05-08 10:35:00,12.75,,United Kingdom',
      '4,22423,damaged,-9,2011-05-08 10:36:00,0.0,,United Kingdom',
      'C5,99999,NEVER SOLD,-1,2011-05-08 10:37:00,1.0,,United Kingdom',
    ].join('\n'),
  );
  const goods = goodsOf(invoices);
  expect([...goods.keys()]).toEqual(['22423']);
  expect(goods.get('22423')).toMatchObject({ name: 'REGENCY CAKESTAND 3 TIER', priceMinor: 1275n });
  const prices = [...goodsOf(parseRecording(sliceCsv)).values()].map((good) => [
    good.code,
    Number(good.priceMinor),
  ]);
  expect(new Map(prices as [string, number][])).toEqual(pricesInSlice());
});

test('an invoice with more lines than an order may have becomes several orders', () => {
  const row = (code: number) => `1,${20_000 + code},GOOD,1,2011-05-08 10:33:00,1.0,,United Kingdom`;
  const csv = [HEAD, ...Array.from({ length: 2 * ORDER_LINES_MAX + 1 }, (_, i) => row(i))].join('\n');
  const orders = parseRecording(csv).flatMap(ordersOf);
  expect(orders.map((order) => order.reference)).toEqual(['1-1', '1-2', '1-3']);
  expect(orders.map((order) => order.lines.length)).toEqual([ORDER_LINES_MAX, ORDER_LINES_MAX, 1]);
});

test('a third of the orders each comes by telephone, from the own site and from the marketplace, and few customers register', () => {
  const orders = recording.flatMap(ordersOf);
  const shares = (['TELEPHONE', 'OWN_SITE', 'MARKETPLACE'] satisfies Channel[]).map(
    (channel) => orders.filter((order) => order.channel === channel).length / orders.length,
  );
  for (const share of shares) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.05);
  const onSite = orders.filter((order) => order.channel === 'OWN_SITE').map((order) => order.invoice);
  const accounts = new Set(onSite.map(({ customerId }) => customerId).filter((id) => id && hasAccount(id)));
  expect(accounts.size).toBeGreaterThan(10);
  expect(accounts.size).toBeLessThan(30);
  const unpaid = onSite.filter(neverPays);
  expect(unpaid.length).toBeGreaterThan(3);
  expect(unpaid.every(({ customerId }) => customerId === null)).toBe(true);
});

test('a customer keeps to one way of ordering', () => {
  const ways = Map.groupBy(recording, ({ customerId }) => customerId);
  ways.delete(null);
  for (const own of ways.values()) expect(new Set(own.map(channelOf)).size).toBe(1);
});

test('steps stand in the order of time, nights are skipped, and an order is confirmed only after its hold', () => {
  const steps = stepsOf(recording, goodsOf(recording));
  expect(steps.map((step) => step.at)).toEqual(steps.map((step) => step.at).sort((a, b) => a - b));
  expect(Math.max(...gapsOf(steps))).toBe(10 * 60_000);
  const held = steps.flatMap((step) => (step.kind === 'HOLD' ? [step.order.reference] : []));
  expect(held.length).toBeGreaterThan(10);
  for (const reference of held) {
    const own = steps.filter((step) => 'order' in step && step.order.reference === reference);
    const kinds = own.flatMap((step) =>
      step.kind === 'ADVANCE' ? (step.milestones.at(-1) ?? []) : step.kind === 'PUSH_AGAIN' ? [] : step.kind,
    );
    const life = ['PLACE', 'HOLD', 'RELEASE', 'CONFIRMED', 'DISPATCHED', 'PICKED_UP', 'IN_TRANSIT'];
    const later = ['DELIVERED', 'COMPLETED'];
    const withoutPayment = kinds.filter((kind) => kind !== 'PAID');
    if (withoutPayment.at(-1) !== 'CLOSE_UNPAID')
      expect(withoutPayment).toEqual([...life, ...later].slice(0, withoutPayment.length));
  }
});

test('every customer of the recording has a contact and an address that an order takes, always the same', () => {
  for (const invoice of recording) {
    const { contact, address } = receiverOf(invoice, invoice.number);
    expect(isSupportedCountry(address.country), invoice.country).toBe(true);
    expect(address.city).not.toBe('');
    expect(contact.email).toMatch(/^(customer-\d{5}|guest)\+C?\d{6}@example\.com$/);
  }
  const [first] = recording;
  if (first)
    expect(receiverOf({ ...first, number: '1' }, 'A')).toEqual(receiverOf({ ...first, number: '2' }, 'A'));
});
