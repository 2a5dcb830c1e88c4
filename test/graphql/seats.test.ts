// A seat in a group of subscribers: nobody takes one behind what the group has told already.

import { parse } from 'graphql';
import { afterAll, expect, test } from 'vitest';
import { anonymous } from '../../src/core/actor.ts';
import type { Context } from '../../src/graphql/context.ts';
import { type RunFeed, seatFor, type Told } from '../../src/graphql/execute/groups.ts';
import { schema } from '../../src/schema.ts';

const ending = new AbortController();
afterAll(() => ending.abort());

const happened: Told = { seq: 7n, isHeartbeat: false, result: { data: {} } };

/** The feed of the group tells one event, and then waits for the end. */
const runFeed: RunFeed = async (_args, { signal }) =>
  (async function* () {
    yield happened;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  })();

const seat = (sent: string[]) => {
  const args = { schema, document: parse('subscription { orderEvents { type } }') };
  const line = { send: (rest: Buffer) => void sent.push(String(rest)), waiting: () => 0 };
  const context: Context = {
    actor: anonymous({ kind: 'STAFF' }),
    signal: ending.signal,
    extensions: {},
    line,
  };
  return seatFor(args, context, runFeed);
};

test('G23 a feed that has not come as far as its group tells the rest by itself first', async () => {
  const [early, late, caughtUp]: [string[], string[], string[]] = [[], [], []];
  const resting = seat(early)?.rest(3n);
  expect(resting).toBeInstanceOf(Promise);
  await expect.poll(() => early).toEqual(['{"data":{}}}']);
  expect(seat(late)?.rest(6n)).toBeNull();
  expect(seat(caughtUp)?.rest(7n)).toBeInstanceOf(Promise);
});
