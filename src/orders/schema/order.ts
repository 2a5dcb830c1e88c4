// The order as the world sees it: its axes, sums, contact, moments, timeline and what may be done next.

import type { Permission } from '../../core/actor.ts';
import { can, isShopper } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { problem } from '../../core/errors.ts';
import { now } from '../../core/time.ts';
import { allowedActionType } from '../../graphql/allowed-actions.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { nestedList } from '../../graphql/connection.ts';
import type { Context } from '../../graphql/context.ts';
import { timeline } from '../../graphql/timeline.ts';
import { orNull, shows } from '../../graphql/withheld.ts';
import { seesCustomer } from '../../identity/access.ts';
import { linkTo } from '../../identity/rules.ts';
import { orderScope, ownsOrder, seesOrder } from '../access.ts';
import { factsOfRows, type OrderAction, orderMoves, refusals } from '../rules/moves.ts';
import {
  afterSalesStates,
  cancelReasons,
  fulfilmentStates,
  orderActions,
  orderStates,
  paymentStates,
} from '../texts.ts';
import { Contact } from './contact.ts';

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
const CancelReason = enumType('OrderCancelReason', 'Why an order was cancelled.', cancelReasons);
const Action = enumType('OrderAction', 'Something that can be done with an order.', orderActions);

const permissionOf = {
  CONFIRM: 'orders.confirm',
  HOLD: 'orders.hold',
  RELEASE: 'orders.hold',
  CANCEL: 'orders.cancel',
  DISPATCH: 'shipments.dispatch',
  COMPLETE: 'orders.complete',
} as const satisfies Record<OrderAction, Permission>;

/** What there is to do for those who buy. */
const actionsOfShoppers: readonly OrderAction[] = ['CANCEL'];

const AllowedOrderAction = allowedActionType<OrderAction>('Order', Action);

const money = (currency: string, minor: bigint) => ({ minor, currency });

builder.prismaNode('Order', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (order, { actor }) => seesOrder(actor, order),
  select: { id: true, ...orderScope },
  fields: (t) => ({
    number: t.exposeString('number'),
    externalReference: t.exposeString('externalReference', { nullable: true }),
    platformOrder: t.relation('platformOrder', {
      nullable: true,
      description:
        'What the marketplace says of the order; null for an order that was placed here, and for shoppers.',
      ...orNull({ internal: true }),
    }),
    customer: t.relation('customer', {
      nullable: true,
      description:
        'The customer who ordered; null for guests, marketplaces and orders without an account, and for those of the department without `customers.read`.',
      ...orNull((order: { customerId: string | null }, _args: object, { actor }: Context) =>
        seesCustomer(actor, { id: order.customerId ?? '' }),
      ),
    }),
    store: t.relation('store', { description: 'Store in which the order was placed.', ...shows }),
    state: t.expose('state', { type: State, description: 'The order’s own axis.' }),
    paymentState: t.expose('paymentState', { type: PaymentState, description: 'The axis of payment.' }),
    fulfilmentState: t.expose('fulfilmentState', {
      type: FulfilmentState,
      description: 'The axis of fulfilment.',
    }),
    afterSalesState: t.expose('afterSalesState', {
      type: AfterSalesState,
      description: 'The axis of after-sales. Always NONE until the API has after-sales: nothing sets it yet.',
    }),
    awaitingStock: t.exposeBoolean('awaitingStock'),
    shipBy: t.expose('shipBy', { type: 'DateTime', nullable: true }),
    held: t.exposeBoolean('held', { description: 'True while at least one hold is open.' }),
    holds: nestedList(t, {
      type: 'OrderHold',
      description: 'Holds of the order, open and released, oldest first. Empty for shoppers.',
      scope: 'internal',
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
    paidAt: t.expose('paidAt', { type: 'DateTime', nullable: true }),
    dispatchedAt: t.expose('dispatchedAt', { type: 'DateTime', nullable: true }),
    deliveredAt: t.expose('deliveredAt', { type: 'DateTime', nullable: true }),
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
      description:
        'What the caller can do with the order now, and why not. For shoppers only what there is for them: CANCEL.',
      select: {
        state: true,
        fulfilmentState: true,
        awaitingStock: true,
        ...orderScope,
        holds: { where: { releasedAt: null }, select: { kind: true }, take: 100 },
        store: { select: { confirmation: true } },
        account: {
          select: {
            terms: true,
            dueMinor: true,
            capturedMinor: true,
            refundingMinor: true,
            refundedMinor: true,
          },
        },
      },
      resolve: ({ holds, store, account, ...order }, _args, { actor }) => {
        const facts = factsOfRows(order, { holds, account, store }, ownsOrder(actor, order));
        const actions = isShopper(actor) ? actionsOfShoppers : (Object.keys(orderMoves) as OrderAction[]);
        return actions.map((action) => {
          const [refusal = null] = refusals(action, facts);
          return { action, refusal: can(actor, permissionOf[action]) ? refusal : problem('NOT_PERMITTED') };
        });
      },
    }),
    followToken: t.string({
      description:
        'Token for a link by which the receiver follows the order without an account: sent as `Authorization: Bearer …` it opens `orderTrack` of this order and nothing else, for 30 days from now.',
      resolve: ({ id }) => linkTo(id, now()),
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});
