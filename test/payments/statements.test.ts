// Statements that reading money costs: none of them grows with the rows.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { tillIn } from './till.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const till = tillIn(app);

test('G8 payments and refunds of a page of orders and of their lists cost as many statements for one row as for five', async () => {
  const at = await till.shop.open({ policies: {} });
  const gateway = await till.gateway({ callable: false });
  for (let i = 0; i < 5; i++) {
    const order = await till.order({ at });
    await till.pay(order, gateway);
    await till.record(order, '5.00');
  }
  const documents = [
    (first: number) => `{ orders(first: ${first}) { edges { node { payment { isCovered outstanding { amount }
      payments { totalCount edges { node { state connectionCode order { number } refunds { edges { node { state } } } } } }
      refunds { totalCount edges { node { reason allowedActions { action } lines { totalCount } payment { method } } } }
      ledger { edges { node { counter refund { reason } } } } } } } } }`,
    (first: number) =>
      `{ payments(first: ${first}) { edges { node { amount { amount } order { number } timeline { edges { node { type } } } } } } }`,
    (first: number) =>
      `{ refunds(first: ${first}) { edges { node { order { number } payment { connectionCode } lines { edges { node { quantity } } } } } } }`,
  ];
  for (const document of documents) {
    await app.admin.ok(document(5));
    const [one, five] = [
      await app.statementsOf(() => app.admin.ok(document(1))),
      await app.statementsOf(() => app.admin.ok(document(5))),
    ];
    expect(five.length, document(5)).toBe(one.length);
  }
});
