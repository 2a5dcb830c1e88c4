// The life of a version: submitted, approved or rejected, published, withdrawn.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { atOnce, brief, goodsIn, nobodys } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);
const reviewer = await goods.reviewer();
const reading =
  'query ($id: ID!) { node(id: $id) { ... on ProductVersion { state version rejectionReason reviewer { id } allowedActions { action allowed reasonCode reason } } } }';
const stateOf = async (id: string) =>
  (
    await app.admin.ok<{ node: { state: string; version: number; rejectionReason: string | null } }>(
      reading,
      { id },
    )
  ).node;

test('C1 a version goes from draft to withdrawn, and each step raises its version by one', async () => {
  const { productId, versionId } = await goods.draft();
  const target = { productVersionId: versionId };
  await app.admin.act('productSubmit', { ...target, expectedVersion: 1 });
  await reviewer.act('productReject', { ...target, reason: '图片太小 🙁' });
  expect(await stateOf(versionId)).toMatchObject({
    state: 'REJECTED',
    rejectionReason: '图片太小 🙁',
    version: 3,
  });
  await app.admin.act('productEdit', {
    ...target,
    expectedVersion: 3,
    texts: [{ locale: 'en', name: 'Better' }],
  });
  expect(await stateOf(versionId)).toMatchObject({ state: 'DRAFT', version: 4 });
  await app.admin.act('productSubmit', target);
  await reviewer.act('productApprove', target);
  expect(await stateOf(versionId)).toMatchObject({ state: 'APPROVED', rejectionReason: null, version: 6 });
  await reviewer.act('productPublish', target);
  await reviewer.act('productWithdraw', target);
  expect(await stateOf(versionId)).toMatchObject({ state: 'WITHDRAWN', version: 8 });
  await expect
    .poll(() =>
      app.sql(
        `SELECT type, version FROM event WHERE entity_id IN ((SELECT id FROM product ORDER BY created_at DESC LIMIT 1),
         (SELECT id FROM product_version ORDER BY created_at DESC LIMIT 1)) ORDER BY seq`,
      ),
    )
    .toEqual([
      { type: 'product.created', version: 1 },
      { type: 'productVersion.drafted', version: 1 },
      { type: 'productVersion.submitted', version: 2 },
      { type: 'productVersion.rejected', version: 3 },
      { type: 'productVersion.edited', version: 4 },
      { type: 'productVersion.submitted', version: 5 },
      { type: 'productVersion.approved', version: 6 },
      { type: 'productVersion.published', version: 7 },
      { type: 'product.published', version: 2 },
      { type: 'productVersion.withdrawn', version: 8 },
      { type: 'product.withdrawn', version: 3 },
    ]);
  const { data } = await app.anonymous.run('query ($id: ID!) { node(id: $id) { id } }', { id: productId });
  expect(data).toEqual({ node: null });
});

test('C1 nothing is published that nobody approved', async () => {
  const { versionId } = await goods.draft();
  const target = { productVersionId: versionId };
  const publish = () => reviewer.refusal('productPublish', target);
  expect(brief(await publish())).toEqual(['REVIEW_REQUIRED input']);
  await app.admin.act('productSubmit', target);
  expect(brief(await publish())).toEqual(['REVIEW_REQUIRED input']);
  await reviewer.act('productReject', { ...target, reason: 'No.' });
  expect(brief(await publish())).toEqual(['REVIEW_REQUIRED input']);
});

test('C2 neither author nor last editor reviews a version, whatever their rights', async () => {
  const author = await app.given.staff({
    permissions: ['products.read', 'products.edit', 'products.review'],
  });
  const editor = await app.given.staff({
    permissions: ['products.read', 'products.edit', 'products.review'],
  });
  const { versionId } = await goods.draft({ by: author });
  const target = { productVersionId: versionId };
  await editor.act('productEdit', {
    ...target,
    expectedVersion: 1,
    texts: [{ locale: 'en', name: 'Edited' }],
  });
  await author.act('productSubmit', target);
  for (const person of [author, editor]) {
    expect(brief(await person.refusal('productApprove', target))).toEqual(['SELF_REVIEW_FORBIDDEN input']);
    const rejection = await person.refusal('productReject', { ...target, reason: 'Mine.' });
    expect(brief(rejection)).toEqual(['SELF_REVIEW_FORBIDDEN input']);
  }
  expect(await stateOf(versionId)).toMatchObject({ state: 'SUBMITTED', version: 3 });
  await app.admin.act('productApprove', target);
});

