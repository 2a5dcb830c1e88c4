// Which web pages may call: browsers are told over HTTP, and stopped at the door of WebSockets.

import { describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startApp } from '../setup/app.ts';

const SHOP = 'https://shop.example';
const app = await startApp({ env: { ALLOWED_ORIGINS: `${SHOP}, https://desk.example:8443` } });

const ask = (origin: string | null, init: RequestInit = {}) =>
  fetch(app.url, {
    method: 'POST',
    body: '{"query":"{ __typename }"}',
    ...init,
    headers: {
      'content-type': 'application/json',
      ...(origin ? { origin } : {}),
      ...(init.headers as Record<string, string>),
    },
  });

describe('G33 over HTTP', () => {
  test('a page of the allow-list may read the answer, any other may not, and no cookies are meant', async () => {
    for (const [origin, allowed] of [
      [SHOP, SHOP],
      ['https://desk.example:8443', 'https://desk.example:8443'],
      [app.origin, app.origin],
      ['https://shop.example.evil', null],
      ['http://shop.example', null],
      ['null', null],
    ] as const) {
      const { headers } = await ask(origin);
      expect(headers.get('access-control-allow-origin'), origin).toBe(allowed);
      expect(headers.get('vary')).toContain('Origin');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
    expect((await ask(null)).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a browser’s question before the call is answered for pages of the allow-list only', async () => {
    const question = {
      method: 'OPTIONS',
      body: null,
      headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    };
    expect((await ask(SHOP)).headers.get('access-control-expose-headers')).toBe('Retry-After');
    const yes = await ask(SHOP, question);
    expect(yes.status).toBe(204);
    expect(yes.headers.get('access-control-allow-headers')).toBe(
      'Authorization, Content-Type, Accept, Accept-Language, traceparent',
    );
    expect(yes.headers.get('access-control-allow-methods')).toContain('POST');
    const no = await ask('https://evil.example', question);
    expect(no.headers.get('access-control-allow-methods')).toBeNull();
  });

  test('what a foreign page may post without asking executes nothing, and GET executes queries only', async () => {
    const mutation = 'mutation { sessionOpen(input: { email: "a", password: "b" }) { userErrors { code } } }';
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const response = await ask(null, {
        headers: { 'content-type': type },
        body: JSON.stringify({ query: mutation }),
      });
      expect(response.status, type).toBe(415);
    }
    const got = await fetch(`${app.url}?query=${encodeURIComponent(mutation)}`);
    expect(got.status).toBe(405);
  });
});

describe('G33 over WebSocket', () => {
  const opened = (origin?: string) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(app.wsUrl, 'graphql-transport-ws', origin ? { origin } : {});
      socket.on('open', () => {
        resolve(101);
        socket.close();
      });
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('error', () => {});
    });

  test('pages of other origins are refused at the door; programs, own pages and those of the allow-list are not', async () => {
    expect(await opened()).toBe(101);
    expect(await opened(SHOP)).toBe(101);
    expect(await opened(app.origin)).toBe(101);
    expect(await opened('https://evil.example')).toBe(403);
  });
});
