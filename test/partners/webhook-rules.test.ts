// The rules of webhooks: when is tried again, what is kept of an answer, which events a pattern names.

import { expect, test } from 'vitest';
import '../../src/orders/events.ts';
import {
  answerKept,
  isHopeless,
  isProbed,
  pauseSeconds,
  retrySeconds,
  typesOf,
  wantsStore,
} from '../../src/partners/rules/webhooks.ts';

const HOUR = 3_600;
const waits = (random: number) =>
  Array.from({ length: 20 }, (_, i) => retrySeconds(i + 1, random)).filter((wait) => wait !== null);

test('C59 G38 a delivery is tried 16 times, over more than a day and with growing pauses', () => {
  const [shortest, longest] = [waits(0), waits(1)];
  expect(shortest).toHaveLength(15);
  expect(shortest.toSorted((a, b) => a - b)).toEqual(shortest);
  const hours = (all: number[]) => all.reduce((sum, wait) => sum + wait, 0) / HOUR;
  expect([hours(shortest), hours(longest)].map((total) => Math.floor(total))).toEqual([24, 29]);
  expect(hours(shortest)).toBeGreaterThan(24.8);
  expect([retrySeconds(1, 0), retrySeconds(1, 1), retrySeconds(16, 0)]).toEqual([5, 6, null]);
});

test('C59 a webhook rests after five failures in a row, ever longer and at most six minutes', () => {
  expect([4, 5, 6, 11, 12, 100].map((failures) => pauseSeconds(failures, 0))).toEqual([
    0, 5, 10, 300, 300, 300,
  ]);
  expect(pauseSeconds(100, 1)).toBe(360);
  expect([4, 5].map((failures) => isProbed({ failures }))).toEqual([false, true]);
});

test('C59 nobody seems to be there after 15 failures and 24 hours, both', () => {
  const at = new Date('2026-11-23T12:00:00Z');
  const since = (hours: number) => new Date(at.getTime() - hours * HOUR * 1000);
  expect(isHopeless({ failures: 15, failingSince: since(24) }, at)).toBe(true);
  expect(isHopeless({ failures: 14, failingSince: since(100) }, at)).toBe(false);
  expect(isHopeless({ failures: 1_000, failingSince: since(23.9) }, at)).toBe(false);
  expect(isHopeless({ failures: 0, failingSince: null }, at)).toBe(false);
});

test('C59 no secret is kept of an answer, and no more than 500 characters', () => {
  const told: [string, string | null][] = [
    ['', null],
    [' \n ', null],
    ['no order 17', 'no order 17'],
    [
      'sent v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'sent *** with ***',
    ],
    ['Authorization: Bearer abcdefghijkl', 'Authorization: ***'],
    ['{"api_key":"k1","token": "t2","n":1}', '{"api_key":"***","token": "***","n":1}'],
    ['ds_key_0123456789abcdef ds_session_0123456789abcdef', '*** ***'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl', '***'],
    ['bell\u0007 and \u001b[31mred\u001b[0m \u0000', 'bell and [31mred[0m '],
    ['😀'.repeat(600), '😀'.repeat(500)],
  ];
  for (const [text, kept] of told) expect(answerKept(text), text).toBe(kept);
});

test('a pattern names what begins like it, and orders of long ago are nobody’s', () => {
  const every = [
    'order.imported',
    'order.placed',
    'orderHold.made',
    'stock.set',
    'webhook.tested',
    'webhook.opened',
  ];
  expect(typesOf(['order.*'], every)).toEqual(['order.placed']);
  expect(typesOf(['order.placed', 'order.imported', 'webhook.*'], every)).toEqual([
    'order.placed',
    'webhook.opened',
  ]);
  expect(typesOf(['*', 'order'], every)).toEqual([]);
});

test('a webhook for some stores wants nothing that happens in none', () => {
  expect([
    wantsStore([], null),
    wantsStore(['a'], 'a'),
    wantsStore(['a'], 'b'),
    wantsStore(['a'], null),
  ]).toEqual([true, true, false, false]);
});
