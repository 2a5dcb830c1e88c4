// What callers and gateways hand in about payments and refunds.

import { z } from 'zod';
import {
  ALWAYS,
  code,
  currency,
  distinct,
  idempotencyKey,
  idOf,
  inputObject,
  issue,
  list,
  moment,
  money,
  oneOf,
  quantity,
  text,
} from '../core/inputs.ts';
import { parseMinor } from '../core/money.ts';
import { paymentMethods, paymentStates, refundReasons, refundStates } from './texts.ts';

const orderId = () => idOf('Order').describe('The order.');
const note = () => text(1, 1_000).optional().describe('Remark for colleagues.');
const transactionReference = () => text(1, 128);

export const paymentStartInput = z.object({
  idempotencyKey: idempotencyKey(),
  orderId: orderId(),
  connectionCode: code().describe('Code of the connection of the payment gateway: `alipay-main`.'),
});
export type PaymentStart = z.output<typeof paymentStartInput>;

export const paymentRecordInput = z.object({
  idempotencyKey: idempotencyKey(),
  orderId: orderId(),
  method: oneOf('PaymentMethod', { BANK_TRANSFER: 1, CASH_ON_DELIVERY: 1, OTHER: 1 }).describe(
    'How it came in: `BANK_TRANSFER`, `CASH_ON_DELIVERY` or `OTHER`.',
  ),
  amount: money(1n).describe('What came in, in the currency of the order.'),
  transactionReference: transactionReference().describe(
    'Number of the transfer or receipt. One is recorded once for an order and method.',
  ),
  receivedAt: moment().optional().describe('When it came in, not in the future. Default: now.'),
  note: note(),
});
export type PaymentRecord = z.output<typeof paymentRecordInput>;

export const refundCreateInput = z
  .object({
    idempotencyKey: idempotencyKey(),
    orderId: orderId(),
    lines: list(
      inputObject('RefundLineInput', {
        orderLineId: idOf('OrderLine').describe('Line of this order.'),
        quantity: quantity(10_000_000).describe('Units that are paid back; they were dispatched.'),
        amount: money()
          .optional()
          .describe('Less than what was paid for the units. Default: all of it, discounts taken off.'),
      }),
      1,
      1_000,
    )
      .superRefine(
        (lines, context) =>
          distinct(
            context,
            lines.map((line) => line.orderLineId),
            'orderLineId',
          ),
        ALWAYS,
      )
      .optional()
      .describe('Units to pay back, each line once.'),
    freight: money(1n).optional().describe('Freight to pay back; in all no more than was paid.'),
    amount: money(1n).optional().describe('Amount beside lines and freight: goodwill, a price difference.'),
    reason: oneOf('RefundReason', { RETURN: 1, GOODWILL: 1, PRICE_DIFFERENCE: 1, OTHER: 1 }).describe(
      'Why: `RETURN`, `GOODWILL`, `PRICE_DIFFERENCE` or `OTHER`.',
    ),
    note: note(),
  })
  .superRefine(({ lines, freight, amount }, context) => {
    if (!lines && !freight && !amount) issue(context, 'REQUIRED', {}, ['lines']);
  }, ALWAYS);
export type RefundCreate = z.output<typeof refundCreateInput>;

const refundId = () => idOf('Refund').describe('The refund.');

export const refundSettleInput = z.object({
  idempotencyKey: idempotencyKey(),
  refundId: refundId(),
  transactionReference: transactionReference().describe(
    'Number of the transfer with which the money went back.',
  ),
});
export type RefundSettle = z.output<typeof refundSettleInput>;

export const refundRetryInput = z.object({ idempotencyKey: idempotencyKey(), refundId: refundId() });
export type RefundRetry = z.output<typeof refundRetryInput>;

const created = {
  createdFrom: moment().optional().describe('Only those made at or after this moment.'),
  createdBefore: moment().optional().describe('Only those made before this moment.'),
};

