// Opening and changing stores.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';
import { atOnce, brief, goodsIn } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);
const opening = (wishes: object = {}) => ({
  code: uniqueName('store'),
  platform: 'TMALL',
  texts: [
    { locale: 'en', name: 'Flagship' },
    { locale: 'zh', name: '旗舰店 🎉' },
  ],
  currencies: ['CNY', 'JPY'],
  ...wishes,
});
const FIELDS = `store { id code name platform timeZone currencies freight { amount currency }
  freightFreeFrom { amount currency } lineQuantityMax version timeline { edges { node { type version changes { field before after } } } } }`;

test('a store keeps what it was opened with, named in the language of the request', async () => {
  const { store } = await app.admin.speaking('zh-CN').act<{ store: object }>(
    'storeOpen',
    opening({
      timeZone: 'Asia/Tokyo',
      freight: { amount: '8', currency: 'CNY' },
      freightFreeFrom: { amount: '99.00', currency: 'CNY' },
      lineQuantityMax: 50,
    }),
    FIELDS,
  );
  expect(store).toMatchObject({
    name: '旗舰店 🎉',
    platform: 'TMALL',
    timeZone: 'Asia/Tokyo',
    currencies: ['CNY', 'JPY'],
    freight: { amount: '8.00', currency: 'CNY' },
    freightFreeFrom: { amount: '99.00', currency: 'CNY' },
    lineQuantityMax: 50,
    version: 1,
  });
});

test('every fault in the shape of a store is refused at once, with its path', async () => {
  const refused = await app.admin.refusal('storeOpen', {
    code: 'Not A Code',
    platform: 'JD',
    texts: [
      { locale: 'en', name: '' },
      { locale: 'en', name: 'x'.repeat(81) },
    ],
    timeZone: 'Mars/Olympus',
    currencies: ['CNY', 'CNY'],
    freight: { amount: '1.234', currency: 'CNY' },
    freightFreeFrom: { amount: '0', currency: 'CNY' },
    lineQuantityMax: 0,
  });
  expect(brief(refused).sort()).toEqual([
    'DUPLICATE input.currencies.1',
    'INVALID input.code',
    'INVALID input.freight.amount',
    'INVALID input.timeZone',
    'OUT_OF_RANGE input.freightFreeFrom.amount',
    'OUT_OF_RANGE input.lineQuantityMax',
    'REQUIRED input.texts.0.name',
    'TOO_LONG input.texts.1.name',
  ]);
});

test('a taken code and freight in another than the first currency are refused together', async () => {
  const code = uniqueName('store');
  await app.admin.act('storeOpen', opening({ code }));
  const refused = await app.admin.refusal(
    'storeOpen',
    opening({ code, freight: { amount: '800', currency: 'JPY' } }),
  );
  expect(brief(refused)).toEqual(['ALREADY_EXISTS input.code', 'FREIGHT_CURRENCY input.freight.currency']);
});

test('of two stores opened at once with one code one is refused', async () => {
  const input = opening();
  const payloads = await atOnce(app.admin, 'storeOpen', Array(5).fill(input), 'store { id }');
  expect(payloads.filter(({ store }) => store)).toHaveLength(1);
  expect(payloads.flatMap(({ userErrors }) => brief(userErrors))).toEqual(
    Array(4).fill('ALREADY_EXISTS input.code'),
  );
});

test('only who acts in all stores opens one', async () => {
  const storeId = await goods.store();
  const manager = await app.given.staff({ permissions: ['stores.manage'], stores: [storeId] });
  expect(brief(await manager.refusal('storeOpen', opening()))).toEqual(['NOT_PERMITTED input']);
  const clerk = await app.given.staff({ permissions: [] });
  const document = 'mutation ($input: StoreOpenInput!) { storeOpen(input: $input) { userErrors { code } } }';
  expect(await clerk.codes(document, { input: opening() })).toEqual(['FORBIDDEN']);
});

test('C55 a change raises the version by one and tells each field before and after', async () => {
  const storeId = await goods.store();
  const { store } = await app.admin.act<{ store: { timeline: { edges: { node: object }[] } } }>(
    'storeChange',
    { storeId, expectedVersion: 1, texts: [{ locale: 'zh', name: '新店' }], lineQuantityMax: 7 },
    FIELDS,
  );
  expect(store).toMatchObject({ name: '新店', lineQuantityMax: 7, version: 2 });
  await expect
    .poll(async () => {
      const { node } = await app.admin.ok<{ node: { timeline: { edges: { node: object }[] } } }>(
        'query ($id: ID!) { node(id: $id) { ... on Store { timeline { edges { node { type version changes { field before after } } } } } } }',
        { id: storeId },
      );
      return node.timeline.edges.map((edge) => edge.node);
    })
    .toEqual([
      { type: 'store.opened', version: 1, changes: [] },
      {
        type: 'store.changed',
        version: 2,
        changes: [
          { field: 'names', before: { en: 'A store' }, after: { zh: '新店' } },
          { field: 'lineQuantityMax', before: 10000, after: 7 },
        ],
      },
    ]);
});

test('a change by an outdated reader is refused and changes nothing', async () => {
  const storeId = await goods.store();
  await app.admin.act('storeChange', { storeId, expectedVersion: 1, lineQuantityMax: 7 });
  const refused = await app.admin.refusal('storeChange', {
    storeId,
    expectedVersion: 1,
    texts: [{ locale: 'en', name: 'Lost' }],
  });
  expect(brief(refused)).toEqual(['STALE_VERSION input.expectedVersion']);
  const { node } = await app.admin.ok<{ node: object }>(
    'query ($id: ID!) { node(id: $id) { ... on Store { name version } } }',
    { id: storeId },
  );
  expect(node).toEqual({ name: 'A store', version: 2 });
});

test('a new first currency wants freight anew, and freight can be made never free', async () => {
  const storeId = await goods.store({
    freight: { amount: '8', currency: 'CNY' },
    freightFreeFrom: { amount: '99', currency: 'CNY' },
  });
  const change = { storeId, expectedVersion: 1, currencies: ['JPY', 'CNY'] };
  expect(brief(await app.admin.refusal('storeChange', change))).toEqual([
    'FREIGHT_CURRENCY input.freight',
    'FREIGHT_CURRENCY input.freightFreeFrom',
  ]);
  const { store } = await app.admin.act<{ store: object }>(
    'storeChange',
    { ...change, freight: { amount: '500', currency: 'JPY' }, freightNeverFree: true },
    FIELDS,
  );
  expect(store).toMatchObject({ freight: { amount: '500', currency: 'JPY' }, freightFreeFrom: null });
});

test('a store is there only for those who act in it', async () => {
  const [own, other] = [await goods.store(), await goods.store()];
  const manager = await app.given.staff({ permissions: ['stores.manage'], stores: [own] });
  const { stores } = await manager.ok<{ stores: { totalCount: number; edges: { node: { id: string } }[] } }>(
    '{ stores { totalCount edges { node { id } } } }',
  );
  expect(stores).toEqual({ totalCount: 1, edges: [{ node: { id: own } }] });
  const refused = await manager.refusal('storeChange', { storeId: other, expectedVersion: 1 });
  expect(brief(refused)).toEqual(['NOT_FOUND input.storeId']);
  const { data } = await manager.run('query ($id: ID!) { node(id: $id) { id } }', { id: other });
  expect(data).toEqual({ node: null });
  const wrong = await manager.refusal('storeChange', { storeId: manager.staffId, expectedVersion: 1 });
  expect(brief(wrong)).toEqual(['INVALID_ID input.storeId']);
});
