// Messages between machines, signed as Standard Webhooks 1.0 says: what comes in is verified, what goes out is signed.

import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { newId } from './ids.ts';

const CALL_MS = 10_000;
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

/**
 * POST a message, signed with each of the secrets. Rejects where no answer came that could be used: nobody there, ten
 * seconds over, a redirect, more than 64 KiB.
 */
export async function postSigned(
  url: string,
  secrets: readonly string[],
  message: object,
): Promise<CallAnswer> {
  const id = `msg_${newId()}`;
  const at = new Date();
  const body = JSON.stringify(message);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(CALL_MS),
  });
  return { status: response.status, json: parsed(await textOf(response)) };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`the answer has more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
