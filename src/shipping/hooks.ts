// Shipping's HTTP door for carriers: they push what happened to their parcels.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { db, transact } from '../core/db.ts';
import { DomainError, messageOf, type Problem } from '../core/errors.ts';
import { refuse, sendJson } from '../core/http-answer.ts';
import { problemsOf } from '../core/inputs.ts';
import { readBody } from '../core/request-body.ts';
import { now } from '../core/time.ts';
import type { Route } from '../graphql/server.ts';
import {
  type MessageFailure,
  messageFailures,
  type ReceivedMessage,
  receiveMessage,
} from '../partners/actions/receive-message.ts';
import { hearReports } from './actions/track-parcel.ts';
import { trackingMessage } from './inputs.ts';

const HOOK = /^\/hooks\/tracking\/([a-z0-9][a-z0-9_-]{0,39})$/;
const BODY_BYTES_MAX = 512 * 1024;

const failures: Readonly<Record<MessageFailure, string>> = {
  UNKNOWN: 'Nobody reports tracking here.',
  FORGED: 'The message is not signed with the secret of this connection, or is older than five minutes.',
  MALFORMED: 'The message is no JSON.',
};

/**
 * `POST /hooks/tracking/<connection>` takes `{ carrier, trackingNumber, events }`, signed, for carriers that report by
 * this connection. 200 `{ result: "DONE" | "REPEATED", received }`; 400 and 422 list every problem; 403 for a carrier
 * that is not this connection's.
 */
export const trackingRoute: Route = async (request, response, path) => {
  const code = HOOK.exec(path)?.[1];
  if (!code) return false;
  if (request.method === 'POST') await hear(request, response, code);
  else await refuse(request, response, 405, 'Tracking is reported with POST.', { Allow: 'POST' });
  return true;
};

async function hear(request: IncomingMessage, response: ServerResponse, code: string): Promise<void> {
  const body = await readBody(request, BODY_BYTES_MAX);
  if (body === null)
    return refuse(request, response, 413, `A message has at most ${BODY_BYTES_MAX / 1024} KiB.`);
  const received = await receiveMessage('TRACKING', code, request.headers, body, now());
  if (typeof received === 'string')
    return sendJson(response, messageFailures[received], { message: failures[received] });
  const parsed = trackingMessage.safeParse(received.message);
  if (!parsed.success) return sendProblems(response, 400, problemsOf(parsed.error));
  const { carrier: carrierCode, ...reports } = parsed.data;
  const carrier = await carrierOf(received, carrierCode);
  if (!carrier)
    return sendJson(response, 403, { message: `This connection does not report for ${carrierCode}.` });
  try {
    const heard = await transact((tx) => hearReports(tx, received.actor, carrier.id, reports, now()));
    const result = heard.received > 0 ? 'DONE' : 'REPEATED';
    sendJson(response, 200, { result, received: heard.received });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    sendProblems(response, 422, error.problems);
  }
}

const carrierOf = ({ connection }: ReceivedMessage, code: string) =>
  db.carrier.findFirst({ where: { code, connectionId: connection.id }, select: { id: true } });

const sendProblems = (response: ServerResponse, status: number, problems: readonly Problem[]): void =>
  sendJson(response, status, {
    problems: problems.map((found) => ({
      code: found.code,
      path: found.path,
      message: messageOf(found, 'en'),
    })),
  });
