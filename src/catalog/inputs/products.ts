// What callers hand in about products and their versions.

import { z } from 'zod';
import {
  ALWAYS,
  code,
  distinct,
  expectedVersion,
  externalReference,
  idOf,
  inputObject,
  list,
  text,
  texts,
} from '../../core/inputs.ts';
import { fitsOptions, optionPair } from '../rules.ts';
import { variantShape } from './variants.ts';

const productTexts = () =>
  texts('ProductTextInput', {
    name: text(1, 200).describe('Name of the product.'),
    description: text(0, 10_000).default('').describe('What the product is, as shoppers read it.'),
  }).describe('Name and description by language.');

const option = inputObject('ProductOptionInput', {
  code: code().describe('Stable short name of the option: `colour`. Unique in the product.'),
  values: list(code(), 1, 50)
    .superRefine((values, context) => distinct(context, values), ALWAYS)
    .describe('Stable short names of its values in order, each once: `red`, `green`.'),
  texts: texts('ProductOptionTextInput', {
    name: text(1, 80).describe('Name of the option.'),
    valueNames: list(text(1, 80), 1, 50).describe('Names of the values, in the order of `values`.'),
  }).describe('Names of the option and of its values by language.'),
}).superRefine(({ values, texts: byLocale }, context) => {
  byLocale.forEach(({ valueNames }, i) => {
    if (valueNames.length === values.length) return;
    const params = { code: 'VALUE_NAMES_MISMATCH', count: values.length };
    context.addIssue({ code: 'custom', message: 'names', params, path: ['texts', i, 'valueNames'] });
  });
}, ALWAYS);

const options = () =>
  list(option, 0, 3)
    .superRefine(
      (items, context) =>
        distinct(
          context,
          items.map((item) => item.code),
          'code',
        ),
      ALWAYS,
    )
    .describe('Properties in which the variants differ, each code once.');

const imageIds = () =>
  list(idOf('Image'), 0, 20)
    .superRefine((ids, context) => distinct(context, ids), ALWAYS)
    .describe('Images in order, each once; all uploaded.');

const variants = () =>
  list(inputObject('VariantInput', variantShape), 1, 100)
    .superRefine((items, context) => {
      distinct(
        context,
        items.map((item) => item.sku),
        'sku',
      );
      distinct(
        context,
        items.map((item) => item.externalReference),
        'externalReference',
      );
      distinct(
        context,
        items.map((item) => item.options.map(optionPair).sort().join()),
        'options',
      );
    }, ALWAYS)
    .describe('What is sold and kept in stock: each with its own SKU and combination of options.');

const productShape = {
  categoryId: idOf('Category').describe('Category of the product.'),
  texts: productTexts(),
  options: options().default([]),
  variants: variants(),
  imageIds: imageIds().default([]),
};

/** Refuse variants that have not exactly one value of each option. */
function checkOptions(
  input: Pick<z.output<z.ZodObject<typeof productShape>>, 'variants' | 'options'>,
  context: z.RefinementCtx,
): void {
  input.variants.forEach((variant, i) => {
    if (fitsOptions(variant.options.map(optionPair), input.options)) return;
    const expected = input.options.map((item) => item.code).join(', ') || '–';
    const params = { code: 'OPTIONS_MISMATCH', expected };
    context.addIssue({ code: 'custom', message: 'options', params, path: ['variants', i, 'options'] });
  });
}

export const productCreateInput = z
  .object({
    ...productShape,
    externalReference: externalReference()
      .optional()
      .describe('The caller’s own name for this product. Unique in the department.'),
  })
  .superRefine(checkOptions, ALWAYS);
export type ProductCreate = z.output<typeof productCreateInput>;

export const productUpsertInput = z
  .object({
    ...productShape,
    externalReference: externalReference().describe(
      'The caller’s own name for this product, by which it is known again. Unique in the department.',
    ),
  })
  .superRefine(checkOptions, ALWAYS);
export type ProductUpsert = z.output<typeof productUpsertInput>;

export const productEditInput = z.object({
  productVersionId: idOf('ProductVersion').describe('Version to edit: a draft, or a rejected one.'),
  expectedVersion: expectedVersion(),
  texts: productTexts().optional(),
  options: options().optional(),
  imageIds: imageIds().optional(),
  categoryId: idOf('Category')
    .optional()
    .describe('New category. It belongs to the product and holds at once, for the published version too.'),
});
export type ProductEdit = z.output<typeof productEditInput>;

export const productReviseInput = z.object({
  productId: idOf('Product').describe('Product of which a new version is begun.'),
});

const transition = {
  productVersionId: idOf('ProductVersion').describe('Version that the act is about.'),
  expectedVersion: expectedVersion().optional(),
};

export const productMoveInput = z.object(transition);
export type ProductMove = z.output<typeof productMoveInput>;

export const productRejectInput = z.object({
  ...transition,
  reason: text(1, 1_000).describe('What must become better, for the author.'),
});
export type ProductReject = z.output<typeof productRejectInput>;
