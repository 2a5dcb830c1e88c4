// Adding and archiving variants, and finding them.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';
import { atOnce, brief, colour, goodsIn, inColour, nobodys, sku } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);

test('a variant is added with upper case SKU and found by it, however it is written', async () => {
  const { productId } = await goods.draft({ options: [colour], variants: [inColour('red')] });
  const wanted = { ...inColour('green'), externalReference: uniqueName('erp') };
  await app.admin.act('variantAdd', {
    productId,
    variant: { ...wanted, sku: ` ${wanted.sku.toLowerCase()} ` },
  });
  const { variantBySku } = await app.admin.ok<{ variantBySku: object }>(
    'query ($sku: String!) { variantBySku(sku: $sku) { sku externalReference options { code value } product { id } version archivedAt } }',
    { sku: wanted.sku.toLowerCase() },
  );
  expect(variantBySku).toEqual({
    sku: wanted.sku,
    externalReference: wanted.externalReference,
    options: [{ code: 'colour', value: 'green' }],
    product: { id: productId },
    version: 1,
    archivedAt: null,
  });
});

test('what is taken, does not fit or is unknown is refused at once', async () => {
  const red = { ...inColour('red'), externalReference: uniqueName('erp') };
  const { productId } = await goods.draft({ options: [colour], variants: [red] });
  expect(brief(await app.admin.refusal('variantAdd', { productId, variant: red }))).toEqual([
    'ALREADY_EXISTS input.variant.sku',
    'ALREADY_EXISTS input.variant.externalReference',
    'ALREADY_EXISTS input.variant.options',
  ]);
  const misfits = [
    { sku: sku() },
    inColour('blue'),
    { sku: sku(), options: [...inColour('green').options, { code: 'size', value: 'm' }] },
  ];
  for (const variant of misfits) {
    const refused = await app.admin.refusal('variantAdd', { productId, variant });
    expect(brief(refused)).toEqual(['OPTIONS_MISMATCH input.variant.options']);
    expect(refused[0]?.message).toContain('colour (red, green)');
  }
  const gone = await app.admin.refusal('variantAdd', {
    productId: nobodys('Product'),
    variant: inColour('red'),
  });
  expect(brief(gone)).toEqual(['NOT_FOUND input.productId']);
});

test('of variants added at once with one SKU or one combination one is added', async () => {
  const { productId } = await goods.draft({ options: [colour], variants: [inColour('red')] });
  const other = await goods.draft({ options: [colour], variants: [inColour('red')] });
  const green = inColour('green');
  const bySku = await atOnce(app.admin, 'variantAdd', [
    { productId, variant: green },
    { productId: other.productId, variant: green },
  ]);
  expect(bySku.flatMap(({ userErrors }) => brief(userErrors))).toEqual(['ALREADY_EXISTS input.variant.sku']);
  const third = await goods.draft({ options: [colour], variants: [inColour('red')] });
  const byOptions = await atOnce(
    app.admin,
    'variantAdd',
    Array.from({ length: 4 }, () => ({ productId: third.productId, variant: inColour('green') })),
  );
  expect(byOptions.flatMap(({ userErrors }) => brief(userErrors))).toEqual(
    Array(3).fill('ALREADY_EXISTS input.variant.options'),
  );
});

test('an archived variant leaves its combination to another, and archiving twice is archiving once', async () => {
  const { productId, variantIds } = await goods.draft({ options: [colour], variants: [inColour('red')] });
  const [variantId] = variantIds;
  const archive = (input: object) =>
    app.admin.act<{ variant: object }>(
      'variantArchive',
      { variantId, ...input },
      'variant { version archivedAt }',
    );
  const stale = await app.admin.refusal('variantArchive', { variantId, expectedVersion: 4 });
  expect(brief(stale)).toEqual(['STALE_VERSION input.expectedVersion']);
  expect((await archive({ expectedVersion: 1 })).variant).toEqual({
    version: 2,
    archivedAt: expect.any(String),
  });
  expect((await archive({})).variant).toMatchObject({ version: 2 });
  await app.admin.act('variantAdd', { productId, variant: inColour('red') });
});

test('variants are listed by the beginning of their SKU, and signs in it mean themselves', async () => {
  const base = uniqueName('B').toUpperCase();
  await goods.draft({
    options: [
      {
        ...colour,
        values: ['red', 'green', 'blue'],
        texts: [{ locale: 'en', name: 'C', valueNames: ['r', 'g', 'b'] }],
      },
    ],
    variants: [
      { ...inColour('red'), sku: `${base}_1` },
      { ...inColour('green'), sku: `${base}_2` },
      { ...inColour('blue'), sku: `${base}X1` },
    ],
  });
  const document =
    'query ($where: VariantWhere) { variants(where: $where) { totalCount edges { node { sku } } } }';
  const { variants } = await app.admin.ok<{ variants: { edges: { node: object }[] } }>(document, {
    where: { sku: `${base.toLowerCase()}_` },
  });
  expect(variants.edges.map(({ node }) => node)).toEqual([{ sku: `${base}_1` }, { sku: `${base}_2` }]);
  expect(await app.admin.codes(document, { where: { sku: '100%' } })).toEqual(['BAD_INPUT']);
  expect(await app.admin.codes(document, { where: { productId: nobodys('Store') } })).toEqual(['BAD_INPUT']);
  const none = await app.admin.ok(document, { where: { productId: nobodys('Product') } });
  expect(none).toEqual({ variants: { totalCount: 0, edges: [] } });
});

test('C8 who may not read drafts sees variants of published products only', async () => {
  const draft = await goods.draft();
  const { variantIds, skus } = await goods.published();
  const seen = async (wanted: string | undefined) =>
    (
      await app.anonymous.ok<{ variantBySku: object | null }>(
        'query ($sku: String!) { variantBySku(sku: $sku) { sku } }',
        { sku: wanted },
      )
    ).variantBySku;
  expect(await seen(draft.skus[0])).toBeNull();
  expect(await seen(skus[0])).toEqual({ sku: skus[0] });
  await app.admin.act('variantArchive', { variantId: variantIds[0] });
  expect(await seen(skus[0])).toBeNull();
});
