// Payments' HTTP door for gateways: they report what became of payments and refunds.

import { transact } from '../core/db.ts';
import type { Route } from '../core/http-answer.ts';
import { now } from '../core/time.ts';
import { machineDoor } from '../partners/hooks.ts';
import { applyGatewayMessage, type MessageResult } from './actions/gateway-messages.ts';
import { gatewayMessage } from './inputs.ts';

const statuses: Readonly<Record<MessageResult, number>> = {
  DONE: 200,
  REPEATED: 200,
  // Perhaps not known yet: gateways send again what was not answered with success.
  UNKNOWN: 404,
  AMOUNT: 422,
  CURRENCY: 422,
  ORDER: 422,
  TRANSACTION: 409,
};

/**
 * `POST /hooks/payment/<connection>` takes what a gateway reports of one payment or refund, signed, and answers
 * `{ result }`: 200 DONE or REPEATED, 404 UNKNOWN, 422 or 409 with what differs from what is known here.
 */
export const paymentRoute: Route = machineDoor({
  kind: 'PAYMENT',
  path: '/hooks/payment',
  bodyBytesMax: 64 * 1024,
  schema: gatewayMessage,
  now,
  hear: async ({ connection, messageId, actor }, message, at) => {
    const report = { connection, messageId, message };
    const result = await transact((tx) => applyGatewayMessage(tx, actor, report, at));
    return { status: statuses[result], body: { result } };
  },
});
