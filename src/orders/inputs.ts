// What callers hand in about orders.

import { isSupportedCountry, isValidPhoneNumber } from 'libphonenumber-js';
import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  currency,
  distinct,
  email,
  expectedVersion,
  externalReference,
  idempotencyKey,
  idOf,
  inputObject,
  issue,
  list,
  moment,
  oneOf,
  pattern,
  quantity,
  text,
} from '../core/inputs.ts';
import { cancelReasons, fulfilmentStates, holdKinds, orderStates, paymentStates } from './texts.ts';

const addressInput = inputObject('AddressInput', {
  country: pattern(/^[A-Z]{2}$/, {
    en: 'a country code has two capital letters',
    zh: '国家代码为两个大写字母',
  }).describe('ISO 3166-1 alpha-2 code: `CN`, `GB`.'),
  region: text(1, 100).optional().describe('Province or state (省). Required in China.'),
  city: text(1, 100).describe('City (市).'),
  district: text(1, 100).optional().describe('District (区/县). Required in China.'),
  lines: list(text(1, 200), 1, 5).describe('Street, house number and what follows, one entry a line.'),
  postalCode: text(1, 20).optional().describe('Postal code; six digits in China.'),
}).superRefine((address, context) => {
  if (!isSupportedCountry(address.country)) own(context, 'COUNTRY_UNKNOWN', ['country']);
  if (address.country !== 'CN') return;
  if (!address.region) issue(context, 'REQUIRED', {}, ['region']);
  if (!address.district) issue(context, 'REQUIRED', {}, ['district']);
  if (address.postalCode && !/^\d{6}$/.test(address.postalCode))
    own(context, 'POSTAL_CODE_INVALID', ['postalCode']);
}, ALWAYS);

const contactInput = inputObject('ContactInput', {
  name: text(1, 100).describe('Name of the receiver.'),
  phone: text(3, 40)
    .optional()
    .describe('Phone number, with country code or as dialled in the country of the address.'),
  email: email().optional().describe('E-mail address.'),
});

const orderLineInput = inputObject('OrderLineInput', {
  variantId: idOf('Variant').describe(
    'What is ordered. Its product must be published and on sale in the store.',
  ),
  quantity: quantity(10_000_000).describe('Units. The store sets a limit for one variant.'),
});

export const orderPlaceInput = z
  .object({
    idempotencyKey: idempotencyKey(),
    storeId: idOf('Store').describe('Store in which the order is placed.'),
    currency: currency().optional().describe('ISO 4217 code of a currency of the store. Default: its first.'),
    externalReference: externalReference()
      .optional()
      .describe('The caller’s own number for this order. Unique.'),
    contact: contactInput.describe('Whom the order goes to.'),
    address: addressInput.describe('Where the order goes.'),
    lines: list(orderLineInput, 1, 1_000).describe('What is ordered. Lines of one variant count together.'),
  })
  .superRefine(({ contact, address }, context) => {
    if (!contact.phone && !contact.email) own(context, 'CONTACT_MISSING', ['contact', 'phone']);
    const { country } = address;
    if (contact.phone && isSupportedCountry(country) && !isValidPhoneNumber(contact.phone, country)) {
      own(context, 'PHONE_INVALID', ['contact', 'phone'], { country });
    }
  }, ALWAYS);
export type OrderPlace = z.output<typeof orderPlaceInput>;

const orderId = () => idOf('Order').describe('The order.');
const optionalKey = () => idempotencyKey().optional();
const version = () => expectedVersion().optional();

export const orderConfirmInput = z.object({
  idempotencyKey: optionalKey(),
  orderId: orderId(),
  expectedVersion: version(),
});
export type OrderConfirm = z.output<typeof orderConfirmInput>;

