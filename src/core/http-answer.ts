// The HTTP doors beside GraphQL: what a route is, and answers in JSON, never cached, given also to clients that still send.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesOf } from './request-body.ts';

/** What is read of a body that nobody wants. */
const DRAIN_BYTES_MAX = 20 * 1024 * 1024;

/** Answers a path beside `/graphql`. False when the path is not its own. */
export type Route = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>;

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', 'no-store');
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
    .end(`${JSON.stringify(body)}\n`);
}

/** Answer with `{ message }`, and `more` beside it, without having read the body, which is read to its end first. */
export async function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
  more: object = {},
): Promise<void> {
  await drain(request);
  if (!request.complete) response.setHeader('Connection', 'close');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, status, { message, ...more });
}

/** Read what the client still sends, within bounds: it reads the answer only once it has sent its body. */
async function drain(request: IncomingMessage): Promise<void> {
  let bytesLeft = DRAIN_BYTES_MAX;
  try {
    for await (const chunk of bytesOf(request)) {
      bytesLeft -= chunk.byteLength;
      if (bytesLeft < 0) return;
    }
  } catch {
    // The client is gone.
  }
}
