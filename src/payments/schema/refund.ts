// Refunds: money that goes back from payments of an order.

import { can, isColleague, isInternal, type Permission, reaches } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { problem } from '../../core/errors.ts';
import type { MinorMoney } from '../../core/money.ts';
import { reasonIn } from '../../core/texts.ts';
import { allowedActionType } from '../../graphql/allowed-actions.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { byMoment, list, nestedList } from '../../graphql/connection.ts';
import { feed } from '../../graphql/feed.ts';
import { errorType, mutation } from '../../graphql/payload.ts';
import { timeline } from '../../graphql/timeline.ts';
import { orNull } from '../../graphql/withheld.ts';
import { accountScope, seesAccount, visibleAccounts } from '../access.ts';
import { createRefund, retryRefund, settleRefund } from '../actions/refunds.ts';
import {
  type RefundWhere,
  refundCreateInput,
  refundEventFilter,
  refundRetryInput,
  refundSettleInput,
  refundWhere,
} from '../inputs.ts';
import { isCallable, type RefundAction, refundMoves, refundRefusals } from '../rules.ts';
import { refundActions, refundReasons, refundStates } from '../texts.ts';

const State = enumType('RefundState', 'What became of a refund.', refundStates);
const Reason = enumType('RefundReason', 'Why money goes back.', refundReasons);
const Action = enumType('RefundAction', 'Something that can be done with a refund.', refundActions);
const AllowedRefundAction = allowedActionType<RefundAction>('Refund', Action);

const permissionOf = {
  RETRY: 'refunds.settle',
  SETTLE: 'refunds.settle',
} as const satisfies Record<RefundAction, Permission>;

errorType<MinorMoney>(
  'RefundExceedsCaptured',
  'More is to be refunded than is left of what came in.',
  (t) => ({
    maximum: t.field({
      type: 'Money',
      description: 'The most that can be refunded now.',
      resolve: ({ data }) => data,
    }),
  }),
);

