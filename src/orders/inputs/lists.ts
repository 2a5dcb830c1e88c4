// What callers hand in to read and to watch orders.

import { z } from 'zod';
import { ALWAYS, boolean, email, idOf, issue, list, moment, oneOf, text } from '../../core/inputs.ts';
import { fulfilmentStates, orderFlags, orderStates, paymentStates } from '../texts.ts';

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
    flags: list(oneOf('OrderFlag', orderFlags), 0, 10)
      .optional()
      .describe('Only orders with one of these flags; an empty list matches nothing.'),
    remark: text(1, 200)
      .optional()
      .describe(
        'Only orders with a remark in which all these words stand, Chinese or English. Needs `orders.readRemarks`.',
      ),
    number: text(1, 40).optional().describe('Only the order with this number.'),
    externalReference: text(1, 128).optional().describe('Only the order with this reference.'),
    platformReference: text(1, 128).optional().describe('Only the orders with this number of a marketplace.'),
    customerId: idOf('Customer').optional().describe('Only orders of this customer.'),
    variantId: idOf('Variant').optional().describe('Only orders of this variant.'),
    locationId: idOf('Location')
      .optional()
      .describe(
        'Only orders for which this location has promised units that it did not send yet. One at which the caller does not act has none.',
      ),
    dispatchable: boolean()
      .optional()
      .describe(
        'True: only orders that the warehouse may have: confirmed, on no hold, with units to send, and paid or agreed on CREDIT or CASH_ON_DELIVERY. False: only all others. `allowedActions` has the last word: of an order that was refunded in part it knows whether what is due is still covered.',
      ),
    phone: text(3, 40)
      .optional()
      .describe(
        'Only orders to this phone number, with country code or as dialled in China; its digits count, not its spelling. Of more than 1000 orders the newest. Needs `contacts.read`.',
      ),
    email: email().optional().describe('Only orders to this e-mail address. Needs `contacts.read`.'),
    receiverName: text(1, 100)
      .optional()
      .describe('Only orders to a receiver of exactly this name. Needs `contacts.read`.'),
    awaitingStock: boolean()
      .optional()
      .describe('True: only paid orders that wait for stock. False: only orders that do not.'),
    hasDiscrepancy: boolean()
      .optional()
      .describe('True: only marketplace orders whose amounts do not add up. False: only orders whose do.'),
    placedFrom: moment().optional().describe('Only orders placed at or after this moment.'),
    placedBefore: moment().optional().describe('Only orders placed before this moment.'),
    shipByBefore: moment().optional().describe('Only orders promised to be dispatched before this moment.'),
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
  flags: list(oneOf('OrderFlag', orderFlags), 0, 10)
    .optional()
    .describe('Only orders with one of these flags; an empty list matches nothing.'),
});

export const viewerOrderWhere = z.object({
  states: list(oneOf('OrderState', orderStates), 0, 10)
    .optional()
    .describe('Only orders in one of these states; an empty list matches nothing.'),
});
