// Taking over past orders from a file: what its lines become, and that nothing else follows from them.

import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { csvOf, importingIn, linesOf, orderOf } from './importing.ts';

const app = await startApp();
const importing = importingIn(app);
const storeId = await importing.store();
const locationId = await app.given.location({ stores: [storeId] });

/** A comma, quotes, a line break, thousands, nothing paid, no name, small letters, the same line twice, a guest abroad. */
const first = csvOf(
  {
    invoice: '536365',
    code: '85123a',
    description: 'WHITE HANGING HEART T-LIGHT HOLDER',
    quantity: 6,
    price: '2.55',
  },
  {
    invoice: '536365',
    code: '85123A',
    description: 'WHITE HANGING HEART T-LIGHT HOLDER',
    quantity: 6,
    price: '2.55',
  },
  { invoice: '536365', code: 'POST', description: 'POSTAGE', quantity: 2, price: '9.00' },
  {
    invoice: '536366',
    code: '22139',
    description: 'RETRO, "SPOT"\nTEASET',
    quantity: 4300,
    price: '0.29',
    customer: '',
    country: 'EIRE',
  },
  { invoice: '536366', code: '22139', description: '', price: '0.0', customer: '', country: 'EIRE' },
  {
    invoice: '536367',
    code: '85123A',
    description: 'CREAM HANGING HEART',
    date: '2011-07-01 08:26:00',
    customer: '12346.0',
    country: 'Channel Islands',
  },
  { invoice: '536368', code: 'DOT', description: 'DOTCOM POSTAGE', price: '569.77', customer: '' },
);
const imported = await importing.run(storeId, first, { fileName: 'first.csv' });

describe('what lines become', () => {
  test('C52 an import is a job: its lines are counted as they are done with, each with what became of it', () => {
    expect(imported).toMatchObject({
      state: 'COMPLETED',
      fileName: 'first.csv',
      lineCount: 7,
      linesRead: 7,
      linesImported: 7,
      linesRejected: 0,
      problems: { totalCount: 0 },
    });
    expect(imported.outcomes).toEqual([
      { outcome: 'SOLD', isRejected: false, lines: 5, units: 4314, amount: { amount: '1290.35' } },
      { outcome: 'FREIGHT', isRejected: false, lines: 2, units: 3, amount: { amount: '587.77' } },
    ]);
  });

  test('an invoice is an order, with every line of it, its freight, its customer and the moment in the store’s time zone', async () => {
    const orders = await importing.orders(storeId);
    const order = orderOf(orders, '536365');
    expect(order).toMatchObject({
      state: 'COMPLETED',
      paymentState: 'PAID',
      fulfilmentState: 'DELIVERED',
      placedAt: '2010-12-01T08:26:00.000Z',
      total: { amount: '48.60', currency: 'GBP' },
      freight: { amount: '18.00' },
      customer: { externalReference: '17850' },
      contact: { name: '', masked: true, address: { country: 'GB', region: null } },
    });
    expect(
      linesOf(order).map(({ sku, quantity, dispatched, total }) => [sku, quantity, dispatched, total.amount]),
    ).toEqual([
      ['85123A', 6, 6, '15.30'],
      ['85123A', 6, 6, '15.30'],
    ]);
    const abroad = orderOf(orders, '536366');
    expect(abroad).toMatchObject({ customer: null, total: { amount: '1247.00' } });
    expect(abroad.contact.address.country).toBe('IE');
    expect(linesOf(abroad).map(({ name, quantity }) => [name, quantity])).toEqual([
      ['RETRO, "SPOT" TEASET', 4300],
      ['RETRO, "SPOT" TEASET', 1],
    ]);
    expect(orderOf(orders, '536367')).toMatchObject({
      placedAt: '2011-07-01T07:26:00.000Z',
      contact: { address: { country: 'ZZ', region: 'Channel Islands' } },
    });
    expect(orderOf(orders, '536368')).toMatchObject({
      total: { amount: '569.77' },
      freight: { amount: '569.77' },
      lines: { edges: [] },
    });
  });

  test('C1 goods that the catalog lacks become drafts, named as most lines name them, found by search and not published unreviewed', async () => {
    const { products } = await app.admin.ok<{
      products: {
        edges: {
          node: {
            name: string;
            variants: unknown;
            publishedVersion: unknown;
            versionInWork: { id: string; state: string; version: number };
          };
        }[];
      };
    }>(
      `{ products(where: { search: "hanging heart holder" }) { edges { node { name publishedVersion { id }
        versionInWork { id state version } variants { edges { node { sku } } } } } } }`,
    );
    expect(products.edges.map(({ node }) => node)).toMatchObject([
      {
        name: 'WHITE HANGING HEART T-LIGHT HOLDER',
        publishedVersion: null,
        versionInWork: { state: 'DRAFT' },
        variants: { edges: [{ node: { sku: '85123A' } }] },
      },
    ]);
    const productVersionId = products.edges[0]?.node.versionInWork.id ?? '';
    const refused = await app.admin.refusal('productPublish', { productVersionId });
    expect(refused.map(({ code }) => code)).toEqual(['REVIEW_REQUIRED']);
  });

  test('C51 customers and goods are known again by their numbers: more orders of them make no second ones', async () => {
    const more = csvOf(
      { invoice: '536400', code: '85123A', description: 'CREAM HANGING HEART' },
      { invoice: '536401', code: '85123A', description: 'CREAM HANGING HEART' },
    );
    expect(await importing.run(storeId, more)).toMatchObject({ state: 'COMPLETED', linesImported: 2 });
    const found = await app.admin.ok<{
      customers: { totalCount: number; edges: { node: { orders: { totalCount: number } } }[] };
    }>(
      '{ customers(where: { externalReference: "17850" }) { totalCount edges { node { name email orders { totalCount } } } } }',
    );
    expect(found.customers).toMatchObject({
      totalCount: 1,
      edges: [{ node: { name: '', email: null, orders: { totalCount: 3 } } }],
    });
    const { variantBySku } = await app.admin.ok<{ variantBySku: { product: { name: string } } }>(
      '{ variantBySku(sku: "85123a") { product { name } } }',
    );
    expect(variantBySku.product.name).toBe('CREAM HANGING HEART');
  });
});

