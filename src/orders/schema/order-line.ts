// Lines of orders.

import { builder } from '../../graphql/builder.ts';
import { orderScope, seesOrder } from '../access.ts';
import { openUnits } from '../rules/moves.ts';

const money = (currency: string, minor: bigint) => ({ minor, currency });

builder.prismaNode('OrderLine', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (line, { actor }) => seesOrder(actor, line.order),
  select: { id: true, order: { select: orderScope } },
  fields: (t) => ({
    order: t.relation('order', { description: 'Order of the line.' }),
    variant: t.relation('variant', { description: 'What was ordered, as it is now.' }),
    position: t.exposeInt('position', { description: 'Place of the line in the order, from 1.' }),
    sku: t.exposeString('sku', { description: 'SKU when the order was placed.' }),
    name: t.exposeString('name', { description: 'Name when the order was placed.' }),
    quantity: t.exposeInt('quantity'),
    cancelled: t.exposeInt('cancelled'),
    dispatched: t.exposeInt('dispatched'),
    returned: t.exposeInt('returned'),
    cancellable: t.int({
      description: 'Units that can still be cancelled.',
      select: { quantity: true, cancelled: true, dispatched: true },
      resolve: openUnits,
    }),
    unitPrice: t.field({
      type: 'Money',
      description: 'Price of one unit when the order was placed, tax included.',
      select: { unitPriceMinor: true, order: { select: { currency: true } } },
      resolve: (line) => money(line.order.currency, line.unitPriceMinor),
    }),
    taxRateBasisPoints: t.exposeInt('taxRateBasisPoints', {
      description: 'Tax rate in basis points: 1300 is 13 %.',
    }),
    merchantDiscount: t.field({
      type: 'Money',
      description: 'Discount on all units of the line that the department bears. Taken off its total.',
      select: { merchantDiscountMinor: true, order: { select: { currency: true } } },
      resolve: (line) => money(line.order.currency, line.merchantDiscountMinor),
    }),
    platformDiscount: t.field({
      type: 'Money',
      description:
        'Discount on all units of the line that a marketplace bears and pays to the department. Not taken off its total.',
      select: { platformDiscountMinor: true, order: { select: { currency: true } } },
      resolve: (line) => money(line.order.currency, line.platformDiscountMinor),
    }),
    platformReference: t.exposeString('platformReference', { nullable: true }),
    total: t.field({
      type: 'Money',
      description:
        'What the units that are not cancelled come to: their price less the department’s own discount.',
      select: { totalMinor: true, order: { select: { currency: true } } },
      resolve: (line) => money(line.order.currency, line.totalMinor),
    }),
    tax: t.field({
      type: 'Money',
      description: 'Tax contained in the line’s total.',
      select: { taxMinor: true, order: { select: { currency: true } } },
      resolve: (line) => money(line.order.currency, line.taxMinor),
    }),
  }),
});
