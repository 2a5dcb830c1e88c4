// What callers hand in about stores.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  code,
  currency,
  distinct,
  expectedVersion,
  idOf,
  inputObject,
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
import { platforms, policyExecutors, storeConfirmations, storeLimits } from '../texts.ts';

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

const minutes = () => integer(1, 525_600).optional();
const days = () => integer(1, 365).optional();
const executor = () => oneOf('PolicyExecutor', policyExecutors).optional();

/** The value of a policy that each limit switches off. */
const valueOfLimit = {
  CONFIRM_WITHIN: 'confirmWithinMinutes',
  PAY_WITHIN: 'payWithinMinutes',
  CREDIT: 'creditDays',
  COMPLETE_AFTER: 'completeAfterDays',
} as const;

const policies = inputObject('StorePoliciesInput', {
  confirmation: oneOf('StoreConfirmation', storeConfirmations)
    .optional()
    .describe('Whether an order can be confirmed before it is paid (审单).'),
  confirmWithinMinutes: minutes().describe(
    'Minutes within which an order is to be confirmed: from its placing, or from its payment where it is confirmed only then.',
  ),
  payWithinMinutes: minutes().describe('Minutes after its placing at which an unpaid order is closed.'),
  expiryBy: executor().describe('Who closes unpaid orders; an own site does it here.'),
  refundsBy: executor().describe('Who moves the money of refunds; an own site does it here.'),
  creditDays: days().describe('Days within which an order is to be paid that staff let go on credit (账期).'),
  cashOnDelivery: boolean()
    .optional()
    .describe('True: customers may pay the carrier on delivery (货到付款).'),
  completeAfterDays: days().describe('Days after its delivery at which an order is completed by itself.'),
  without: list(oneOf('StoreLimit', storeLimits), 0, 4)
    .optional()
    .describe('Limits that are switched off. Not together with their values.'),
})
  .superRefine((input, context) => {
    for (const limit of input.without ?? []) {
      const why = { en: 'this limit is switched off in `without`', zh: '该时限已在 without 中关闭' };
      if (input[valueOfLimit[limit]] !== undefined) issue(context, 'INVALID', { why }, [valueOfLimit[limit]]);
    }
  }, ALWAYS)
  .optional()
  .describe(
    'How the store treats its orders; what is left out stays. A new store on a platform begins with confirmation after payment, and with a platform that closes unpaid orders and moves the money of refunds.',
  );
export type PolicyWishes = NonNullable<z.output<typeof policies>>;

export const storeOpenInput = z.object({
  code: storeCode(),
  platform: oneOf('Platform', platforms).describe('Where the store is.'),
  texts: storeTexts(),
  timeZone: timeZone().default('Asia/Shanghai'),
  currencies: currencies(),
  ...selling,
  policies,
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
    policies,
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
