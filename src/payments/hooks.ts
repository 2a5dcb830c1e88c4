// Payments' HTTP door for gateways: they report what became of payments and refunds.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { transact } from '../core/db.ts';
import { DomainError, messageOf, type Problem } from '../core/errors.ts';
import { refuse, sendJson } from '../core/http-answer.ts';
import { problemsOf } from '../core/inputs.ts';
import { readBody } from '../core/request-body.ts';
import { now } from '../core/time.ts';
import type { Route } from '../graphql/server.ts';
import { type MessageFailure, messageFailures, receiveMessage } from '../partners/actions/receive-message.ts';
import { applyGatewayMessage, type MessageResult } from './actions/gateway-messages.ts';
import { gatewayMessage } from './inputs.ts';

const HOOK = /^\/hooks\/payment\/([a-z0-9][a-z0-9_-]{0,39})$/;
const BODY_BYTES_MAX = 64 * 1024;

const failures: Readonly<Record<MessageFailure, string>> = {
  UNKNOWN: 'Nobody reports payments here.',
  FORGED: 'The message is not signed with the secret of this connection, or is older than five minutes.',
  MALFORMED: 'The message is no JSON.',
};

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
 * `{ result }`: 200 DONE or REPEATED, 404 UNKNOWN, 422 or 409 with what differs from what is known here. 400 lists
 * every problem.
 */
export const paymentRoute: Route = async (request, response, path) => {
  const code = HOOK.exec(path)?.[1];
  if (!code) return false;
  if (request.method === 'POST') await hear(request, response, code);
  else await refuse(request, response, 405, 'Payments are reported with POST.', { Allow: 'POST' });
  return true;
};

async function hear(request: IncomingMessage, response: ServerResponse, code: string): Promise<void> {
  const body = await readBody(request, BODY_BYTES_MAX);
  if (body === null)
    return refuse(request, response, 413, `A message has at most ${BODY_BYTES_MAX / 1024} KiB.`);
  const at = now();
  const received = await receiveMessage('PAYMENT', code, request.headers, body, at);
  if (typeof received === 'string')
    return sendJson(response, messageFailures[received], { message: failures[received] });
  const parsed = gatewayMessage.safeParse(received.message);
  if (!parsed.success) return sendProblems(response, 400, problemsOf(parsed.error));
  const { connection, messageId } = received;
  const report = { connection, messageId, message: parsed.data };
  try {
    const result = await transact((tx) => applyGatewayMessage(tx, received.actor, report, at));
    sendJson(response, statuses[result], { result });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    sendProblems(response, 409, error.problems);
  }
}

const sendProblems = (response: ServerResponse, status: number, problems: readonly Problem[]): void =>
  sendJson(response, status, {
    problems: problems.map((found) => ({
      code: found.code,
      path: found.path,
      message: messageOf(found, 'en'),
    })),
  });
