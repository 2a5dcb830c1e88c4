// How many SQL statements remarks and mentions cost, whatever the number of rows.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { shopIn } from './shop.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [1_000]);
const [clerk, named] = [
  await app.given.staff({ posts: ['order_clerk'] }),
  await app.given.staff({ posts: ['customer_service'] }),
];

const remark = (orderId: string, mentionIds: readonly (string | null)[] = []) =>
  clerk.act('orderRemark', { orderId, text: 'Please look at this.', mentionIds }, 'orderRemark { id }');

const cost = async (work: () => Promise<unknown>) => (await app.statementsOf(work)).length;

const ORDERS = `query ($n: Int!) { orders(first: $n) { edges { node {
  flag contact { name phone address { lines } }
  remarks(first: 2) { totalCount edges { node { text author { name } mentioned { name } } } } } } } }`;

const MENTIONS = `query ($n: Int!) { viewerMentions(first: $n) { totalCount edges { node {
  readAt remark { text author { name } order { number store { name } } } } } } }`;

test('G8 remarks, mentions and contacts are read in as many statements for fifty as for one', async () => {
  const counts: object[] = [];
  let written = 0;
  for (const rows of [1, 10, 50]) {
    for (; written < rows; written++) {
      const { id } = await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
      await remark(id, [named.staffId, clerk.staffId]);
    }
    counts.push({
      orders: await cost(() => named.ok(ORDERS, { n: rows })),
      mentions: await cost(() => named.ok(MENTIONS, { n: rows })),
    });
  }
  // The session and the page with all that hangs on it; of mentions the count as well.
  expect(counts).toEqual(Array(3).fill({ orders: 2, mentions: 3 }));
}, 60_000);

test('G12 a remark that names twenty colleagues costs as many statements as one that names a single one', async () => {
  const colleagues: (string | null)[] = [];
  for (let i = 0; i < 20; i++)
    colleagues.push((await app.given.staff({ posts: ['customer_service'] })).staffId);
  const { id } = await shop.place(at.storeId, [{ variantId, quantity: 1 }]);
  const one = await cost(() => remark(id, colleagues.slice(0, 1)));
  expect(await cost(() => remark(id, colleagues))).toBe(one);
}, 60_000);
