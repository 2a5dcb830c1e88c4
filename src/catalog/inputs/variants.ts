// What callers hand in about variants and prices.

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
  moment,
  money,
  pattern,
  sku,
} from '../../core/inputs.ts';

/** For lists: what a caller's system calls so. */
export const calledSo = () =>
  list(externalReference(), 0, 100)
    .optional()
    .describe('Only what a caller’s system calls so; an empty list matches nothing. Not for shoppers.');

export const variantShape = {
  sku: sku().describe('Stock keeping unit. Letters become upper case. Unique in the department.'),
  barcode: pattern(/^[\x21-\x7e]{1,64}$/, {
    en: 'a barcode has 1 to 64 printable ASCII characters',
    zh: '条码为 1 至 64 个可打印 ASCII 字符',
  })
    .optional()
    .describe('What a scanner reads: EAN, UPC or the like.'),
  options: list(
    inputObject('VariantOptionInput', {
      code: code().describe('Code of the option.'),
      value: code().describe('One of the values of the option.'),
    }),
    0,
    3,
  )
    .superRefine(
      (items, context) =>
        distinct(
          context,
          items.map((item) => item.code),
          'code',
        ),
      ALWAYS,
    )
    .default([])
    .describe('One value of each option of the product.'),
  externalReference: externalReference()
    .optional()
    .describe('The caller’s own name for this variant. Unique in the department.'),
};

export const variantAddInput = z.object({
  productId: idOf('Product').describe('Product that gets the variant.'),
  variant: inputObject('VariantInput', variantShape).describe('The new variant.'),
});
export type VariantAdd = z.output<typeof variantAddInput>;
export type VariantNew = VariantAdd['variant'];

export const variantArchiveInput = z.object({
  variantId: idOf('Variant').describe('Variant that is not sold any more.'),
  expectedVersion: expectedVersion().optional(),
});
export type VariantArchive = z.output<typeof variantArchiveInput>;

export const priceSetInput = z.object({
  variantId: idOf('Variant').describe('Variant that gets the price.'),
  storeId: idOf('Store')
    .optional()
    .describe('Store in which the price holds. None: everywhere without a price of its own.'),
  price: money(1n).describe('Price of one unit, tax included; at least one minor unit of the currency.'),
  startsAt: moment()
    .optional()
    .describe('Moment from which the price holds: not in the past, at most 5 years ahead. Default: now.'),
  expectedVersion: expectedVersion().optional(),
});
export type PriceSet = z.output<typeof priceSetInput>;
