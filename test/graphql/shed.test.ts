// The limit of those who are served at once: it follows what the server can do.

import { expect, test } from 'vitest';
import { type Crowd, type Leave, makeCrowd } from '../../src/graphql/toll/shed.ts';

/** Enter until nobody is let in at once any more. */
async function fill(crowd: Crowd): Promise<Leave[]> {
  const inside: Leave[] = [];
  for (;;) {
    const entering = crowd.enter();
    const leave = await Promise.race([entering, new Promise<null>((resolve) => setImmediate(resolve, null))]);
    if (leave) inside.push(leave);
    else {
      void entering.then((late) => late?.());
      return inside;
    }
  }
}

test('it falls while answers take too long, and rises again when they do not', async () => {
  let at = 0;
  const round = async (crowd: Crowd, milliseconds: number) => {
    const inside = await fill(crowd);
    at += milliseconds;
    for (const leave of inside) leave();
    return inside.length;
  };
  const crowd = makeCrowd(() => at);
  expect(await round(crowd, 1_000)).toBe(32);
  for (let i = 0; i < 10; i++) await round(crowd, 1_000);
  expect(await round(crowd, 1_000)).toBeLessThanOrEqual(9);
  for (let i = 0; i < 60; i++) await round(crowd, 10);
  expect(await round(crowd, 10)).toBeGreaterThan(20);
});

test('long work of a few does not make the server refuse others', async () => {
  let at = 0;
  const crowd = makeCrowd(() => at);
  for (let i = 0; i < 100; i++) {
    const leave = await crowd.enter();
    at += 5_000;
    leave?.();
  }
  expect(await fill(crowd)).toHaveLength(32);
});

test('who comes when it is full gets the next place, or is sent away when none comes free', async () => {
  const crowd = makeCrowd();
  const inside = await fill(crowd);
  const next = crowd.enter();
  inside[0]?.();
  expect(await next).not.toBeNull();
  expect(await crowd.enter()).toBeNull();
});
