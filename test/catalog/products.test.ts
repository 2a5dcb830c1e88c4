// Creating, editing and revising products.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';
import { atOnce, brief, colour, goodsIn, inColour, nobodys, sku } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);
const categoryId = await goods.category();
const texts = [{ locale: 'en', name: 'Boot' }];

const PRODUCT = `query ($id: ID!) { node(id: $id) { ... on Product {
  externalReference version category { id } publishedVersion { number }
  versionInWork { number state name description texts { locale name description } options { code name values { code name } texts { locale valueNames } } author { id } lastEditor { id } reviewer { id } }
  versions { totalCount edges { node { number state } } }
  variants { totalCount edges { node { sku barcode options { code value } } } }
} } }`;

test('a product is created with a draft, its options in both languages and its variants', async () => {
  const [red, green] = [inColour('red'), { ...inColour('green'), barcode: '6901234567892' }];
  const reference = uniqueName('erp');
  const { productId } = await goods.draft({
    categoryId,
    externalReference: reference,
    texts: [
      { locale: 'zh', name: '靴子 👢', description: '防水。' },
      { locale: 'en', name: 'Boot ‫שלום‬', description: 'Water\nproof.' },
    ],
    options: [colour],
    variants: [red, green],
  });
  const { node } = await app.admin.speaking('zh').ok<{ node: object }>(PRODUCT, { id: productId });
  expect(node).toEqual({
    externalReference: reference,
    version: 1,
    category: { id: categoryId },
    publishedVersion: null,
    versionInWork: {
      number: 1,
      state: 'DRAFT',
      name: '靴子 👢',
      description: '防水。',
      texts: expect.arrayContaining([
        { locale: 'zh', name: '靴子 👢', description: '防水。' },
        { locale: 'en', name: 'Boot ‫שלום‬', description: 'Water\nproof.' },
      ]),
      options: [
        {
          code: 'colour',
          name: '颜色',
          values: [
            { code: 'red', name: '红色' },
            { code: 'green', name: '绿色' },
          ],
          texts: expect.arrayContaining([{ locale: 'en', valueNames: ['Red', 'Green'] }]),
        },
      ],
      author: { id: app.admin.staffId },
      lastEditor: { id: app.admin.staffId },
      reviewer: null,
    },
    versions: { totalCount: 1, edges: [{ node: { number: 1, state: 'DRAFT' } }] },
    variants: {
      totalCount: 2,
      edges: [
        { node: { sku: red.sku, barcode: null, options: [{ code: 'colour', value: 'red' }] } },
        { node: { sku: green.sku, barcode: '6901234567892', options: [{ code: 'colour', value: 'green' }] } },
      ],
    },
  });
});

test('each fault in the shape of a product has its path', async () => {
  const twice = sku();
  const cases: [object, string[]][] = [
    [{ texts: [] }, ['TOO_SHORT input.texts']],
    [{ texts: [{ locale: 'en', name: ' ' }] }, ['REQUIRED input.texts.0.name']],
    [{ texts: [{ locale: 'en', name: 'x'.repeat(201) }] }, ['TOO_LONG input.texts.0.name']],
    [{ texts: [{ locale: 'en', name: 'a\u0000b' }] }, ['INVALID input.texts.0.name']],
    [
      { texts: [{ locale: 'en', name: 'x', description: '汉'.repeat(10_001) }] },
      ['TOO_LONG input.texts.0.description'],
    ],
    [{ variants: [] }, ['TOO_SHORT input.variants']],
    [
      { variants: Array.from({ length: 101 }, () => ({ sku: sku() })) },
      [
        'TOO_LONG input.variants',
        // A hundred problems are told, not more.
        ...Array.from({ length: 99 }, (_, i) => `DUPLICATE input.variants.${i + 1}.options`),
      ],
    ],
    [{ variants: [{ sku: '靴子' }] }, ['INVALID input.variants.0.sku']],
    [
      {
        options: [colour],
        variants: [
          { ...inColour('red'), sku: twice },
          { ...inColour('green'), sku: twice.toLowerCase() },
        ],
      },
      ['DUPLICATE input.variants.1.sku'],
    ],
    [
      { options: [colour], variants: [inColour('red'), inColour('red')] },
      ['DUPLICATE input.variants.1.options'],
    ],
    [
      { options: [colour], variants: [inColour('red'), inColour('blue'), { sku: sku() }] },
      ['OPTIONS_MISMATCH input.variants.1.options', 'OPTIONS_MISMATCH input.variants.2.options'],
    ],
    [{ variants: [inColour('red')] }, ['OPTIONS_MISMATCH input.variants.0.options']],
    [
      {
        options: [{ ...colour, texts: [{ locale: 'en', name: 'Colour', valueNames: ['Red'] }] }],
        variants: [inColour('red')],
      },
      ['VALUE_NAMES_MISMATCH input.options.0.texts.0.valueNames'],
    ],
    [
      { options: [colour, colour], variants: [inColour('red')] },
      ['DUPLICATE input.options.1.code', 'OPTIONS_MISMATCH input.variants.0.options'],
    ],
    [
      { options: [{ ...colour, values: ['red', 'red'] }], variants: [inColour('red')] },
      ['DUPLICATE input.options.0.values.1'],
    ],
    [{ categoryId: app.admin.staffId }, ['INVALID_ID input.categoryId']],
    [{ externalReference: ' ' }, ['INVALID input.externalReference']],
  ];
  for (const [wishes, expected] of cases) {
    const input = { categoryId, texts, variants: [{ sku: sku() }], ...wishes };
    expect(
      brief(await app.admin.refusal('productCreate', input)),
      JSON.stringify(wishes).slice(0, 80),
    ).toEqual(expected);
  }
});