export const orderHoldInput = z.object({
  idempotencyKey: optionalKey(),
  orderId: orderId(),
  expectedVersion: version(),
  kind: oneOf('OrderHoldKind', holdKinds).describe('What has to be settled.'),
  reason: text(1, 1_000).describe('Why, for colleagues.'),
});
export type OrderHoldPlace = z.output<typeof orderHoldInput>;

export const orderReleaseInput = z.object({
  idempotencyKey: optionalKey(),
  orderHoldId: idOf('OrderHold').describe('The hold that is settled.'),
  reason: text(1, 1_000).describe('How it was settled.'),
});
export type OrderRelease = z.output<typeof orderReleaseInput>;

export const orderCancelInput = z.object({
  idempotencyKey: idempotencyKey(),
  orderId: orderId(),
  expectedVersion: version(),
  reason: oneOf('OrderCancelReason', cancelReasons).describe('Why.'),
  note: text(1, 1_000).optional().describe('Remark for colleagues.'),
  lines: list(
    inputObject('OrderCancelLineInput', {
      orderLineId: idOf('OrderLine').describe('Line of this order.'),
      quantity: quantity(10_000_000).describe('Units to cancel.'),
    }),
    1,
    1_000,
  )
    .superRefine(
      (lines, context) =>
        distinct(
          context,
          lines.map((line) => line.orderLineId),
          'orderLineId',
        ),
      ALWAYS,
    )
    .optional()
    .describe('Lines and units to cancel, each line once. Without it the whole order.'),
});
export type OrderCancel = z.output<typeof orderCancelInput>;

export const orderCompleteInput = z.object({
  idempotencyKey: idempotencyKey(),
  orderId: orderId(),
  expectedVersion: version(),
});
export type OrderComplete = z.output<typeof orderCompleteInput>;

export const orderWhere = z
  .object({
    storeId: idOf('Store').optional().describe('Only orders of this store.'),
    states: list(oneOf('OrderState', orderStates), 0, 10)
      .optional()
      .describe('Only orders in one of these states; an empty list matches nothing.'),
    paymentStates: list(oneOf('OrderPaymentState', paymentStates), 0, 10)
      .optional()
      .describe('Only orders in one of these states of payment.'),
    fulfilmentStates: list(oneOf('OrderFulfilmentState', fulfilmentStates), 0, 10)
      .optional()
      .describe('Only orders in one of these states of fulfilment.'),
    held: boolean().optional().describe('True: only orders on hold. False: only orders that are not.'),
    number: text(1, 40).optional().describe('Only the order with this number.'),
    externalReference: text(1, 128).optional().describe('Only the order with this reference.'),
    variantId: idOf('Variant').optional().describe('Only orders of this variant.'),
    placedFrom: moment().optional().describe('Only orders placed at or after this moment.'),
    placedBefore: moment().optional().describe('Only orders placed before this moment.'),
  })
  .superRefine(({ placedFrom, placedBefore }, context) => {
    if (placedFrom && placedBefore && placedFrom >= placedBefore) {
      issue(
        context,
        'INVALID',
        { why: { en: 'placedBefore must be later than placedFrom', zh: 'placedBefore 必须晚于 placedFrom' } },
        ['placedBefore'],
      );
    }
  }, ALWAYS);
export type OrderWhere = z.output<typeof orderWhere>;

export const orderEventFilter = z.object({
  orderIds: list(idOf('Order'), 0, 100)
    .optional()
    .describe('Only these orders; an empty list matches nothing.'),
  storeIds: list(idOf('Store'), 0, 100)
    .optional()
    .describe('Only orders of these stores; an empty list matches nothing.'),
  states: list(oneOf('OrderState', orderStates), 0, 10)
    .optional()
    .describe('Only orders in one of these states; an empty list matches nothing.'),
  held: boolean().optional().describe('True: only orders on hold. False: only orders that are not.'),
});

/** A problem with a code of the orders' own table. */
function own(
  context: unknown,
  code: string,
  path: (string | number)[],
  params: Record<string, string> = {},
): void {
  issue(context, code as 'INVALID', params, path);
}
