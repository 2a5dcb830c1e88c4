// Requests that come byte by byte: they hold their own connection for some seconds, and nobody else's.

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const port = Number(new URL(app.origin).port);

/** Send a start at once, and then a byte each half second. What was answered, and after how many seconds it was over. */
async function dripping(start: string): Promise<{ answer: string; seconds: number }> {
  const began = performance.now();
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  let over = false;
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    over = true;
  });
  socket.write(start);
  while (!over) {
    await sleep(500);
    if (!socket.destroyed) socket.write('x');
  }
  return { answer: answer.split('\r\n')[0] ?? '', seconds: (performance.now() - began) / 1_000 };
}

test('G16 callers who send their headers or their body byte by byte are hung up on, and delay nobody', async () => {
  const headers = Array.from({ length: 200 }, () =>
    dripping('POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: '),
  );
  const bodies = Array.from({ length: 50 }, () =>
    dripping(
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"query":"',
    ),
  );
  const all = Promise.all([Promise.all(headers), Promise.all(bodies)]);
  let answered = 0;
  let over = false;
  void all.then(() => {
    over = true;
  });
  while (!over) {
    await app.admin.ok('{ viewer { id } }');
    answered++;
    await sleep(100);
  }
  const [ofHeaders, ofBodies] = await all;
  expect(new Set(ofHeaders.map(({ answer }) => answer))).toEqual(new Set(['HTTP/1.1 408 Request Timeout']));
  expect(new Set(ofBodies.map(({ answer }) => answer))).toEqual(new Set(['HTTP/1.1 408 Request Timeout']));
  // 10 s for headers and 30 s for the whole, at three times the bound.
  expect(Math.max(...ofHeaders.map(({ seconds }) => seconds))).toBeLessThan(30);
  expect(Math.max(...ofBodies.map(({ seconds }) => seconds))).toBeLessThan(90);
  expect(answered).toBeGreaterThan(20);
}, 120_000);