test('whoever rejected a version and then edits it is its editor, and cannot review it any more', async () => {
  const { versionId } = await goods.draft();
  const target = { productVersionId: versionId };
  const both = await app.given.staff({ permissions: ['products.read', 'products.edit', 'products.review'] });
  await app.admin.act('productSubmit', target);
  await both.act('productReject', { ...target, reason: 'I will do it.' });
  await both.act('productEdit', { ...target, expectedVersion: 3, texts: [{ locale: 'en', name: 'Mine' }] });
  await both.act('productSubmit', target);
  expect(brief(await both.refusal('productApprove', target))).toEqual(['SELF_REVIEW_FORBIDDEN input']);
});

test('a step out of turn is refused with the state, an unknown version and a missing reason with their path', async () => {
  const { versionId, variantIds } = await goods.draft();
  const target = { productVersionId: versionId };
  const [refused] = await reviewer.refusal('productApprove', target);
  expect(refused).toMatchObject({ code: 'ILLEGAL_STATE', message: expect.stringContaining('Draft') });
  expect(
    brief(await reviewer.refusal('productReject', { productVersionId: variantIds[0], reason: ' ' })),
  ).toEqual(['INVALID_ID input.productVersionId', 'REQUIRED input.reason']);
  expect(
    brief(await app.admin.refusal('productSubmit', { productVersionId: nobodys('ProductVersion') })),
  ).toEqual(['NOT_FOUND input.productVersionId']);
  expect(brief(await app.admin.refusal('productSubmit', { ...target, expectedVersion: 9 }))).toEqual([
    'STALE_VERSION input.expectedVersion',
  ]);
});

test('a product without a variant in use is not submitted', async () => {
  const { versionId, variantIds } = await goods.draft();
  await app.admin.act('variantArchive', { variantId: variantIds[0] });
  const refused = await app.admin.refusal('productSubmit', { productVersionId: versionId });
  expect(brief(refused)).toEqual(['VARIANT_REQUIRED input']);
});

test('publishing a new version withdraws the former one at the same moment', async () => {
  const { productId, versionId } = await goods.published();
  const { productVersion: draft } = await app.admin.act<{ productVersion: { id: string } }>(
    'productRevise',
    { productId },
    'productVersion { id }',
  );
  await goods.publish(draft.id);
  const { node } = await app.admin.ok<{ node: object }>(
    'query ($id: ID!) { node(id: $id) { ... on Product { version publishedVersion { id } versions { edges { node { id state withdrawnAt } } } } } }',
    { id: productId },
  );
  expect(node).toEqual({
    version: 3,
    publishedVersion: { id: draft.id },
    versions: {
      edges: [
        { node: { id: draft.id, state: 'PUBLISHED', withdrawnAt: null } },
        { node: { id: versionId, state: 'WITHDRAWN', withdrawnAt: expect.any(String) } },
      ],
    },
  });
});

test('of two approvals at once one takes effect', async () => {
  const { versionId } = await goods.draft();
  await app.admin.act('productSubmit', { productVersionId: versionId });
  const target = { productVersionId: versionId };
  const payloads = await atOnce(reviewer, 'productApprove', [target, target, target]);
  expect(payloads.flatMap(({ userErrors }) => brief(userErrors))).toEqual([
    'ILLEGAL_STATE input',
    'ILLEGAL_STATE input',
  ]);
  expect(await stateOf(versionId)).toMatchObject({ version: 3 });
});

test('what the caller can do next is told with the reason, in the language of the request', async () => {
  const { versionId } = await goods.draft();
  await app.admin.act('productSubmit', { productVersionId: versionId });
  const { node } = await app.admin
    .speaking('zh')
    .ok<{ node: { allowedActions: object[] } }>(reading, { id: versionId });
  expect(node.allowedActions).toEqual([
    { action: 'EDIT', allowed: false, reasonCode: 'ILLEGAL_STATE', reason: expect.stringContaining('状态') },
    { action: 'SUBMIT', allowed: false, reasonCode: 'ILLEGAL_STATE', reason: expect.any(String) },
    {
      action: 'APPROVE',
      allowed: false,
      reasonCode: 'SELF_REVIEW_FORBIDDEN',
      reason: expect.stringContaining('作者'),
    },
    { action: 'REJECT', allowed: false, reasonCode: 'SELF_REVIEW_FORBIDDEN', reason: expect.any(String) },
    { action: 'PUBLISH', allowed: false, reasonCode: 'REVIEW_REQUIRED', reason: expect.any(String) },
    { action: 'WITHDRAW', allowed: false, reasonCode: 'ILLEGAL_STATE', reason: expect.any(String) },
  ]);
  const theirs = await reviewer.ok<{
    node: { allowedActions: { action: string; allowed: boolean; reasonCode: string }[] };
  }>(reading, { id: versionId });
  expect(theirs.node.allowedActions.filter(({ allowed }) => allowed).map(({ action }) => action)).toEqual([
    'APPROVE',
    'REJECT',
  ]);
  expect(theirs.node.allowedActions[0]?.reasonCode).toBe('NOT_PERMITTED');
});