describe('imported orders are inert', () => {
  test('no stock, no clock, no money and no act: only one event, which every list and timeline has', async () => {
    const { id } = orderOf(await importing.orders(storeId), '536365');
    const { node } = await app.admin.ok<{ node: Record<string, unknown> }>(
      `query ($id: ID!) { node(id: $id) { ... on Order {
        deadlines { kind } holds { totalCount } allowedActions { allowed }
        payment { due { amount } outstanding { amount } isCovered payments { totalCount } ledger { totalCount } }
        lines { edges { node { allocations { quantity } } } }
        timeline { edges { node { type version payload } } }
      } } }`,
      { id },
    );
    expect(node).toMatchObject({
      deadlines: [],
      holds: { totalCount: 0 },
      payment: {
        due: { amount: '0.00' },
        outstanding: { amount: '0.00' },
        isCovered: true,
        payments: { totalCount: 0 },
        ledger: { totalCount: 0 },
      },
      lines: { edges: [{ node: { allocations: [] } }, { node: { allocations: [] } }] },
      timeline: {
        edges: [
          {
            node: {
              type: 'order.imported',
              version: 1,
              payload: { reference: '536365', total: '48.60', currency: 'GBP', lineCount: 2 },
            },
          },
        ],
      },
    });
    expect((node.allowedActions as { allowed: boolean }[]).some(({ allowed }) => allowed)).toBe(false);
    const board = await app.admin.ok<{ board: { stores: unknown[] } }>(
      'query ($ids: [ID!]) { board(storeIds: $ids) { stores { toConfirm toDispatch overdue ordersToday lowStock soldOut salesToday { amount } } } }',
      { ids: [storeId] },
    );
    expect(board.board.stores).toEqual([
      { toConfirm: 0, toDispatch: 0, overdue: 0, ordersToday: 0, lowStock: 0, soldOut: 0, salesToday: [] },
    ]);
    const told = await app.sql<{ type: string }>(
      `SELECT DISTINCT type FROM event WHERE type ~ '^(stock|payment|refund|shipment)'`,
    );
    expect(told).toEqual([]);
  });

  test('what was written off is told by the ledger only: the stock of today does not move, and nobody is warned', async () => {
    const { variantId } = await app.given.stockedVariant({
      store: storeId,
      location: locationId,
      onHand: 5,
      currency: 'GBP',
      product: { skus: ['22028'] },
    });
    const file = csvOf({
      invoice: '537000',
      code: '22028',
      description: 'damaged',
      quantity: -20,
      price: '0.0',
      customer: '',
      date: '2010-12-03 15:30:00',
    });
    const result = await importing.run(storeId, file);
    expect(importing.counts(result)).toEqual({ STOCK_ADJUSTED: 1 });
    const { node } = await app.admin.ok<{ node: { stocks: { edges: { node: { id: string } }[] } } }>(
      `query ($id: ID!) { node(id: $id) { ... on Variant { stocks { edges { node { id onHand sellable low soldOut
        ledger(first: 10) { edges { node { cause delta after reason occurredAt } } } } } } } } }`,
      { id: variantId },
    );
    const ledger = [
      {
        cause: 'ADJUSTMENT',
        delta: -20,
        after: 5,
        reason: '537000: damaged',
        occurredAt: '2010-12-03T15:30:00.000Z',
      },
      { cause: 'RECEIPT', delta: 20, after: 25, occurredAt: '2010-12-03T15:30:00.000Z' },
    ];
    expect(node.stocks.edges).toMatchObject([
      {
        node: {
          onHand: 5,
          sellable: 5,
          low: false,
          soldOut: false,
          ledger: {
            edges: [{ node: { cause: 'RECEIPT', delta: 5 } }, ...ledger.map((entry) => ({ node: entry }))],
          },
        },
      },
    ]);
    const { events } = await app.admin.ok<{ events: { edges: { node: { type: string } }[] } }>(
      'query ($id: ID!) { events(where: { nodeId: $id }, orderBy: OLDEST) { edges { node { type } } } }',
      { id: node.stocks.edges[0]?.node.id },
    );
    expect(events.edges.map((edge) => edge.node.type)).toEqual([
      'stock.received',
      'stock.backInStock',
      'stock.imported',
    ]);
  });
});
