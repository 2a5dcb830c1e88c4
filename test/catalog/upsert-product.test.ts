// Products kept by the references of another system: handed in as often as it likes, written when something is new.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';
import { atOnce, brief, colour, goodsIn, inColour, sku } from './goods.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const goods = goodsIn(app);
const categoryId = await goods.category();
const system = await app.given.key({ scopes: ['products:read', 'products:write'] });

const KEPT = `product {
  id version category { id }
  variants { edges { node { sku externalReference } } }
  versions { edges { node { number state version texts { locale name } options { code } } } }
}`;

interface Kept {
  product: {
    id: string;
    version: number;
    category: { id: string };
    variants: { edges: { node: { sku: string; externalReference: string | null } }[] };
    versions: { edges: { node: { number: number; state: string; version: number; texts: object[] } }[] };
  };
}

const describe = (wishes: object = {}) => ({
  externalReference: uniqueName('P'),
  categoryId,
  texts: [{ locale: 'en', name: 'Teapot' }],
  options: [colour],
  variants: [inColour('red')],
  ...wishes,
});
const keep = async (input: Record<string, unknown>) =>
  (await system.act<Kept>('productUpsert', input, KEPT)).product;
const versionsOf = ({ versions }: Kept['product']) => versions.edges.map(({ node }) => node);
const skusOf = ({ variants }: Kept['product']) => variants.edges.map(({ node }) => node.sku);
const events = async () => {
  await expect.poll(() => app.sql('SELECT 1 FROM event_outbox')).toEqual([]);
  return (await app.sql<{ type: string }>('SELECT type FROM event ORDER BY seq')).map(({ type }) => type);
};

test('C51 a product that is new is created, and handing it in again changes nothing', async () => {
  const input = describe();
  const first = await keep(input);
  const told = await events();
  expect(await keep(input)).toEqual(first);
  expect(await events()).toEqual(told);
  expect(versionsOf(first)).toEqual([
    expect.objectContaining({ number: 1, state: 'DRAFT', texts: [{ locale: 'en', name: 'Teapot' }] }),
  ]);
  expect(skusOf(first)).toEqual(input.variants.map((variant) => variant.sku));
});

test('C51 what changed goes into the draft, and new SKUs become variants; the others stay', async () => {
  const input = describe();
  const first = await keep(input);
  const green = inColour('green');
  const other = await goods.category();
  const after = await keep({
    ...input,
    categoryId: other,
    texts: [{ locale: 'en', name: 'Tea pot' }],
    variants: [green],
  });
  expect(after.id).toBe(first.id);
  expect(after.category.id).toBe(other);
  expect(versionsOf(after)).toEqual([
    expect.objectContaining({ number: 1, state: 'DRAFT', texts: [{ locale: 'en', name: 'Tea pot' }] }),
  ]);
  expect(skusOf(after)).toEqual([...skusOf(first), green.sku].sort());
});

test('C51 C1 a published product gets a draft beside it, and shoppers read on what was reviewed', async () => {
  const input = describe();
  const { id } = await keep(input);
  const [draft] = await app.sql<{ id: string }>(
    'SELECT v.id FROM product_version v JOIN product p ON p.id = v.product_id WHERE p.external_reference = $1',
    [input.externalReference],
  );
  await app.admin.act('productSubmit', { productVersionId: globalId(draft?.id) });
  const changed = { ...input, texts: [{ locale: 'en', name: 'Changed' }] };
  expect(brief(await system.refusal('productUpsert', changed))).toEqual([
    'ILLEGAL_STATE input.externalReference',
  ]);
  const reviewer = await goods.reviewer();
  await reviewer.act('productApprove', { productVersionId: globalId(draft?.id) });
  await reviewer.act('productPublish', { productVersionId: globalId(draft?.id) });
  expect(versionsOf(await keep(input)).map(({ state }) => state)).toEqual(['PUBLISHED']);
  const after = await keep(changed);
  expect(versionsOf(after).map(({ number, state }) => [number, state])).toEqual([
    [2, 'DRAFT'],
    [1, 'PUBLISHED'],
  ]);
  const name = 'query ($id: ID!) { node(id: $id) { ... on Product { name } } }';
  expect((await app.admin.ok<{ node: object }>(name, { id })).node).toEqual({ name: 'Teapot' });
});

test('C51 one reference handed in many times at once is one product', async () => {
  const input = describe();
  const answers = await atOnce(
    system,
    'productUpsert',
    Array.from({ length: 8 }, () => input),
    'product { id }',
  );
  expect(new Set(answers.map(({ product }) => (product as { id: string }).id)).size).toBe(1);
  expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
});

test('C51 what belongs to another product is refused, all of it at once, and nothing is written', async () => {
  const taken = await keep(
    describe({ variants: [{ ...inColour('red'), externalReference: uniqueName('V') }] }),
  );
  const [theirs] = taken.variants.edges.map(({ node }) => node);
  const input = describe();
  const mine = await keep(input);
  const wrong = {
    ...input,
    texts: [{ locale: 'en', name: 'Not written' }],
    variants: [
      { ...inColour('green'), sku: theirs?.sku },
      {
        sku: sku(),
        options: [{ code: 'colour', value: 'red' }],
        externalReference: theirs?.externalReference,
      },
    ],
  };
  expect(brief(await system.refusal('productUpsert', wrong))).toEqual([
    'ALREADY_EXISTS input.variants.0.sku',
    'ALREADY_EXISTS input.variants.1.externalReference',
    'ALREADY_EXISTS input.variants.1.options',
  ]);
  expect(await keep(input)).toEqual(mine);
});

test('C51 products and variants are found by the references of their system', async () => {
  const variant = { ...inColour('red'), externalReference: uniqueName('V') };
  const input = describe({ variants: [variant] });
  const { id } = await keep(input);
  const document = `query ($products: [String!], $variants: [String!]) {
    products(where: { externalReferences: $products }) { edges { node { id } } }
    variants(where: { externalReferences: $variants }) { edges { node { sku } } }
  }`;
  const found = (products: string[], variants: string[]) => system.ok(document, { products, variants });
  expect(await found([input.externalReference, 'nobody'], [variant.externalReference])).toEqual({
    products: { edges: [{ node: { id } }] },
    variants: { edges: [{ node: { sku: variant.sku } }] },
  });
  expect(await found([], [])).toEqual({ products: { edges: [] }, variants: { edges: [] } });
  const references = '{ products { edges { node { externalReference } } } }';
  expect(JSON.stringify(await app.admin.ok(references))).toContain(input.externalReference);
  // Shoppers learn them from no field and no filter.
  for (const shopper of [app.anonymous, app.given.guest()])
    for (const noun of ['products', 'variants']) {
      const { errors } = await shopper.run(
        `{ ${noun}(where: { externalReferences: ["x"] }) { totalCount } }`,
      );
      expect(errors[0]?.extensions).toMatchObject({
        code: 'BAD_INPUT',
        problems: [{ code: 'NOT_PERMITTED', path: ['where', 'externalReferences'] }],
      });
    }
});

const globalId = (id = '') => Buffer.from(`ProductVersion:${id}`).toString('base64url');
