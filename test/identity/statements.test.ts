// How many SQL statements reading customers sends, whatever the number of rows.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { address } from '../setup/goods.ts';

const { admin, given, sql, statementsOf } = await startApp({ env: { BACKGROUND: 'off' } });

const CUSTOMERS = `query ($first: Int!) { customers(first: $first) { totalCount edges { node {
  name email phone masked state
  addresses(first: 2) { totalCount edges { node { name lines customer { name } } } }
  sessions(first: 2) { totalCount edges { node { createdAt } } }
  timeline(first: 2) { edges { node { type } } } } } } }`;

test('C46 G8 customers with all that hangs on them cost as many statements for 100 rows as for 1', {
  timeout: 60_000,
}, async () => {
  for (let i = 0; i < 10; i++) {
    const client = await given.customer();
    await client.act('customerAddressKeep', { name: 'A', address });
  }
  // One address makes twenty accounts in a day.
  await sql(`WITH made AS (
      INSERT INTO customer (id, password_hash, created_at)
      SELECT gen_random_uuid(), max(password_hash), now() FROM customer, generate_series(1, 90) n GROUP BY n
      RETURNING id)
    INSERT INTO person_customer (customer_id, name, email) SELECT id, 'A copy', id || '@test.example' FROM made`);
  const costOf = async (first: number) => {
    const answer = () => admin.ok<{ customers: { edges: object[] } }>(CUSTOMERS, { first });
    expect((await answer()).customers.edges).toHaveLength(first);
    return (await statementsOf(answer)).length;
  };
  // The session, the page with the histories, and its count.
  expect([await costOf(1), await costOf(10), await costOf(100)]).toEqual([3, 3, 3]);
});
