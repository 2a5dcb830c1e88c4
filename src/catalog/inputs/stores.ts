// What callers hand in about stores and listings.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  code,
  currency,
  distinct,
  expectedVersion,
  idOf,
  integer,
  issue,
  list,
  money,
  oneOf,
  pattern,
  text,
  texts,
} from '../../core/inputs.ts';
import { isTimeZone } from '../../core/time.ts';
import { listingStates, platforms } from '../texts.ts';

const storeCode = () =>
  code().describe('Stable short name: lower case letters, digits, `_` and `-`. Unique.');

const storeTexts = () =>
  texts('StoreTextInput', { name: text(1, 80).describe('Name of the store.') }).describe(
    'Name of the store by language.',
  );

const timeZone = () =>
  pattern(/^[A-Za-z0-9_+/-]{1,50}$/, { en: 'this is no IANA time zone', zh: '不是 IANA 时区' })
    .superRefine((name, context) => {
      if (!isTimeZone(name))
        issue(context, 'INVALID', { why: { en: 'this is no IANA time zone', zh: '不是 IANA 时区' } });
    }, ALWAYS)
    .describe('IANA time zone in which the days of the store are cut: `Asia/Shanghai`.');

const currencies = () =>
  list(currency(), 1, 10)
    .superRefine((codes, context) => distinct(context, codes), ALWAYS)
    .describe('ISO 4217 codes of the currencies the store sells in, each once; freight is in the first.');

const selling = {
  freight: money()
    .optional()
    .describe('Freight of an order, tax included, in the first currency of the store.'),
  freightFreeFrom: money(1n)
    .optional()
    .describe('Merchandise total from which freight is free, in the first currency of the store.'),
  lineQuantityMax: integer(1, 1_000_000).optional().describe('Largest quantity of one line of an order.'),
};

export const storeOpenInput = z.object({
  code: storeCode(),
  platform: oneOf('Platform', platforms).describe('Where the store is.'),
  texts: storeTexts(),
  timeZone: timeZone().default('Asia/Shanghai'),
  currencies: currencies(),
  ...selling,
});
export type StoreOpen = z.output<typeof storeOpenInput>;

export const storeChangeInput = z
  .object({
    storeId: idOf('Store').describe('Store to change.'),
    expectedVersion: expectedVersion(),
    code: storeCode().optional(),
    platform: oneOf('Platform', platforms).optional().describe('Where the store is.'),
    texts: storeTexts().optional(),
    timeZone: timeZone().optional(),
    currencies: currencies().optional(),
    ...selling,
    freightNeverFree: boolean()
      .optional()
      .describe('True: freight is charged whatever the total. Not together with `freightFreeFrom`.'),
  })
  .superRefine((input, context) => {
    if (input.freightNeverFree && input.freightFreeFrom) {
      issue(
        context,
        'INVALID',
        { why: { en: 'freight is either free from a total or never', zh: '运费要么满额免，要么不免' } },
        ['freightFreeFrom'],
      );
    }
  }, ALWAYS);
export type StoreChange = z.output<typeof storeChangeInput>;

export const listingSetInput = z.object({
  productId: idOf('Product').describe('Product to put on sale or take off sale.'),
  storeId: idOf('Store').describe('Store in which.'),
  state: oneOf('ListingState', listingStates).describe('Whether the product is on sale in the store.'),
  expectedVersion: expectedVersion().optional(),
});
export type ListingSet = z.output<typeof listingSetInput>;
