// Calls to a partner: signed so that they can be verified, and no answer is waited for or read without bounds.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromGlobalId } from '../../src/core/ids.ts';
import { signedCall } from '../../src/partners/actions/call-partner.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import type { Machine } from '../setup/partners.ts';

const { admin, given } = await startApp({ env: { BACKGROUND: 'off' } });

type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** The partner's server, which answers each test as it wishes. */
let answer: Answer;
const server = createServer(async (request, response) => answer(request, await text(request), response));
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/refunds`;
});
afterAll(() => server.close());

const call = ({ connectionId }: Machine, message: object = { type: 'refund.requested' }) =>
  signedCall({ id: fromGlobalId(connectionId)?.id ?? '' }, message, clock.now());

test('a call is a POST of JSON that the libraries of Standard Webhooks verify, and its answer is handed back', async () => {
  const machine = await given.connection({ url });
  let verified: unknown;
  answer = ({ method, headers, url: path }, body, response) => {
    verified = new Webhook(machine.secret).verify(body, headers as Record<string, string>);
    response.writeHead(201).end(JSON.stringify({ method, path, type: headers['content-type'] }));
  };
  expect(await call(machine, { type: 'refund.requested', amount: '12.50' })).toEqual({
    status: 201,
    json: { method: 'POST', path: '/refunds', type: 'application/json' },
  });
  expect(verified).toEqual({ type: 'refund.requested', amount: '12.50' });
});

test('after a rotation both secrets verify a call, until the overlap is over', async () => {
  const machine = await given.connection({ url });
  const input = { connectionId: machine.connectionId, overlapHours: 1 };
  const { secret } = await admin.act<{ secret: string }>('connectionRotate', input, 'secret');
  const verifiedBy: boolean[] = [];
  answer = ({ headers }, body, response) => {
    for (const key of [machine.secret, secret]) {
      const verify = () => new Webhook(key).verify(body, headers as Record<string, string>);
      try {
        verify();
        verifiedBy.push(true);
      } catch {
        verifiedBy.push(false);
      }
    }
    response.end();
  };
  await call(machine);
  clock.pass({ hours: 1, seconds: 1 });
  await call(machine);
  expect(verifiedBy).toEqual([true, true, false, true]);
});

test('an answer that is no JSON is null, whatever its status', async () => {
  const machine = await given.connection({ url });
  answer = (_request, _body, response) => response.writeHead(502).end('<html>Bad gateway</html>');
  expect(await call(machine)).toEqual({ status: 502, json: null });
  answer = (_request, _body, response) => response.end();
  expect(await call(machine)).toEqual({ status: 200, json: null });
});

test('a redirect is not followed, and an endless answer not read to its end', async () => {
  const machine = await given.connection({ url });
  let calls = 0;
  answer = (_request, _body, response) => {
    calls++;
    response.writeHead(307, { location: url }).end();
  };
  await expect(call(machine)).rejects.toThrow();
  expect(calls).toBe(1);
  let closed = false;
  answer = (_request, _body, response) => {
    const more = setInterval(() => response.write('x'.repeat(16 * 1024)), 1);
    response.on('close', () => {
      clearInterval(more);
      closed = true;
    });
  };
  await expect(call(machine)).rejects.toThrow('65536 bytes');
  await expect.poll(() => closed).toBe(true);
});

test('nobody is called who is not there, or whose connection has no URL or is archived', async () => {
  const machine = await given.connection({ url });
  answer = (request) => request.socket.destroy();
  await expect(call(machine)).rejects.toThrow();
  let calls = 0;
  answer = (_request, _body, response) => {
    calls++;
    response.end();
  };
  await admin.act('connectionArchive', { connectionId: machine.connectionId });
  await expect(call(machine)).rejects.toThrow();
  await expect(call(await given.connection())).rejects.toThrow();
  expect(calls).toBe(0);
});
