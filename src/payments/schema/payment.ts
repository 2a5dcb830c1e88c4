// Payments: attempts to pay an order, and money that came in for it.

import { isColleague, reaches } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { byMoment, list, nestedList } from '../../graphql/connection.ts';
import { feed } from '../../graphql/feed.ts';
import { mutation } from '../../graphql/payload.ts';
import { timeline } from '../../graphql/timeline.ts';
import { accountScope, seesAccount, visibleAccounts } from '../access.ts';
import { recordPayment, startPayment } from '../actions/payments.ts';
import {
  type PaymentWhere,
  paymentEventFilter,
  paymentRecordInput,
  paymentStartInput,
  paymentWhere,
} from '../inputs.ts';
import { paymentMethods, paymentStates } from '../texts.ts';

const State = enumType('PaymentState', 'What became of a payment.', paymentStates);
const Method = enumType('PaymentMethod', 'How money came in.', paymentMethods);

builder.prismaNode('Payment', {
  id: {
    field: 'id',
    description: 'Global id. The `reference` under which a gateway is asked for the payment and reports it.',
  },
  authScopes: (payment, { actor }) => seesAccount(actor, payment.account),
  select: { id: true, account: { select: accountScope } },
  fields: (t) => ({
    order: t.field({
      type: 'Order' as never,
      description: 'The order that is paid.',
      select: (_args, _context, nested) => ({ account: { select: { order: nested(true) } } }) as never,
      resolve: (payment) => (payment as unknown as { account: { order: never } }).account.order,
    }),
    method: t.expose('method', { type: Method, description: 'How the money comes in.' }),
    state: t.expose('state', { type: State, description: 'What became of it.' }),
    amount: t.field({
      type: 'Money',
      description: 'What is to be paid, or came in.',
      select: { amountMinor: true, currency: true },
      resolve: ({ amountMinor, currency }) => ({ minor: amountMinor, currency }),
    }),
    connectionCode: t.string({
      nullable: true,
      description: 'Code of the connection of the gateway; null for money that came in beside gateways.',
      select: { connection: { select: { code: true } } },
      resolve: ({ connection }) => connection?.code ?? null,
    }),
    transactionReference: t.exposeString('transactionReference', { nullable: true }),
    failureReason: t.exposeString('failureReason', {
      nullable: true,
      description: 'Why it failed, as the gateway says.',
    }),
    note: t.string({
      nullable: true,
      description: 'Remark of colleagues for colleagues: null for partners and shoppers.',
      select: { note: true },
      resolve: ({ note }, _args, { actor }) => (isColleague(actor) ? note : null),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was started or recorded.' }),
    capturedAt: t.expose('capturedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the money came in; null while it did not.',
    }),
    refunds: nestedList(t, {
      type: 'Refund',
      description: 'Refunds of this payment, newest first.',
      relation: 'refunds',
      ordering: [
        ['createdAt', 'desc'],
        ['id', 'desc'],
      ],
      count: ({ id }) => db.refund.count({ where: { paymentId: id } }),
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

list('payments', {
  type: 'Payment',
  description: 'Payments of orders of the stores in which the caller acts.',
  scope: 'payments.read',
  where: paymentWhere,
  ...byMoment('createdAt'),
  filter: (actor, where) => ({ AND: [{ account: visibleAccounts(actor) }, whereOf(where ?? {})] }),
  find: (query) => db.payment.findMany(query),
  count: (query) => db.payment.count(query),
});

const whereOf = (where: PaymentWhere) => ({
  ...(where.orderId ? { orderId: where.orderId } : {}),
  ...(where.storeId ? { account: { storeId: where.storeId } } : {}),
  ...(where.states ? { state: { in: where.states } } : {}),
  ...(where.methods ? { method: { in: where.methods } } : {}),
  ...(where.transactionReference ? { transactionReference: where.transactionReference } : {}),
  createdAt: {
    ...(where.createdFrom ? { gte: where.createdFrom } : {}),
    ...(where.createdBefore ? { lt: where.createdBefore } : {}),
  },
});

mutation('paymentStart', {
  description:
    'Start a payment of what is outstanding at a payment gateway, for an own order or on a customer’s behalf. Hand the payment’s `id` to the gateway as its reference. Refused with NOT_FOUND, ORDER_CLOSED, PAID_ON_PLATFORM, NOTHING_TO_PAY, TOO_MANY_ATTEMPTS (ten open ones in an hour; older ones stay payable).',
  scope: 'payments.start',
  input: paymentStartInput,
  returns: 'Payment',
  run: startPayment,
});

mutation('paymentRecord', {
  description:
    'Record money that came in beside the gateways: a bank transfer, cash. More than is due goes back. Refused with NOT_FOUND, CURRENCY_DIFFERS, OUT_OF_RANGE, AMOUNT_TOO_LARGE, ALREADY_EXISTS.',
  scope: 'payments.record',
  input: paymentRecordInput,
  returns: 'Payment',
  run: recordPayment,
});

feed('paymentEvents', {
  entity: 'Payment',
  noun: 'payment',
  description: 'Changes of payments of the stores in which the caller acts, live.',
  scope: 'payments.read',
  filter: paymentEventFilter,
  matches: (filter, facets) =>
    (filter?.orderIds?.includes(String(facets.orderId)) ?? true) &&
    (filter?.storeIds?.includes(String(facets.storeId)) ?? true) &&
    (filter?.states?.some((state) => state === facets.state) ?? true),
  visible: (actor, event) => reaches(actor.stores, event.storeId),
  load: (query, id, actor) =>
    db.payment.findFirst({ ...query, where: { id, account: visibleAccounts(actor) } }),
});
