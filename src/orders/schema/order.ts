// The order as the world sees it: its axes, sums, lines, holds, contact, timeline and what may be done next.

import type { Permission } from '../../core/actor.ts';
import { can } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { problem } from '../../core/errors.ts';
import { allowedActionType } from '../../graphql/allowed-actions.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { nestedList } from '../../graphql/connection.ts';
import { timeline } from '../../graphql/timeline.ts';
import { seesOrder } from '../access.ts';
import { cancellable, type OrderAction, orderMoves, refusals } from '../rules.ts';
import {
  afterSalesStates,
  cancelReasons,
  fulfilmentStates,
  holdKinds,
  orderActions,
  orderStates,
  paymentStates,
} from '../texts.ts';

const State = enumType('OrderState', 'Where an order is on its own axis.', orderStates);
const PaymentState = enumType(
  'OrderPaymentState',
  'Where an order is on the axis of payment.',
  paymentStates,
);
const FulfilmentState = enumType(
  'OrderFulfilmentState',
  'Where an order is on the axis of fulfilment.',
  fulfilmentStates,
);
const AfterSalesState = enumType(
  'OrderAfterSalesState',
  'Where an order is on the axis of after-sales.',
  afterSalesStates,
);
const HoldKind = enumType('OrderHoldKind', 'What has to be settled before an order goes on.', holdKinds);
const CancelReason = enumType('OrderCancelReason', 'Why an order was cancelled.', cancelReasons);
const Action = enumType('OrderAction', 'Something that can be done with an order.', orderActions);

const permissionOf = {
  CONFIRM: 'orders.confirm',
  HOLD: 'orders.hold',
  RELEASE: 'orders.hold',
  CANCEL: 'orders.cancel',
  COMPLETE: 'orders.complete',
} as const satisfies Record<OrderAction, Permission>;

const AllowedOrderAction = allowedActionType<OrderAction>('Order', Action);

const money = (currency: string, minor: bigint) => ({ minor, currency });

const Address = builder.prismaObject('OrderPerson', {
  variant: 'OrderAddress',
  description: 'Where an order goes.',
  select: { orderId: true },
  authScopes: { can: 'orders.read' },
  fields: (t) => ({
    country: t.exposeString('country'),
    region: t.exposeString('region', { nullable: true }),
    city: t.exposeString('city'),
    district: t.exposeString('district', { nullable: true }),
    lines: t.exposeStringList('lines'),
    postalCode: t.exposeString('postalCode', { nullable: true, description: 'Postal code.' }),
  }),
});

const Contact = builder.prismaObject('OrderPerson', {
  variant: 'OrderContact',
  description: 'Whom an order goes to. Personal data.',
  select: { orderId: true },
  authScopes: { can: 'orders.read' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the receiver.' }),
    phone: t.exposeString('phone', { nullable: true, description: 'Phone number as it was given.' }),
    email: t.exposeString('email', { nullable: true, description: 'E-mail address.' }),
    address: t.variant(Address, { description: 'Where the order goes.' }),
  }),
});

builder.prismaNode('Order', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (order, { actor }) => seesOrder(actor, order),
  select: { id: true, storeId: true },
  fields: (t) => ({
    number: t.exposeString('number'),
    externalReference: t.exposeString('externalReference', { nullable: true }),
    store: t.relation('store', { description: 'Store in which the order was placed.' }),
    state: t.expose('state', { type: State, description: 'The order’s own axis.' }),
    paymentState: t.expose('paymentState', { type: PaymentState, description: 'The axis of payment.' }),
    fulfilmentState: t.expose('fulfilmentState', {
      type: FulfilmentState,
      description: 'The axis of fulfilment.',
    }),
    afterSalesState: t.expose('afterSalesState', {
      type: AfterSalesState,
      description: 'The axis of after-sales.',
    }),
    held: t.exposeBoolean('held', { description: 'True while at least one hold is open.' }),
    holds: nestedList(t, {
      type: 'OrderHold',
      description: 'Holds of the order, open and released, oldest first.',
      relation: 'holds',
      ordering: [
        ['placedAt', 'asc'],
        ['id', 'asc'],
      ],
      count: ({ id }) => db.orderHold.count({ where: { orderId: id } }),
    }),
    merchandise: t.field({
      type: 'Money',
      description: 'Sum of the lines, tax included, without what was cancelled.',
      select: { merchandiseMinor: true, currency: true },
      resolve: (order) => money(order.currency, order.merchandiseMinor),
    }),
    freight: t.field({
      type: 'Money',
      description: 'Freight, tax included.',
      select: { freightMinor: true, currency: true },
      resolve: (order) => money(order.currency, order.freightMinor),
    }),
    total: t.field({
      type: 'Money',
      description: 'Merchandise and freight: what is to be paid.',
      select: { totalMinor: true, currency: true },
      resolve: (order) => money(order.currency, order.totalMinor),
    }),
    tax: t.field({
      type: 'Money',
      description: 'Value added tax contained in the total.',
      select: { taxMinor: true, currency: true },
      resolve: (order) => money(order.currency, order.taxMinor),
    }),
    contact: t.field({
      type: Contact,
      nullable: true,
      description: 'Whom the order goes to.',
      select: (_args, _context, nested) => ({ person: nested(true) }) as never,
      resolve: (order) => (order as unknown as { person: never }).person,
    }),
    lines: nestedList(t, {
      type: 'OrderLine',
      description: 'What was ordered, in the order of the input.',
      relation: 'lines',
      ordering: [
        ['position', 'asc'],
        ['id', 'asc'],
      ],
      count: ({ id }) => db.orderLine.count({ where: { orderId: id } }),
    }),
    cancelReason: t.expose('cancelReason', {
      type: CancelReason,
      nullable: true,
      description: 'Why the order was cancelled.',
    }),
    placedAt: t.expose('placedAt', { type: 'DateTime', description: 'When the order was placed.' }),
    confirmedAt: t.expose('confirmedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was confirmed.',
    }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was completed.',
    }),
    cancelledAt: t.expose('cancelledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was cancelled.',
    }),
    allowedActions: t.field({
      type: [AllowedOrderAction],
      description: 'What the caller can do with the order now, and why not.',
      select: { state: true, holds: { where: { releasedAt: null }, select: { kind: true }, take: 100 } },
      resolve: ({ state, holds }, _args, { actor }) =>
        (Object.keys(orderMoves) as OrderAction[]).map((action) => {
          const [refusal = null] = refusals(action, { state, openHolds: holds.map((hold) => hold.kind) });
          return { action, refusal: can(actor, permissionOf[action]) ? refusal : problem('NOT_PERMITTED') };
        }),
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

builder.prismaNode('OrderLine', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (line, { actor }) => seesOrder(actor, line.order),
  select: { id: true, order: { select: { storeId: true } } },
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
      resolve: cancellable,
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
    total: t.field({
      type: 'Money',
      description: 'Unit price times the units that are not cancelled.',
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

builder.prismaNode('OrderHold', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (hold, { actor }) => seesOrder(actor, hold.order),
  select: { id: true, order: { select: { storeId: true } } },
  fields: (t) => ({
    order: t.relation('order', { description: 'The order on hold.' }),
    kind: t.expose('kind', { type: HoldKind, description: 'What has to be settled.' }),
    reason: t.exposeString('reason', { description: 'Why, for colleagues.' }),
    placedAt: t.expose('placedAt', { type: 'DateTime', description: 'When the order was stopped.' }),
    releasedAt: t.expose('releasedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was released; null while it is open.',
    }),
    releaseReason: t.exposeString('releaseReason', { nullable: true, description: 'How it was settled.' }),
  }),
});
