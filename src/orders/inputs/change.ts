// What callers hand in about an order that is there.

import { z } from 'zod';
import {
  ALWAYS,
  distinct,
  expectedVersion,
  idempotencyKey,
  idOf,
  inputObject,
  issue,
  list,
  oneOf,
  quantity,
  text,
} from '../../core/inputs.ts';
import { cancelReasons, holdKinds, ownCancelReasons } from '../texts.ts';

const orderId = () => idOf('Order').describe('The order.');
const optionalKey = () => idempotencyKey().optional();
const version = () => expectedVersion().optional();

export const orderConfirmInput = z.object({
  idempotencyKey: optionalKey(),
  orderId: orderId(),
  expectedVersion: version(),
});
export type OrderConfirm = z.output<typeof orderConfirmInput>;

export const orderHoldInput = z.object({
  idempotencyKey: optionalKey(),
  orderId: orderId(),
  expectedVersion: version(),
  kind: oneOf('OrderHoldKind', holdKinds).describe('What has to be settled.'),
  reason: text(1, 1_000).describe('Why, for colleagues.'),
});
export type OrderHoldPlace = z.output<typeof orderHoldInput>;

export const orderReleaseInput = z.object({
  idempotencyKey: optionalKey(),
  orderHoldId: idOf('OrderHold').describe('The hold that is settled.'),
  reason: text(1, 1_000).describe('How it was settled.'),
});
export type OrderRelease = z.output<typeof orderReleaseInput>;

export const orderCancelInput = z.object({
  idempotencyKey: idempotencyKey(),
  orderId: orderId(),
  expectedVersion: version(),
  reason: oneOf('OrderCancelReason', cancelReasons)
    .superRefine((reason, context) => {
      if (ownCancelReasons.includes(reason))
        issue(context, 'INVALID', {
          why: { en: 'only the product itself gives this reason', zh: '该原因仅由系统使用' },
        });
    })
    .describe(
      'Why. Shoppers say CUSTOMER_REQUEST; UNPAID and PLATFORM_CLOSED are for what the product does by itself, and refused with INVALID.',
    ),
  note: text(1, 1_000).optional().describe('Remark for colleagues.'),
  lines: list(
    inputObject('OrderCancelLineInput', {
      orderLineId: idOf('OrderLine').describe('Line of this order.'),
      quantity: quantity(10_000_000).describe('Units to cancel.'),
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
    .describe('Lines and units to cancel, each line once. Without it the whole order.'),
});
export type OrderCancel = z.output<typeof orderCancelInput>;

export const orderCompleteInput = z.object({
  idempotencyKey: idempotencyKey(),
  orderId: orderId(),
  expectedVersion: version(),
});
export type OrderComplete = z.output<typeof orderCompleteInput>;
