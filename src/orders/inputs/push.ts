// What a marketplace pushes of an order that was made there.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  currency,
  distinct,
  externalReference,
  idOf,
  inputObject,
  issue,
  list,
  moment,
  money,
  oneOf,
  pattern,
  quantity,
  sku,
  text,
} from '../../core/inputs.ts';
import { platformOrderStates } from '../texts.ts';

const receiverInput = inputObject('PlatformReceiverInput', {
  name: text(1, 100).describe('Name of the receiver, masked or not: `张*`.'),
  phone: text(1, 40).optional().describe('Phone number, masked or not: `138****1234`.'),
  country: pattern(/^[A-Z]{2}$/, {
    en: 'a country code has two capital letters',
    zh: '国家代码为两个大写字母',
  })
    .default('CN')
    .describe('ISO 3166-1 alpha-2 code. Default `CN`.'),
  region: text(1, 100).optional().describe('Province or state (省).'),
  city: text(1, 100).describe('City (市).'),
  district: text(1, 100).optional().describe('District (区/县).'),
  lines: list(text(1, 200), 0, 5)
    .default([])
    .describe('Street, house number and what follows, as far as given.'),
  postalCode: text(1, 20).optional().describe('Postal code.'),
  masked: boolean().default(false).describe('True when the platform masks the receiver.'),
});

const lineInput = inputObject('PlatformLineInput', {
  reference: externalReference().describe('The platform’s number of the line.'),
  sku: sku().optional().describe('Our SKU. Give this or `platformItemId`.'),
  platformItemId: text(1, 128)
    .optional()
    .describe('The platform’s number of the variant, as the listing of the store has it.'),
  quantity: quantity(10_000_000).describe('Units.'),
  unitPrice: money().describe('Price of one unit before any discount, tax included.'),
  merchantDiscount: money().optional().describe('Discount on the whole line that the department bears.'),
  platformDiscount: money()
    .optional()
    .describe('Discount on the whole line that the platform bears, and pays to the department.'),
});
export type PlatformLine = z.output<typeof lineInput>;

const FREIGHT = { en: 'the freight exceeds the amount', zh: '运费超过了退款金额' };

const refundInput = inputObject('PlatformRefundInput', {
  reference: externalReference().describe('The platform’s number of the refund.'),
  amount: money(1n).describe('What went back, freight included.'),
  freight: money().optional().describe('Part of it that is freight.'),
  lines: list(
    inputObject('PlatformRefundLineInput', {
      reference: externalReference().describe('The platform’s number of the line.'),
      quantity: quantity(10_000_000).describe('Units.'),
      amount: money().describe('What went back for them.'),
    }),
    0,
    1_000,
  )
    .optional()
    .describe('What it was for, where the platform says so.'),
  refundedAt: moment().describe('When the platform moved the money.'),
});

export const orderPushInput = z
  .object({
    storeId: idOf('Store').describe('Store on the marketplace.'),
    reference: externalReference().describe(
      'The platform’s number of the order. Every push with it is about the same order.',
    ),
    asOf: moment().describe(
      'Moment of what is pushed, as the platform says. Of what changes, the newest counts, whatever comes last.',
    ),
    state: oneOf('PlatformOrderState', platformOrderStates).describe('Where the order is at the platform.'),
    currency: currency().optional().describe('ISO 4217 code. Default: the first of the store.'),
    placedAt: moment().describe('When the buyer placed it.'),
    paidAt: moment().optional().describe('When the buyer paid. Default for a paid order: `asOf`.'),
    shipBy: moment().optional().describe('Moment by which it is to be dispatched.'),
    receiver: receiverInput.optional().describe('Whom it goes to. Required with the first push.'),
    lines: list(lineInput, 1, 1_000)
      .superRefine(
        (lines, context) =>
          distinct(
            context,
            lines.map((line) => line.reference),
            'reference',
          ),
        ALWAYS,
      )
      .optional()
      .describe('What was ordered. Required with the first push.'),
    freight: money().optional().describe('Freight that the buyer pays. Default: none, or as pushed before.'),
    buyerPaid: money()
      .optional()
      .describe('What the buyer pays or paid in all. Required with the first push.'),
    refunds: list(refundInput, 0, 100)
      .superRefine((refunds, context) => {
        distinct(
          context,
          refunds.map((refund) => refund.reference),
          'reference',
        );
        refunds.forEach(({ amount, freight }, i) => {
          if (amount && freight && freight.minor > amount.minor)
            issue(context, 'INVALID', { why: FREIGHT }, [i, 'freight']);
        });
      }, ALWAYS)
      .optional()
      .describe('Refunds that the platform made; each is taken once.'),
  })
  .superRefine(({ lines }, context) => {
    lines?.forEach((line, i) => {
      if (!line.sku && !line.platformItemId) issue(context, 'REQUIRED', {}, ['lines', i, 'sku']);
      const most = (line.unitPrice?.minor ?? 0n) * BigInt(line.quantity ?? 0);
      if ((line.merchantDiscount?.minor ?? 0n) > most)
        issue(
          context,
          'INVALID',
          { why: { en: 'the discount exceeds the line', zh: '优惠超过了该行金额' } },
          ['lines', i, 'merchantDiscount'],
        );
    });
  }, ALWAYS);
export type OrderPush = z.output<typeof orderPushInput>;