builder.prismaNode('Refund', {
  id: {
    field: 'id',
    description: 'Global id. The `reference` under which a gateway is asked for the refund and reports it.',
  },
  authScopes: (refund, { actor }) => seesAccount(actor, refund.account),
  select: { id: true, currency: true, account: { select: accountScope } },
  fields: (t) => ({
    order: t.field({
      type: 'Order' as never,
      description: 'The order that is paid back.',
      select: (_args, _context, nested) => ({ account: { select: { order: nested(true) } } }) as never,
      resolve: (refund) => (refund as unknown as { account: { order: never } }).account.order,
    }),
    payment: t.relation('payment', { description: 'Payment that the money goes back from.' }),
    state: t.expose('state', { type: State, description: 'What became of it.' }),
    reason: t.expose('reason', { type: Reason, description: 'Why the money goes back.' }),
    amount: t.field({
      type: 'Money',
      description: 'What goes back.',
      select: { amountMinor: true },
      resolve: ({ amountMinor, currency }) => ({ minor: amountMinor, currency }),
    }),
    freight: t.field({
      type: 'Money',
      description: 'Part of the amount that is freight.',
      select: { freightMinor: true },
      resolve: ({ freightMinor, currency }) => ({ minor: freightMinor, currency }),
    }),
    lines: nestedList(t, {
      type: 'RefundLine',
      description: 'Units that were paid back; with several refunds at once, those of all are at the first.',
      relation: 'lines',
      ordering: [['id', 'asc']],
      count: ({ id }) => db.refundLine.count({ where: { refundId: id } }),
    }),
    externalReference: t.exposeString('externalReference', { nullable: true }),
    transactionReference: t.exposeString('transactionReference', { nullable: true }),
    note: t.string({
      nullable: true,
      description: 'Remark of colleagues for colleagues: null for partners and shoppers.',
      select: { note: true },
      resolve: ({ note }, _args, { actor }) => (isColleague(actor) ? note : null),
    }),
    attempts: t.int({
      description: 'Times that it was handed to the gateway. 0 for shoppers.',
      select: { attempts: true },
      resolve: ({ attempts }, _args, { actor }) => (isInternal(actor) ? attempts : 0),
    }),
    failureReason: t.string({
      nullable: true,
      description:
        'Why it failed: as the gateway says, or by the product in the language of the request. Null for shoppers.',
      select: { failureReason: true },
      resolve: ({ failureReason }, _args, { actor }) => reasonIn(actor.locale, failureReason),
      ...orNull({ internal: true }),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    settledAt: t.expose('settledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the money went back; null while it did not.',
    }),
    allowedActions: t.field({
      type: [AllowedRefundAction],
      description: 'What the caller can do with the refund now, and why not. Empty for shoppers.',
      select: {
        state: true,
        payment: { select: { connection: { select: { url: true, archivedAt: true } } } },
      },
      resolve: ({ state, payment }, _args, { actor }) =>
        (isInternal(actor) ? (Object.keys(refundMoves) as RefundAction[]) : []).map((action) => {
          const facts = { state, isCallable: isCallable(payment.connection) };
          const [refusal = null] = refundRefusals(action, facts);
          return { action, refusal: can(actor, permissionOf[action]) ? refusal : problem('NOT_PERMITTED') };
        }),
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

builder.prismaNode('RefundLine', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (line, { actor }) => seesAccount(actor, line.refund.account),
  select: { id: true, refund: { select: { currency: true, account: { select: accountScope } } } },
  fields: (t) => ({
    orderLine: t.relation('orderLine', { description: 'Line of the order.' }),
    quantity: t.exposeInt('quantity', { description: 'Units that were paid back.' }),
    amount: t.field({
      type: 'Money',
      description: 'What was paid back for them.',
      select: { amountMinor: true },
      resolve: ({ amountMinor, refund }) => ({ minor: amountMinor, currency: refund.currency }),
    }),
  }),
});

list('refunds', {
  type: 'Refund',
  description: 'Refunds of orders of the stores in which the caller acts.',
  scope: 'payments.read',
  where: refundWhere,
  ...byMoment('createdAt'),
  filter: (actor, where) => ({ AND: [{ account: visibleAccounts(actor) }, whereOf(where ?? {})] }),
  find: (query) => db.refund.findMany(query),
  count: (query) => db.refund.count(query),
});

const whereOf = (where: RefundWhere) => ({
  ...(where.orderId ? { orderId: where.orderId } : {}),
  ...(where.storeId ? { account: { storeId: where.storeId } } : {}),
  ...(where.states ? { state: { in: where.states } } : {}),
  ...(where.reasons ? { reason: { in: where.reasons } } : {}),
  createdAt: {
    ...(where.createdFrom ? { gte: where.createdFrom } : {}),
    ...(where.createdBefore ? { lt: where.createdBefore } : {}),
  },
});

mutation('refundCreate', {
  description:
    'Pay back units of lines that were dispatched, freight, or an amount beside them. Money of a gateway that can be asked goes back by itself, other money is transferred by hand; one refund for each payment that it comes from, of which the payload has the first. Refused with NOT_FOUND, REFUNDS_BY_PLATFORM, CURRENCY_DIFFERS, QUANTITY_EXCEEDS_REFUNDABLE, AMOUNT_EXCEEDS_PAID, NOTHING_TO_REFUND, REFUND_EXCEEDS_CAPTURED (type `RefundExceedsCaptured`).',
  scope: 'refunds.create',
  input: refundCreateInput,
  returns: 'Refund',
  run: createRefund,
});

mutation('refundSettle', {
  description:
    'Note that the money of a refund was transferred by hand. Refused with NOT_FOUND, ILLEGAL_STATE.',
  scope: 'refunds.settle',
  input: refundSettleInput,
  returns: 'Refund',
  run: settleRefund,
});

mutation('refundRetry', {
  description:
    'Ask the gateway for a refund again, after it failed or when its report does not come. The gateway executes it once. Refused with NOT_FOUND, ILLEGAL_STATE, NOT_CALLABLE.',
  scope: 'refunds.settle',
  input: refundRetryInput,
  returns: 'Refund',
  run: retryRefund,
});

feed('refundEvents', {
  entity: 'Refund',
  noun: 'refund',
  description: 'Changes of refunds of the stores in which the caller acts, live.',
  scope: 'payments.read',
  filter: refundEventFilter,
  matches: (filter, facets) =>
    (filter?.orderIds?.includes(String(facets.orderId)) ?? true) &&
    (filter?.storeIds?.includes(String(facets.storeId)) ?? true) &&
    (filter?.states?.some((state) => state === facets.state) ?? true),
  visible: (actor, event) => reaches(actor.stores, event.storeId),
  load: (query, id, actor) =>
    db.refund.findFirst({ ...query, where: { id, account: visibleAccounts(actor) } }),
});