test('what is taken or unknown is refused at once, and nothing of the product is left', async () => {
  const other = await goods.draft({ externalReference: uniqueName('erp') });
  const count = () => app.sql<{ n: string }>('SELECT count(*) AS n FROM product');
  const before = await count();
  const { image } = await app.admin.act<{ image: { id: string } }>('imageRequest', {}, 'image { id }');
  const [row] = await app.sql<{ external_reference: string }>(
    'SELECT external_reference FROM product WHERE external_reference IS NOT NULL ORDER BY created_at DESC LIMIT 1',
  );
  const refused = await app.admin.refusal('productCreate', {
    categoryId: nobodys('Category'),
    externalReference: row?.external_reference,
    texts,
    options: [colour],
    variants: [inColour('red'), { ...inColour('green'), sku: other.skus[0]?.toLowerCase() }],
    imageIds: [nobodys('Image'), image.id],
  });
  expect(brief(refused)).toEqual([
    'NOT_FOUND input.categoryId',
    'ALREADY_EXISTS input.externalReference',
    'ALREADY_EXISTS input.variants.1.sku',
    'NOT_FOUND input.imageIds.0',
    'IMAGE_NOT_READY input.imageIds.1',
  ]);
  expect(await count()).toEqual(before);
});

test('of products created at once with one SKU one is created, the others are refused', async () => {
  const input = { categoryId, texts, variants: [{ sku: sku() }] };
  const payloads = await atOnce(app.admin, 'productCreate', Array(6).fill(input), 'product { id }');
  expect(payloads.filter(({ product }) => product)).toHaveLength(1);
  const codes = payloads.flatMap(({ userErrors }) => userErrors.map(({ code }) => code));
  expect(codes).toEqual(Array(5).fill('ALREADY_EXISTS'));
});

test('an edit replaces what is given, names the editor and keeps the rest', async () => {
  const other = await goods.category();
  const { productId, versionId } = await goods.draft({ options: [colour], variants: [inColour('red')] });
  const editor = await app.given.staff({ posts: ['product_editor'] });
  const { productVersion } = await editor.act<{ productVersion: object }>(
    'productEdit',
    {
      productVersionId: versionId,
      expectedVersion: 1,
      texts: [{ locale: 'zh', name: '新名称' }],
      categoryId: other,
    },
    'productVersion { name options { code } lastEditor { id } author { id } version product { version category { id } } }',
  );
  expect(productVersion).toEqual({
    name: '新名称',
    options: [{ code: 'colour' }],
    lastEditor: { id: editor.staffId },
    author: null,
    version: 2,
    product: { version: 2, category: { id: other } },
  });
  const { node } = await app.admin.ok<{ node: object }>(PRODUCT, { id: productId });
  expect(node).toMatchObject({
    versionInWork: { author: { id: app.admin.staffId }, texts: [{ locale: 'zh' }] },
  });
});

test('an edit that is outdated or would leave variants out is refused as a whole', async () => {
  const red = inColour('red');
  const { versionId } = await goods.draft({ options: [colour], variants: [red] });
  const refused = await app.admin.refusal('productEdit', {
    productVersionId: versionId,
    expectedVersion: 7,
    options: [{ ...colour, values: ['green', 'blue'] }],
  });
  expect(brief(refused)).toEqual([
    'STALE_VERSION input.expectedVersion',
    'VARIANT_OPTIONS_KEPT input.options',
  ]);
  expect(refused[1]?.message).toContain(red.sku);
});

test('a new version says what the published one says, and only one is in work', async () => {
  const { productId, versionId } = await goods.published({
    texts: [{ locale: 'en', name: 'First', description: 'Old.' }],
    options: [colour],
    variants: [inColour('red')],
  });
  const locked = await app.admin.refusal('productEdit', {
    productVersionId: versionId,
    expectedVersion: 4,
    texts,
  });
  expect(brief(locked)).toEqual(['ILLEGAL_STATE input']);
  expect(locked[0]?.message).toContain('Published');
  const selection = 'productVersion { id number state name description options { code values { code } } }';
  const payloads = await atOnce(app.admin, 'productRevise', Array(3).fill({ productId }), selection);
  expect(payloads.flatMap(({ userErrors }) => brief(userErrors))).toEqual(
    Array(2).fill('VERSION_IN_WORK input.productId'),
  );
  const draft = payloads.find(({ productVersion }) => productVersion)?.productVersion as { id: string };
  expect(draft).toMatchObject({
    number: 2,
    state: 'DRAFT',
    name: 'First',
    description: 'Old.',
    options: [{ code: 'colour', values: [{ code: 'red' }, { code: 'green' }] }],
  });
  await app.admin.act('productEdit', { productVersionId: draft.id, expectedVersion: 1, texts });
  const { node } = await app.anonymous.ok<{ node: object }>(
    'query ($id: ID!) { node(id: $id) { ... on Product { publishedVersion { name } versionInWork { name } versions { totalCount edges { node { name } } } } } }',
    { id: productId },
  );
  expect(node).toEqual({
    publishedVersion: { name: 'First' },
    versionInWork: null,
    versions: { totalCount: 1, edges: [{ node: { name: 'First' } }] },
  });
});
