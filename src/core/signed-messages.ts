// Messages between machines, signed as Standard Webhooks 1.0 says: what comes in is verified, what goes out is signed.

import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { post } from './egress.ts';
import { newId } from './ids.ts';

const ANSWER_BYTES_MAX = 64 * 1024;

/** A new secret of 256 random bits in the form that the libraries of Standard Webhooks take. */
export const newSigningSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/**
 * The id of a message, when one of the secrets signed it within the last five minutes; null when none did. The time
 * is the machine's: senders know nothing of the clock of the business.
 */
export function verifiedId(
  secrets: readonly string[],
  headers: IncomingHttpHeaders,
  body: string,
): string | null {
  const signature = {
    'webhook-id': String(headers['webhook-id'] ?? ''),
    'webhook-timestamp': String(headers['webhook-timestamp'] ?? ''),
    'webhook-signature': String(headers['webhook-signature'] ?? ''),
  };
  return secrets.some((secret) => isSignedWith(secret, signature, body)) ? signature['webhook-id'] : null;
}

function isSignedWith(secret: string, signature: Record<string, string>, body: string): boolean {
  try {
    new Webhook(secret).verify(body, signature, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

export interface CallAnswer {
  status: number;
  /** The body, parsed; null when it is no JSON. */
  json: unknown;
}

/** The headers under which a body is sent: signed with each of the secrets, so that a receiver may know either. */
export const signedHeaders = (
  id: string,
  secrets: readonly string[],
  body: string,
): Record<string, string> => {
  const at = new Date();
  return {
    'content-type': 'application/json',
    'user-agent': 'Dayshift',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
};

/**
 * POST a message, signed with each of the secrets. Rejects where no answer came that could be used: nobody there, an
 * address that is not public, ten seconds over, a redirect, more than 64 KiB, a connection that broke.
 */
export async function postSigned(
  url: string,
  secrets: readonly string[],
  message: object,
): Promise<CallAnswer> {
  const body = JSON.stringify(message);
  const headers = signedHeaders(`msg_${newId()}`, secrets, body);
  const { status, text, end } = await post(url, { headers, body, answerBytesMax: ANSWER_BYTES_MAX });
  if (status >= 300 && status < 400) throw new Error('the answer is a redirect, which is not followed');
  if (end === 'TOO_LONG') throw new Error(`the answer has more than ${ANSWER_BYTES_MAX} bytes`);
  if (end === 'BROKEN') throw new Error('the answer broke off');
  return { status, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
