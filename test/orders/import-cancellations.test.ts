// Cancellations of a file: which earlier units they take back, and what becomes of those that nobody knows.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { csvOf, importingIn, linesOf, orderOf, type Row } from './importing.ts';

const app = await startApp();
const importing = importingIn(app);

const units = (orders: Awaited<ReturnType<typeof importing.orders>>, invoice: string) =>
  linesOf(orderOf(orders, invoice)).map(({ quantity, cancelled, dispatched }) => [
    quantity,
    cancelled,
    dispatched,
  ]);

const cancel = (row: Row): Row => ({ ...row, quantity: -Number(row.quantity ?? 1) });

test.concurrent('a cancellation takes back the newest units of the same customer and good, at the price they were sold for', async () => {
  const storeId = await importing.store();
  const result = await importing.run(
    storeId,
    csvOf(
      { invoice: '1001', quantity: 10, price: '2.00', date: '2011-01-01 10:00' },
      { invoice: '1002', quantity: 4, price: '3.00', date: '2011-01-02 10:00' },
      { invoice: '1003', quantity: 4, price: '3.00', date: '2011-01-02 11:00', customer: '12346' },
      cancel({ invoice: 'C1004', quantity: 6, price: '9.99', date: '2011-01-03 10:00' }),
      // Bought only after it was cancelled: not what was meant.
      { invoice: '1005', quantity: 4, price: '3.00', date: '2011-01-04 10:00' },
      cancel({ invoice: 'C1006', quantity: 20, price: '3.00', date: '2011-01-03 12:00', customer: '12346' }),
    ),
  );
  expect(importing.counts(result)).toEqual({ SOLD: 4, CANCELLED: 1, CANCELLED_IN_PART: 1 });
  expect(result.problems.edges.map(({ node }) => [node.line, node.outcome])).toEqual([
    [7, 'CANCELLED_IN_PART'],
  ]);
  const orders = await importing.orders(storeId);
  expect(units(orders, '1001')).toEqual([[10, 2, 8]]);
  expect(orderOf(orders, '1001')).toMatchObject({
    state: 'COMPLETED',
    total: { amount: '16.00' },
    version: 2,
  });
  expect(units(orders, '1002')).toEqual([[4, 4, 0]]);
  expect(orderOf(orders, '1002')).toMatchObject({
    state: 'CANCELLED',
    fulfilmentState: 'UNFULFILLED',
    total: { amount: '0.00' },
    cancelledAt: '2011-01-03T10:00:00.000Z',
  });
  expect(units(orders, '1003')).toEqual([[4, 4, 0]]);
  expect(units(orders, '1005')).toEqual([[4, 0, 4]]);
  const { node } = await app.admin.ok<{ node: unknown }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { timeline { edges { node { type version payload } } } } } }',
    { id: orderOf(orders, '1001').id },
  );
  expect(node).toMatchObject({
    timeline: {
      edges: [
        { node: { type: 'order.imported', version: 1 } },
        {
          node: {
            type: 'order.importCancelled',
            version: 2,
            payload: { cancellation: 'C1004', lines: [{ sku: '22423', quantity: 2 }] },
          },
        },
      ],
    },
  });
});

test.concurrent('it finds what earlier files sold, keeps the freight, and is taken over once', async () => {
  const storeId = await importing.store();
  await importing.run(
    storeId,
    csvOf(
      { invoice: '2001', quantity: 3, price: '5.00' },
      { invoice: '2001', code: 'POST', quantity: 1, price: '18.00' },
    ),
  );
  const cancellation = cancel({ invoice: 'C2002', quantity: 3, price: '5.00', date: '2010-12-05 09:00' });
  expect(importing.counts(await importing.run(storeId, csvOf(cancellation)))).toEqual({ CANCELLED: 1 });
  const again = csvOf(cancellation, { invoice: '2003' });
  expect(importing.counts(await importing.run(storeId, again))).toEqual({ SOLD: 1, ALREADY_IMPORTED: 1 });
  const orders = await importing.orders(storeId);
  expect(units(orders, '2001')).toEqual([[3, 3, 0]]);
  expect(orderOf(orders, '2001')).toMatchObject({
    state: 'COMPLETED',
    total: { amount: '18.00' },
    freight: { amount: '18.00' },
  });
});

test.concurrent('C52 what belongs to no known purchase is rejected with its reason, in the language of whoever asks', async () => {
  const storeId = await importing.store();
  const result = await importing.run(
    storeId,
    csvOf(
      { invoice: '3001', quantity: 3 },
      cancel({ invoice: 'C3002', customer: '' }),
      cancel({ invoice: 'C3003', customer: '99999' }),
      cancel({ invoice: 'C3004', code: '21730' }),
      cancel({ invoice: 'C3005', code: 'POST' }),
      cancel({ invoice: 'C3006', code: 'D', description: 'Discount' }),
      { invoice: 'C3007', quantity: 1 },
    ),
  );
  expect(result).toMatchObject({ state: 'COMPLETED', linesRead: 7, linesImported: 1, linesRejected: 6 });
  expect(result.problems.edges.map(({ node }) => node.outcome)).toEqual([
    'CANCELLATION_OF_GUEST',
    'CANCELLATION_UNKNOWN',
    'CANCELLATION_UNKNOWN',
    'CREDIT_WITHOUT_GOODS',
    'ACCOUNT_ENTRY',
    'CANCELLATION_WITHOUT_CREDIT',
  ]);
  expect(result.problems.edges[0]?.node).toMatchObject({
    line: 3,
    reason: 'Cancelled by a guest: whose order it was is not known',
    text: 'C3002,22423,REGENCY CAKESTAND 3 TIER,-1,2010-12-01 08:26:00,12.75,,United Kingdom',
  });
  const chinese = await importing.read(result.id, app.admin.speaking('zh'));
  expect(chinese.problems.edges[0]?.node.reason).toBe('访客取消，无法确定原订单');
  const { customers } = await app.admin.ok<{ customers: { totalCount: number } }>(
    '{ customers(where: { externalReference: "99999" }) { totalCount } }',
  );
  expect(customers.totalCount).toBe(0);
});
