// Webhooks and several instances: whichever dies, nothing is lost, and while all live nothing is sent twice.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { startInstance } from '../setup/instances.ts';
import { receiver, waits, webhooksIn } from './receivers.ts';

// Serves only: what is to be sent waits for the others.
const app = await startApp({ env: { BACKGROUND: 'off' } });
const hooks = webhooksIn(app);
const background = { BACKGROUND: 'on' };

const openLocations = (count: number) =>
  Promise.all(Array.from({ length: count }, () => app.given.location()));

test('C59 G41 what an instance had not sent, or sent and not recorded, another sends under the same id', async () => {
  const partner = await receiver();
  const hook = await hooks.open(partner.url);
  // Committed, and nobody is there to react to it.
  const [location = ''] = await openLocations(1);
  partner.answer(() => {});
  const first = await startInstance(app, background);
  const lost = await partner.hears();
  await first.end('SIGKILL');
  expect((await hooks.deliveries(hook)).map(({ state, attemptCount }) => [state, attemptCount])).toEqual([
    ['PENDING', 0],
  ]);
  // The queues find a run that was lost within two minutes; here nobody waits for it.
  await app.sql(
    `UPDATE pgboss.job SET state = 'retry', start_after = created_on WHERE name = 'webhooks.deliver' AND state = 'active'`,
  );
  partner.answer(200);
  await startInstance(app, background);
  await hooks.settles(hook, 'DELIVERED');
  expect(partner.heard.map(({ id, json }) => [id, json.nodeId])).toEqual([
    [lost.id, location],
    [lost.id, location],
  ]);
}, 40_000);

test('C59 two instances send everything once', async () => {
  const partners = [await receiver(), await receiver()];
  const opened = await Promise.all(partners.map(({ url }) => hooks.open(url)));
  // Beside the one that the test before left running.
  await startInstance(app, background);
  for (let round = 0; round < 4; round++) {
    await openLocations(15);
    await expect
      .poll(() => partners.map(({ heard }) => heard.length >= 15 * round), waits)
      .toEqual([true, true]);
  }
  await expect.poll(() => partners.map(({ heard }) => heard.length), waits).toEqual([60, 60]);
  for (const hook of opened)
    await expect.poll(() => hooks.deliveries(hook, { states: ['PENDING'] }), waits).toEqual([]);
  for (const { heard } of partners) {
    expect(new Set(heard.map(({ id }) => id)).size).toBe(60);
    expect(heard).toHaveLength(60);
  }
}, 60_000);
