// Which web pages may call from a browser: those of this server and those of the allow-list (CORS, WebSocket origins).

import type { IncomingMessage, ServerResponse } from 'node:http';

/** Origins beside the server's own that may call: `https://shop.example`. `*` allows every one. */
export type AllowedOrigins = readonly string[];

const PREFLIGHT_SECONDS = 600;

/** True for programs, which send no origin, for pages of this server and for those that are allowed. */
export function isOriginAllowed({ headers }: IncomingMessage, allowed: AllowedOrigins): boolean {
  const { origin } = headers;
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === headers.host;
}

/**
 * Say to a browser whether the page may read the answer, and answer its question before a call (preflight). True when
 * the request is answered with that. No credentials are allowed, because none are taken from cookies.
 */
export function answerOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: AllowedOrigins,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  response.setHeader('Vary', 'Origin');
  const isAllowed = isOriginAllowed(request, allowed);
  if (isAllowed) {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
  }
  if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) return false;
  if (isAllowed) {
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, HEAD');
    response.setHeader(
      'Access-Control-Allow-Headers',
      'Authorization, Content-Type, Accept, Accept-Language, traceparent',
    );
    response.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS);
  }
  response.writeHead(204).end();
  return true;
}
