// How stores treat their orders: policies as data.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';
import { brief } from './goods.ts';

const app = await startApp();

const POLICIES = `policies { confirmation confirmWithinMinutes payWithinMinutes expiryBy refundsBy creditDays
  cashOnDelivery completeAfterDays }`;
const opening = (wishes: object) => ({
  code: uniqueName('store'),
  platform: 'OWN_SITE',
  texts: [{ locale: 'en', name: 'A store' }],
  currencies: ['CNY'],
  ...wishes,
});
const FIELDS = `store { id version ${POLICIES} timeline { edges { node { version changes { field before after } } } } }`;

interface Stored {
  store: { id: string; version: number; policies: object; timeline: { edges: { node: object }[] } };
}

const open = async (wishes: object = {}) =>
  (await app.admin.act<Stored>('storeOpen', opening(wishes), FIELDS)).store;
const change = async (storeId: string, wishes: object, expectedVersion = 1) =>
  (await app.admin.act<Stored>('storeChange', { storeId, expectedVersion, ...wishes }, FIELDS)).store;

const ownSite = {
  confirmation: 'BEFORE_PAYMENT',
  confirmWithinMinutes: null,
  payWithinMinutes: 30,
  expiryBy: 'DAYSHIFT',
  refundsBy: 'DAYSHIFT',
  creditDays: null,
  cashOnDelivery: false,
  completeAfterDays: null,
};
const marketplace = {
  ...ownSite,
  confirmation: 'AFTER_PAYMENT',
  payWithinMinutes: null,
  expiryBy: 'PLATFORM',
  refundsBy: 'PLATFORM',
};
const every = {
  confirmation: 'AFTER_PAYMENT',
  confirmWithinMinutes: 240,
  payWithinMinutes: 30,
  expiryBy: 'DAYSHIFT',
  refundsBy: 'DAYSHIFT',
  creditDays: 30,
  cashOnDelivery: true,
  completeAfterDays: 10,
};

test('T1 a store keeps the policies it was opened with', async () => {
  expect((await open({ policies: every })).policies).toEqual(every);
});

test('T4 a new own site does everything here, a new store on a platform leaves to it what platforms do', async () => {
  expect((await open()).policies).toEqual(ownSite);
  expect((await open({ platform: 'DOUYIN' })).policies).toEqual(marketplace);
  const partly = await open({ platform: 'OTHER', policies: { refundsBy: 'DAYSHIFT', payWithinMinutes: 60 } });
  expect(partly.policies).toEqual({ ...marketplace, refundsBy: 'DAYSHIFT', payWithinMinutes: 60 });
});

test('T1 a change of policies leaves the others as they are and is told field by field', async () => {
  const { id } = await open({ policies: every });
  const store = await change(id, {
    policies: { payWithinMinutes: 45, cashOnDelivery: false, without: ['CONFIRM_WITHIN', 'CREDIT'] },
  });
  expect(store).toMatchObject({
    version: 2,
    policies: {
      ...every,
      payWithinMinutes: 45,
      cashOnDelivery: false,
      confirmWithinMinutes: null,
      creditDays: null,
    },
  });
  expect(store.timeline.edges.map((edge) => edge.node)).toEqual([
    { version: 1, changes: [] },
    {
      version: 2,
      changes: [
        { field: 'confirmWithinMinutes', before: 240, after: null },
        { field: 'payWithinMinutes', before: 30, after: 45 },
        { field: 'creditDays', before: 30, after: null },
        { field: 'cashOnDelivery', before: true, after: false },
      ],
    },
  ]);
  const other = await change(
    id,
    { lineQuantityMax: 5, policies: { without: ['PAY_WITHIN', 'COMPLETE_AFTER'] } },
    2,
  );
  expect(other.policies).toMatchObject({
    payWithinMinutes: null,
    completeAfterDays: null,
    expiryBy: 'DAYSHIFT',
  });
});

test('limits out of bounds, and limits set and switched off at once, are refused together', async () => {
  const refused = await app.admin.refusal(
    'storeOpen',
    opening({
      policies: {
        confirmWithinMinutes: 0,
        payWithinMinutes: 525_601,
        creditDays: 366,
        completeAfterDays: 7,
        without: ['COMPLETE_AFTER'],
      },
    }),
  );
  expect(brief(refused).sort()).toEqual([
    'INVALID input.policies.completeAfterDays',
    'OUT_OF_RANGE input.policies.confirmWithinMinutes',
    'OUT_OF_RANGE input.policies.creditDays',
    'OUT_OF_RANGE input.policies.payWithinMinutes',
  ]);
});

test('T4 an own site cannot leave to a platform what it has not', async () => {
  const leaving = { policies: { expiryBy: 'PLATFORM', refundsBy: 'PLATFORM' } };
  expect(brief(await app.admin.refusal('storeOpen', opening(leaving)))).toEqual([
    'POLICY_NEEDS_PLATFORM input.policies.expiryBy',
    'POLICY_NEEDS_PLATFORM input.policies.refundsBy',
  ]);
  const { id: storeId } = await open();
  const own = { storeId, expectedVersion: 1 };
  expect(
    brief(await app.admin.refusal('storeChange', { ...own, policies: { refundsBy: 'PLATFORM' } })),
  ).toEqual(['POLICY_NEEDS_PLATFORM input.policies.refundsBy']);
});

test('T4 a store that becomes an own site must say that it does itself what its platform did', async () => {
  const { id: storeId } = await open({ platform: 'JD', policies: { expiryBy: 'DAYSHIFT' } });
  const moving = { storeId, expectedVersion: 1, platform: 'OWN_SITE' };
  expect(brief(await app.admin.refusal('storeChange', moving))).toEqual([
    'POLICY_NEEDS_PLATFORM input.platform',
  ]);
  const moved = await change(storeId, { platform: 'OWN_SITE', policies: { refundsBy: 'DAYSHIFT' } });
  expect(moved.policies).toEqual({ ...ownSite, confirmation: 'AFTER_PAYMENT', payWithinMinutes: null });
});

test('T1 policies and the history of a store are for those who work in it', async () => {
  const { id } = await open();
  const read = (field: string) => `query ($id: ID!) { node(id: $id) { ... on Store { code ${field} } } }`;
  for (const outsider of [app.anonymous, app.given.guest(), await app.given.customer()])
    expect(await outsider.ok(read(POLICIES), { id })).toEqual({
      node: { code: expect.any(String), policies: null },
    });
  expect(await app.anonymous.ok(read('timeline { totalCount edges { node { payload } } }'), { id })).toEqual({
    node: { code: expect.any(String), timeline: { totalCount: 0, edges: [] } },
  });
  const clerk = await app.given.staff({ permissions: [], stores: [id] });
  expect(await clerk.ok(read(POLICIES), { id })).toMatchObject({ node: { policies: ownSite } });
});
