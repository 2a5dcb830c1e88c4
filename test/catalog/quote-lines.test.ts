// What can be ordered in a store now, at which price and under which name.

import { expect, test } from 'vitest';
import { type QuotedLine, quoteLines } from '../../src/catalog/actions/quote-lines.ts';
import { systemActor } from '../../src/core/actor.ts';
import { transact } from '../../src/core/db.ts';
import { fromGlobalId } from '../../src/core/ids.ts';
import { now } from '../../src/core/time.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { brief, colour, type Draft, goodsIn, inColour } from './goods.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const goods = goodsIn(app);
const storeId = await goods.store({ currencies: ['CNY', 'JPY'] });
const uuid = (id: string | undefined): string => fromGlobalId(id ?? '')?.id ?? '';

function quote(
  variantIds: readonly (string | undefined)[],
  { locale = 'en', currency = 'CNY' }: { locale?: 'en' | 'zh'; currency?: string } = {},
): Promise<{ quoted: QuotedLine[]; problems: string[] }> {
  const lines = variantIds.map((id) => ({ variantId: uuid(id), quantity: 1 }));
  const actor = { ...systemActor('test'), locale };
  return transact(async (tx) => {
    const { quoted, problems } = await quoteLines(tx, actor, { id: uuid(storeId), currency }, lines, now());
    return { quoted, problems: brief(problems.map(({ code, path }) => ({ code, path: path.map(String) }))) };
  });
}

const named = (draft: Draft) => ({ variantId: uuid(draft.variantIds[0]), sku: draft.skus[0] });

test('a line has SKU, price, tax rate and a name with its options in the language of the actor', async () => {
  const categoryId = await goods.category({ taxRateBasisPoints: 900 });
  const boot = await goods.sold(storeId, '12.50', {
    categoryId,
    texts: [
      { locale: 'en', name: 'Boot' },
      { locale: 'zh', name: '靴子' },
    ],
    options: [colour],
    variants: [inColour('green')],
  });
  const plain = await goods.sold(storeId, '3', { texts: [{ locale: 'zh', name: '鞋带' }] });
  const [green] = (await quote([boot.variantIds[0]])).quoted;
  expect(green).toEqual({
    ...named(boot),
    name: 'Boot (Green)',
    unitPriceMinor: 1250n,
    taxRateBasisPoints: 900,
  });
  const { quoted } = await quote([boot.variantIds[0], plain.variantIds[0], boot.variantIds[0]], {
    locale: 'zh',
  });
  expect(quoted.map(({ name }) => name)).toEqual(['靴子 (绿色)', '鞋带', '靴子 (绿色)']);
  expect((await quote(plain.variantIds)).quoted[0]?.name).toBe('鞋带');
});

test('C8 what is not published, withdrawn, archived, not on sale here or unknown cannot be sold', async () => {
  const elsewhere = await goods.store();
  const fine = await goods.sold(storeId);
  const draft = await goods.draft();
  const withdrawn = await goods.sold(storeId);
  const archived = await goods.sold(storeId);
  const off = await goods.sold(storeId);
  const other = await goods.sold(elsewhere);
  await (await goods.reviewer()).act('productWithdraw', { productVersionId: withdrawn.versionId });
  await app.admin.act('variantArchive', { variantId: archived.variantIds[0] });
  await goods.list(off.productId, storeId, 'OFF_SALE');
  const all = [draft, fine, withdrawn, archived, off, other].map(({ variantIds }) => variantIds[0]);
  const unknown = Buffer.from('Variant:018f0000-0000-7000-8000-000000000000').toString('base64url');
  const { quoted, problems } = await quote([...all, unknown]);
  expect(quoted.map(({ variantId }) => variantId)).toEqual([uuid(fine.variantIds[0])]);
  expect(problems).toEqual([0, 2, 3, 4, 5, 6].map((i) => `VARIANT_NOT_SOLD lines.${i}.variantId`));
});

test('C8 a variant that was added for a version still in work waits for that version', async () => {
  const boot = await goods.sold(storeId, '10', { options: [colour], variants: [inColour('red')] });
  const { productVersion } = await app.admin.act<{ productVersion: { id: string } }>(
    'productRevise',
    { productId: boot.productId },
    'productVersion { id }',
  );
  const wider = {
    ...colour,
    values: ['red', 'green', 'blue'],
    texts: [{ locale: 'en', name: 'Colour', valueNames: ['Red', 'Green', 'Blue'] }],
  };
  await app.admin.act('productEdit', {
    productVersionId: productVersion.id,
    expectedVersion: 1,
    options: [wider],
  });
  const { variant } = await app.admin.act<{ variant: { id: string } }>(
    'variantAdd',
    { productId: boot.productId, variant: inColour('blue') },
    'variant { id }',
  );
  await goods.price(variant.id, '11');
  expect((await quote([variant.id, boot.variantIds[0]])).problems).toEqual([
    'VARIANT_NOT_SOLD lines.0.variantId',
  ]);
  await goods.publish(productVersion.id);
  const { quoted } = await quote([variant.id, boot.variantIds[0]]);
  expect(quoted.map(({ name }) => name)).toEqual(['A product (Blue)', 'A product (Red)']);
});

test('the price is the one in force in the store, in its currency; without one the line is refused', async () => {
  const { variantIds } = await goods.sold(storeId, '10');
  const priceNow = async (currency = 'CNY') =>
    (await quote(variantIds, { currency })).quoted[0]?.unitPriceMinor;
  await goods.price(variantIds[0] ?? '', '8', { storeId });
  await goods.price(variantIds[0] ?? '', '11');
  expect(await priceNow()).toBe(800n);
  await goods.price(variantIds[0] ?? '', '7', {
    storeId,
    startsAt: new Date(Date.now() + 60_000).toISOString(),
  });
  expect(await priceNow()).toBe(800n);
  clock.pass({ seconds: 61 });
  expect(await priceNow()).toBe(700n);
  expect((await quote(variantIds, { currency: 'JPY' })).problems).toEqual([
    'PRICE_MISSING lines.0.variantId',
  ]);
});

test('a quote sends one statement, whatever the number of lines', async () => {
  const variants = (
    await goods.sold(storeId, '10', {
      options: [colour],
      variants: [inColour('red'), inColour('green')],
    })
  ).variantIds;
  const few = await app.statementsOf(() => quote(variants.slice(0, 1)));
  const many = await app.statementsOf(() => quote(Array.from({ length: 1000 }, (_, i) => variants[i % 2])));
  expect([few.length, many.length]).toEqual([1, 1]);
});