export const paymentWhere = z.object({
  orderId: idOf('Order').optional().describe('Only payments of this order.'),
  storeId: idOf('Store').optional().describe('Only payments of orders of this store.'),
  states: list(oneOf('PaymentState', paymentStates), 0, 10)
    .optional()
    .describe('Only payments in one of these states; an empty list matches nothing.'),
  methods: list(oneOf('PaymentMethod', paymentMethods), 0, 10)
    .optional()
    .describe('Only payments by one of these methods; an empty list matches nothing.'),
  transactionReference: text(1, 128).optional().describe('Only payments with this number of a transaction.'),
  ...created,
});
export type PaymentWhere = z.output<typeof paymentWhere>;

export const refundWhere = z.object({
  orderId: idOf('Order').optional().describe('Only refunds of this order.'),
  storeId: idOf('Store').optional().describe('Only refunds of orders of this store.'),
  states: list(oneOf('RefundState', refundStates), 0, 10)
    .optional()
    .describe('Only refunds in one of these states; an empty list matches nothing.'),
  reasons: list(oneOf('RefundReason', refundReasons), 0, 10)
    .optional()
    .describe('Only refunds for one of these reasons; an empty list matches nothing.'),
  ...created,
});
export type RefundWhere = z.output<typeof refundWhere>;

const eventFilter = {
  orderIds: list(idOf('Order'), 0, 100)
    .optional()
    .describe('Only those of these orders; an empty list matches nothing.'),
  storeIds: list(idOf('Store'), 0, 100)
    .optional()
    .describe('Only those of orders of these stores; an empty list matches nothing.'),
};

export const paymentEventFilter = z.object({
  ...eventFilter,
  states: list(oneOf('PaymentState', paymentStates), 0, 10)
    .optional()
    .describe('Only payments in one of these states; an empty list matches nothing.'),
});

export const refundEventFilter = z.object({
  ...eventFilter,
  states: list(oneOf('RefundState', refundStates), 0, 10)
    .optional()
    .describe('Only refunds in one of these states; an empty list matches nothing.'),
});

const REASON_MAX = 500;

/** What a gateway says to people, cut: it is no reason to refuse the rest. */
const reason = z
  .string()
  .transform((said) => [...said.replaceAll(/\p{C}/gu, ' ').trim()].slice(0, REASON_MAX).join(''));

const happened = {
  occurredAt: z.iso
    .datetime({ offset: true })
    .transform((value) => new Date(value))
    .pipe(moment()),
};
const succeeded = {
  transactionReference: transactionReference(),
  amount: z.string(),
  currency: currency(),
  ...happened,
};
const failed = { reason: reason.optional(), ...happened };
const ofPayment = { reference: idOf('Payment'), orderNumber: text(0, 64).optional() };
const ofRefund = { reference: idOf('Refund') };

/** What a payment gateway reports. `reference` is the id that it was given for the payment or the refund. */
export const gatewayMessage = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('payment.captured'), ...ofPayment, ...succeeded }),
    z.object({ type: z.literal('payment.failed'), ...ofPayment, ...failed }),
    z.object({ type: z.literal('refund.succeeded'), ...ofRefund, ...succeeded }),
    z.object({ type: z.literal('refund.failed'), ...ofRefund, ...failed }),
  ])
  .transform((message, context) => {
    if (!('amount' in message)) return message;
    const { amount: decimal, currency, ...rest } = message;
    const minor = parseMinor(decimal, currency);
    const why = { en: `this is no amount in ${currency}`, zh: `不是 ${currency} 的有效金额` };
    if (minor === null) issue(context, 'INVALID', { why }, ['amount']);
    return { ...rest, amount: { minor: minor ?? 0n, currency } };
  });
export type GatewayMessage = z.output<typeof gatewayMessage>;

/** What a payment gateway answers when it is asked for a refund. */
export const refundAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('SUCCEEDED'), transactionReference: transactionReference() }),
  z.object({ status: z.literal('PENDING') }),
  z.object({ status: z.literal('FAILED'), reason: reason.optional() }),
]);
export type RefundAnswer = z.output<typeof refundAnswer>;
