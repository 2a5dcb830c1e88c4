// One key's receivers that answer late take few places: the webhooks of others do not wait for them.

import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { receiver, scopes, waits, webhooksIn } from './receivers.ts';

const app = await startApp();
const hooks = webhooksIn(app);

test('two rounds of one key run at once, all of its webhooks get their turn, and others do not wait for them', async () => {
  const [slow, quick] = [await receiver(), await receiver()];
  const held: ServerResponse[] = [];
  let most = 0;
  slow.answer((response) => {
    most = Math.max(most, held.push(response));
  });
  const key = await app.given.key({ scopes });
  for (let n = 0; n < 5; n++) await hooks.open(slow.url, { key });
  await hooks.open(quick.url);
  await app.given.location();
  await quick.hears();
  for (let done = 0; done < 5; done++) {
    await expect.poll(() => held.length, waits).toBe(Math.min(2, 5 - done));
    held.shift()?.writeHead(204).end();
  }
  expect([slow.heard.length, most]).toEqual([5, 2]);
}, 60_000);
