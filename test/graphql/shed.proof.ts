// Overload for some seconds: more callers than the server can serve are sent away, and those let in are answered soon.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { startInstance } from '../setup/instances.ts';

const app = await startApp({ env: { BACKGROUND: 'off', SAMPLE: 'on' } });
const COST = '1000000000';
// In a process of its own: its callers have enough to do in theirs.
const { origin, client } = await startInstance(app, {
  SHEDDING: 'on',
  COST_MAXIMUM: COST,
  COST_RESTORE: COST,
});

/** Several milliseconds of work for each. */
const DEAR = `{ ${Array.from(
  { length: 6 },
  (_, i) =>
    `part${i}: stores(first: 5) { edges { node { listings(first: 50) { edges { node { product { name variants(first: 5) { edges { node { sku } } } } } } } } } }`,
).join(' ')} }`;

test('G19 with far more callers than it can serve, those let in are answered soon and the rest are sent away', async () => {
  const answers: {
    status: number;
    began: number;
    milliseconds: number;
    retryAfter: string | null;
  }[] = [];
  const started = performance.now();
  const until = started + 10_000;
  const caller = async () => {
    while (performance.now() < until) {
      const began = performance.now();
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${app.admin.token}` },
        body: JSON.stringify({ query: DEAR }),
      });
      await response.text();
      const milliseconds = performance.now() - began;
      answers.push({
        status: response.status,
        began,
        milliseconds,
        retryAfter: response.headers.get('retry-after'),
      });
      if (response.status === 503) await sleep(200);
    }
  };
  await Promise.all(Array.from({ length: 300 }, caller));
  const admitted = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ status, retryAfter }) => status === 503 && Number(retryAfter) > 0)).toBe(true);
  expect(admitted.length).toBeGreaterThan(200);
  await client.ok(DEAR);
  // A second, at three times the bound, once the limit has found its level.
  const later = admitted.filter(({ began }) => began > started + 3_000);
  const slow = later.filter(({ milliseconds }) => milliseconds > 3_000);
  expect(slow.length).toBeLessThanOrEqual(later.length / 100);
  expect(await client.codes('{ viewer { id } }')).toEqual([]);
}, 60_000);
