// Calls to addresses that others name: the guard, on real sockets.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { EgressError, egressProblem, isPublicAddress, post, setEgress } from '../../src/core/egress.ts';

let calls = 0;
const server = createServer((request, response) => {
  calls++;
  if (request.url === '/upgrade') response.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).end();
  else if (request.url === '/nothing') request.socket.end();
  else response.end('hello');
});
let port: number;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  setEgress({ allowPrivate: false });
  calls = 0;
});

const send = (url: string) => post(url, { headers: {}, body: '{}', answerBytesMax: 100 });
const failureOf = async (url: string) =>
  send(url).then(
    () => 'answered',
    (error: unknown) => (error instanceof EgressError ? error.failure : String(error)),
  );

test('G38 only addresses of the public internet are public, however they are wrapped', () => {
  const open = [
    '8.8.8.8',
    '1.1.1.1',
    '223.5.5.5',
    '172.32.0.1',
    '100.128.0.1',
    '2400:3200::1',
    '2606:4700::1111',
  ];
  const closed = [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
    ...[
      '172.31.255.255',
      '192.0.0.1',
      '192.0.2.1',
      '192.168.1.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
    ],
    ...['224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::7f00:1',
      '64:ff9b::7f00:1',
      'fc00::1',
      'fd12::1',
    ],
    ...[
      'fe80::1',
      'fe80::1%eth0',
      'fec0::1',
      'ff02::1',
      '2001:db8::1',
      '2001::1',
      '2002:7f00:1::',
      '3fff::1',
    ],
    ...['', 'localhost', '127.1', '8.8.8.8.8'],
  ];
  expect(open.filter((address) => !isPublicAddress(address))).toEqual([]);
  expect(closed.filter(isPublicAddress)).toEqual([]);
});

test('G38 a private address is refused when it is named, in whatever notation', () => {
  const forms = ['127.0.0.1', '2130706433', '0x7f.1', '127.1', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]'];
  const more = ['10.0.0.1', '169.254.169.254', '[fd00:ec2::254]', 'localhost', 'LOCALHOST.', 'a.localhost'];
  for (const host of [...forms, ...more]) expect(egressProblem(`https://${host}/`), host).toBe('PRIVATE');
  expect(egressProblem('http://receiver.example/')).toBe('INSECURE');
  expect(egressProblem('https://receiver.example:8443/hook')).toBeNull();
  expect(egressProblem('https://8.8.8.8/')).toBeNull();
});

test('G38 nobody on a private address is called, by number or by name', async () => {
  for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]'])
    expect(await failureOf(`https://${host}:${port}/`), host).toBe('NOT_PUBLIC');
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254']) {
    setEgress({ allowPrivate: false, resolveBy: async () => [address] });
    expect(await failureOf(`https://receiver.example:${port}/`), address).toBe('NOT_PUBLIC');
  }
  expect(await failureOf(`http://127.0.0.1:${port}/`)).toBe('NOT_PUBLIC');
  setEgress({ allowPrivate: false });
  expect(await failureOf(`https://localhost:${port}/`)).toBe('NOT_PUBLIC');
  expect(calls).toBe(0);
});

test('G38 what was looked up is what is connected to: a name that changes its address meanwhile is of no use', async () => {
  const answers = [['127.0.0.1'], ['192.0.2.1']];
  let lookups = 0;
  setEgress({ allowPrivate: true, resolveBy: async () => answers[lookups++] ?? [] });
  expect(await send(`http://rebound.example:${port}/`)).toEqual({ status: 200, text: 'hello', end: 'WHOLE' });
  expect([lookups, calls]).toEqual([1, 1]);
});

test('whoever is not there or speaks no HTTP is unreachable, and whoever cannot prove who they are untrusted', async () => {
  setEgress({ allowPrivate: true });
  expect(await failureOf(`http://127.0.0.1:${port}/nothing`)).toBe('UNREACHABLE');
  expect(await failureOf(`http://127.0.0.1:${port}/upgrade`)).toBe('UNREACHABLE');
  expect(await failureOf('http://127.0.0.1:1/')).toBe('UNREACHABLE');
  expect(await failureOf(`https://127.0.0.1:${port}/`)).toBe('UNTRUSTED');
  setEgress({ allowPrivate: true, resolveBy: () => Promise.reject(new Error('no such name')) });
  expect(await failureOf('http://nowhere.example/')).toBe('UNREACHABLE');
});
