// What payments do later: asking gateways to move money back.

import { systemActor } from '../core/actor.ts';
import { transact } from '../core/db.ts';
import { toGlobalId } from '../core/ids.ts';
import { defineJob } from '../core/jobs.ts';
import { formatMinor } from '../core/money.ts';
import type { CallAnswer } from '../core/signed-messages.ts';
import { reasonWith } from '../core/texts.ts';
import { now } from '../core/time.ts';
import { signedCall } from '../partners/actions/call-partner.ts';
import {
  claimRefund,
  failRefund,
  type LockedRefund,
  lockRefund,
  succeedRefund,
} from './actions/settle-refunds.ts';
import { type RefundAnswer, refundAnswer } from './inputs.ts';
import { isAtGateway, isCallable } from './rules.ts';
import { ownReason } from './texts.ts';

declare module '../core/jobs.ts' {
  interface JobMap {
    'payments.refund': { refundId: string };
  }
}

const actor = () => systemActor('payments.refund');

/**
 * Ask the gateway of a payment for a refund. Between two transactions, so a crash may leave it asked and not recorded:
 * the next try asks again with the same reference, which the gateway executes once. Its report may come before its
 * answer. After the last try the refund is FAILED, for people to see.
 */
const refundJob = defineJob({
  name: 'payments.refund',
  retries: 12,
  retrySeconds: { first: 2, max: 900 },
  runSecondsMax: 60,
  async work({ refundId }) {
    const refund = await transact((tx) => claimRefund(tx, actor(), refundId, now()));
    if (!refund) return;
    const answer = await ask(refund);
    if (answer.status !== 'PENDING') await record(refundId, answer);
  },
  giveUp: ({ refundId }) => record(refundId, { status: 'FAILED', reason: ownReason.gatewayUnreachable }),
});

export const paymentJobs = [refundJob];

const requestOf = ({ id, payment, amountMinor, currency }: LockedRefund) => ({
  type: 'refund.requested',
  refundReference: toGlobalId('Refund', id),
  paymentReference: toGlobalId('Payment', payment.id),
  transactionReference: payment.transactionReference,
  amount: formatMinor(amountMinor, currency),
  currency,
});

async function ask(refund: LockedRefund): Promise<RefundAnswer> {
  const { connection } = refund.payment;
  if (!connection || !isCallable(connection))
    return { status: 'FAILED', reason: ownReason.gatewayNotCallable };
  return answerOf(await signedCall(connection, requestOf(refund), now()));
}

/** Refusals that pass: too slow, too many. */
const askAgain = [408, 429];

/** What a gateway said. Throws where it said nothing that can be relied on: it is asked again. */
function answerOf({ status, json }: CallAnswer): RefundAnswer {
  if (status >= 400 && status < 500 && !askAgain.includes(status))
    return { status: 'FAILED', reason: reasonWith(ownReason.gatewayRefused, { status }) };
  const parsed = refundAnswer.safeParse(json);
  if (status < 200 || status >= 300 || !parsed.success)
    throw new Error(`the gateway answered ${status} with nothing that can be read`);
  return parsed.data;
}

/** Record what became of a refund, unless the gateway's report was faster. */
async function record(refundId: string, answer: Exclude<RefundAnswer, { status: 'PENDING' }>): Promise<void> {
  const at = now();
  await transact(async (tx) => {
    const refund = await lockRefund(tx, refundId);
    if (!refund || !isAtGateway(refund.state)) return;
    if (answer.status === 'FAILED') await failRefund(tx, actor(), refund, answer.reason ?? '', at);
    else await succeedRefund(tx, actor(), refund, { ...answer, settledAt: at }, at);
  });
}
