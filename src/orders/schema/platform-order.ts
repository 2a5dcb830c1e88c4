// Orders of marketplaces: what the platform says of them, and pushing it.

import { isInternal } from '../../core/actor.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { mutation } from '../../graphql/payload.ts';
import { orderScope, seesOrder } from '../access.ts';
import { pushOrder } from '../actions/push-order.ts';
import { orderPushInput } from '../inputs/push.ts';
import { platformOrderStates } from '../texts.ts';

enumType('PlatformOrderState', 'Where an order is at the marketplace.', platformOrderStates);

const money = (row: { order: { currency: string } }, minor: bigint) => ({
  minor,
  currency: row.order.currency,
});
const currency = { order: { select: { currency: true } } } as const;

builder.prismaObject('PlatformOrder', {
  description: 'What a marketplace says of an order that was made there. Facts, taken as they are given.',
  select: { orderId: true, order: { select: orderScope } },
  authScopes: ({ order }, { actor }) => isInternal(actor) && seesOrder(actor, order),
  fields: (t) => ({
    reference: t.exposeString('reference', { description: 'The platform’s number of the order.' }),
    asOf: t.expose('asOf', { type: 'DateTime' }),
    paidAt: t.expose('paidAt', { type: 'DateTime', nullable: true, description: 'When the buyer paid.' }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the platform closed the order.',
    }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the platform completed the order.',
    }),
    buyerPaid: t.field({
      type: 'Money',
      description: 'What the buyer pays or paid.',
      select: { buyerPaidMinor: true, ...currency },
      resolve: (row) => money(row, row.buyerPaidMinor),
    }),
    platformDiscount: t.field({
      type: 'Money',
      description: 'Σ discounts that the platform bears. Received like money of the buyer.',
      select: { platformDiscountMinor: true, ...currency },
      resolve: (row) => money(row, row.platformDiscountMinor),
    }),
    merchantDiscount: t.field({
      type: 'Money',
      description: 'Σ discounts that the department bears. Not received.',
      select: { merchantDiscountMinor: true, ...currency },
      resolve: (row) => money(row, row.merchantDiscountMinor),
    }),
    discrepancy: t.field({
      type: 'Money',
      description:
        'Buyer’s payment and the platform’s discounts, less lines and freight: what the amounts do not explain. 0 when they add up.',
      select: { discrepancyMinor: true, ...currency },
      resolve: (row) => money(row, row.discrepancyMinor),
    }),
  }),
});

mutation('orderPush', {
  description:
    'Tell what a marketplace says of one of its orders, as often as wanted and in any order: all pushes with one `reference` in a store are one order, so no idempotency key is needed. A paid order is never refused for want of stock: it waits, and gets what comes. Refused with NOT_FOUND, NOT_A_PLATFORM_STORE, CURRENCY_NOT_USED, CURRENCY_DIFFERS, ITEM_UNKNOWN, LINE_UNKNOWN, TOTAL_TOO_LARGE, AMOUNT_TOO_LARGE, REFUND_EXCEEDS_CAPTURED, REFUND_LINE_EXCEEDS.',
  scope: 'orders.push',
  input: orderPushInput,
  returns: 'Order',
  run: pushOrder,
});
