// What callers hand in to place an order.

import { z } from 'zod';
import {
  ALWAYS,
  currency,
  email,
  externalReference,
  idempotencyKey,
  idOf,
  inputObject,
  issue,
  list,
  oneOf,
  quantity,
  text,
} from '../../core/inputs.ts';
import { checkReceiverPhone, postalAddress, receiverPhone } from '../../core/postal-address.ts';

const contactInput = inputObject('ContactInput', {
  name: text(1, 100).describe('Name of the receiver.'),
  phone: receiverPhone().optional(),
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
      .describe(
        'The caller’s own number for this order. Unique among those of a partner, and among those of the department. Not for shoppers.',
      ),
    contact: contactInput.describe('Whom the order goes to.'),
    address: postalAddress.describe('Where the order goes.'),
    lines: list(orderLineInput, 1, 1_000).describe('What is ordered. Lines of one variant count together.'),
    stockReservationIds: list(idOf('StockReservation'), 0, 20)
      .optional()
      .describe(
        'Reservations of stock that the order uses: their units are free for it, and they end with it, whether it takes all of them or not. One that has expired holds nothing any more and is no problem. Left out by shoppers, their own in this store that hold one of the variants are used; by all others, none. An empty list uses none.',
      ),
    customerId: idOf('Customer')
      .optional()
      .describe('Customer on whose behalf staff place the order. Shoppers leave it out.'),
    terms: oneOf('PaymentTerms', { PREPAID: 1, CREDIT: 1, CASH_ON_DELIVERY: 1 })
      .optional()
      .describe(
        'How it is paid. Default PREPAID. CASH_ON_DELIVERY where the store offers it; CREDIT, which needs the permission `orders.credit`, where the store grants it.',
      ),
  })
  .superRefine(({ contact, address }, context) => {
    if (!contact.phone && !contact.email) own(context, 'CONTACT_MISSING', ['contact', 'phone']);
    checkReceiverPhone(context, contact.phone, address.country, ['contact', 'phone']);
  }, ALWAYS);
export type OrderPlace = z.output<typeof orderPlaceInput>;

/** A problem with a code of the orders' own table. */
function own(
  context: unknown,
  code: string,
  path: (string | number)[],
  params: Record<string, string> = {},
): void {
  issue(context, code as 'INVALID', params, path);
}
