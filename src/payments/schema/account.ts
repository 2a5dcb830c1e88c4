// The money of an order: what is due, what came in, what goes back, and its ledger.

import { db } from '../../core/db.ts';
import { toGlobalId } from '../../core/ids.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { nestedList } from '../../graphql/connection.ts';
import { orNull } from '../../graphql/withheld.ts';
import { accountScope, seesAccount, seesLedger } from '../access.ts';
import { isCovered, outstandingMinor } from '../rules.ts';
import { ledgerCounters, paymentTerms } from '../texts.ts';

const Terms = enumType('PaymentTerms', 'How an order is paid.', paymentTerms);
const Counter = enumType('PaymentCounter', 'An amount of a payment account.', ledgerCounters);

const amounts = { dueMinor: true, capturedMinor: true, refundingMinor: true, refundedMinor: true } as const;

const NEWEST = [
  ['createdAt', 'desc'],
  ['id', 'desc'],
] as const;

const PaymentAccount = builder.prismaObject('PaymentAccount', {
  description:
    'The money of one order. Staff need `payments.read` in its store; shoppers see that of their own orders.',
  authScopes: (account, { actor }) => seesAccount(actor, account),
  select: { orderId: true, currency: true, ...accountScope },
  fields: (t) => ({
    terms: t.expose('terms', { type: Terms, description: 'How the order is paid.' }),
    due: t.field({
      type: 'Money',
      description: 'What is to be paid for the order, less what was credited since.',
      select: { dueMinor: true },
      resolve: ({ dueMinor, currency }) => ({ minor: dueMinor, currency }),
    }),
    captured: t.field({
      type: 'Money',
      description: 'What came in.',
      select: { capturedMinor: true },
      resolve: ({ capturedMinor, currency }) => ({ minor: capturedMinor, currency }),
    }),
    refunding: t.field({
      type: 'Money',
      description: 'What is on its way back.',
      select: { refundingMinor: true },
      resolve: ({ refundingMinor, currency }) => ({ minor: refundingMinor, currency }),
    }),
    refunded: t.field({
      type: 'Money',
      description: 'What went back.',
      select: { refundedMinor: true },
      resolve: ({ refundedMinor, currency }) => ({ minor: refundedMinor, currency }),
    }),
    outstanding: t.field({
      type: 'Money',
      description: 'What is still to be paid: due less what came in and does not go back, never below 0.',
      select: amounts,
      resolve: (account) => ({ minor: outstandingMinor(account), currency: account.currency }),
    }),
    isCovered: t.boolean({
      description: 'True when nothing is left to be paid.',
      select: amounts,
      resolve: isCovered,
    }),
    payments: nestedList(t, {
      type: 'Payment',
      description: 'Payments of the order, open, failed and received, newest first.',
      relation: 'payments',
      parentKey: 'orderId',
      ordering: NEWEST,
      count: ({ id }) => db.payment.count({ where: { orderId: id } }),
    }),
    refunds: nestedList(t, {
      type: 'Refund',
      description: 'Refunds of the order, newest first.',
      relation: 'refunds',
      parentKey: 'orderId',
      ordering: NEWEST,
      count: ({ id }) => db.refund.count({ where: { orderId: id } }),
    }),
    ledger: nestedList(t, {
      type: 'PaymentLedgerEntry',
      description: 'Every change of an amount, newest first. Empty for shoppers.',
      scope: 'internal',
      relation: 'ledger',
      parentKey: 'orderId',
      ordering: [
        ['occurredAt', 'desc'],
        ['id', 'desc'],
      ],
      count: ({ id }) => db.paymentLedgerEntry.count({ where: { orderId: id } }),
    }),
  }),
});

builder.prismaObjectField('Order', 'payment', (t) =>
  t.relation('account', {
    type: PaymentAccount,
    nullable: true,
    description: 'The money of the order. Null for those of the department without `payments.read`.',
    ...orNull({ shopper: true, can: 'payments.read' } as const),
  }),
);

builder.prismaNode('PaymentLedgerEntry', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (entry, { actor }) => seesLedger(actor, entry.account),
  select: { id: true, account: { select: { currency: true, ...accountScope } } },
  fields: (t) => ({
    counter: t.expose('counter', { type: Counter, description: 'The amount that changed.' }),
    delta: t.field({
      type: 'Money',
      description: 'By how much it changed.',
      select: { deltaMinor: true },
      resolve: ({ deltaMinor, account }) => ({ minor: deltaMinor, currency: account.currency }),
    }),
    after: t.field({
      type: 'Money',
      description: 'The amount after the change.',
      select: { afterMinor: true },
      resolve: ({ afterMinor, account }) => ({ minor: afterMinor, currency: account.currency }),
    }),
    payment: t.relation('payment', { nullable: true, description: 'Payment that it belongs to, if any.' }),
    refund: t.relation('refund', { nullable: true, description: 'Refund that it belongs to, if any.' }),
    actorKind: t.exposeString('actorKind', {
      description: '`STAFF`, `CUSTOMER`, `GUEST`, `KEY` or `SYSTEM`.',
    }),
    actorId: t.id({
      nullable: true,
      description: 'Id of the person who made the change, where it was staff.',
      select: { actorKind: true, actorId: true },
      resolve: ({ actorKind, actorId }) =>
        actorKind === 'STAFF' && actorId ? toGlobalId('Staff', actorId) : null,
    }),
    requestId: t.exposeString('requestId', { description: 'The request in which the change was made.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the amount changed.' }),
  }),
});
