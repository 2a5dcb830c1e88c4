// Lines of orders.

import { isInternal } from '../../core/actor.ts';
import { sumQuantities } from '../../core/reads/rows.ts';
import { builder } from '../../graphql/builder.ts';
import { shows } from '../../graphql/withheld.ts';
import { seesLocation } from '../../inventory/access.ts';
import { openAllocations, orderScope, seesOrder } from '../access.ts';
import { openUnits } from '../rules/moves.ts';

const money = (currency: string, minor: bigint) => ({ minor, currency });

const Allocation = builder.prismaObject('Allocation', {
  variant: 'OrderLineAllocation',
  description: 'Units that a location has promised to a line of an order.',
  authScopes: ({ stock }, { actor }) => isInternal(actor) && seesLocation(actor, { id: stock.locationId }),
  select: { quantity: true, stock: { select: { locationId: true } } },
  fields: (t) => ({
    location: t.field({
      type: 'Location' as never,
      description: 'The location.',
      select: (_args, _context, nested) => ({ stock: { select: { location: nested(true) } } }) as never,
      resolve: ({ stock }) => (stock as unknown as { location: never }).location,
    }),
    quantity: t.exposeInt('quantity', { description: 'Units promised there and not sent yet.' }),
  }),
});

interface AllocatedUnits {
  quantity: number;
  stock: { locationId: string };
}

/** Promises of one line that are read; each arrival of goods that it waited for may have added one. */
const ALLOCATIONS_READ = 100;

builder.prismaNode('OrderLine', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (line, { actor }) => seesOrder(actor, line.order),
  select: { id: true, order: { select: orderScope } },
  fields: (t) => ({
    order: t.relation('order', { description: 'Order of the line.' }),
    variant: t.relation('variant', {
      description:
        'What was ordered, as it is now. Who sees the line sees it and its product, also when neither is sold any more.',
      ...shows,
    }),
    position: t.exposeInt('position', { description: 'Place of the line in the order, from 1.' }),
    sku: t.exposeString('sku', { description: 'SKU when the order was placed.' }),
    name: t.exposeString('name', {
      description:
        'Name when the order was placed, in the language of the request that placed it. It is not translated; the product of `variant` has its name of today in the language of the reader.',
    }),
    quantity: t.exposeInt('quantity'),
    cancelled: t.exposeInt('cancelled'),
    dispatched: t.exposeInt('dispatched'),
    returned: t.exposeInt('returned', {
      description: 'Units that came back. Always 0 until the API has after-sales: nothing counts them yet.',
    }),
    cancellable: t.int({
      description: 'Units that can still be cancelled.',
      select: { quantity: true, cancelled: true, dispatched: true },
      resolve: openUnits,
    }),
    allocations: t.field({
      type: [Allocation],
      description: `Where the goods of the line lie: units that locations have promised to it and not sent yet, of those at which the caller acts. Empty for shoppers. At most ${ALLOCATIONS_READ}.`,
      select: (_args, { actor }, nested) =>
        ({
          allocations: {
            ...(nested(true) as object),
            where: openAllocations(actor),
            orderBy: { id: 'asc' },
            take: ALLOCATIONS_READ,
          },
        }) as never,
      // By location: a line that waited for stock may have several promises of one.
      resolve: (line) => {
        const { allocations } = line as unknown as { allocations: AllocatedUnits[] };
        return sumQuantities(allocations, ({ stock }) => stock.locationId) as never[];
      },
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
