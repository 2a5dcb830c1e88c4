// Webhooks and connections of partners reach nobody who is not on the public internet, unless the operator allows it.

import { beforeEach, expect, test } from 'vitest';
import { setEgress } from '../../src/core/egress.ts';
import { fromGlobalId } from '../../src/core/ids.ts';
import { signedCall } from '../../src/partners/actions/call-partner.ts';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { receiver, scopes, waits, webhooksIn } from './receivers.ts';

const app = await startApp({ env: { EGRESS_PRIVATE: 'deny' } });
const { admin, given } = app;
const hooks = webhooksIn(app);

/** Where names lead to: outside at first, as a partner shows it who has other plans. */
let address: string;
beforeEach(() => {
  address = '8.8.8.8';
  setEgress({ allowPrivate: false, resolveBy: async () => [address] });
});

test('C59 G38 a webhook for a private address is refused, and one that leads there later is never called', async () => {
  const key = await given.key({ scopes });
  const refused = {
    URL_INSECURE: ['http://receiver.example/', 'http://127.0.0.1/'],
    URL_NOT_PUBLIC: [
      'https://127.0.0.1/',
      'https://[::ffff:10.0.0.1]/',
      'https://3232235777/',
      'https://localhost/',
    ],
  };
  for (const [code, urls] of Object.entries(refused))
    for (const url of urls)
      expect(brief(await key.refusal('webhookOpen', { url, types: ['location.*'] })), url).toEqual([
        `${code} input.url`,
      ]);
  const partner = await receiver();
  const { port } = new URL(partner.url);
  const hook = await hooks.open(`https://rebound.example:${port}/hook`, { key });
  address = '127.0.0.1';
  await given.location();
  await expect
    .poll(async () => (await hooks.deliveries(hook))[0]?.attempts, waits)
    .toMatchObject([{ number: 1, status: null, failure: 'NOT_PUBLIC' }]);
  expect(partner.heard).toEqual([]);
  expect(
    brief(
      await key.refusal('webhookChange', {
        webhookId: hook.webhookId,
        expectedVersion: 1,
        url: 'https://10.0.0.1/',
      }),
    ),
  ).toEqual(['URL_NOT_PUBLIC input.url']);
});

test('G38 a gateway on a private address is neither entered nor asked', async () => {
  const partnerId = await given.partner({ kind: 'PAYMENT_GATEWAY' });
  const input = { partnerId, code: 'inside', kind: 'PAYMENT' };
  expect(brief(await admin.refusal('connectionOpen', { ...input, url: 'http://localhost:9/' }))).toEqual([
    'URL_INSECURE input.url',
  ]);
  expect(brief(await admin.refusal('connectionOpen', { ...input, url: 'https://192.168.0.9/' }))).toEqual([
    'URL_NOT_PUBLIC input.url',
  ]);
  const partner = await receiver();
  const { port } = new URL(partner.url);
  const machine = await given.connection({ url: `https://rebound.example:${port}/refunds` });
  address = '127.0.0.1';
  const connection = { id: fromGlobalId(machine.connectionId)?.id ?? '' };
  await expect(signedCall(connection, {}, clock.now())).rejects.toThrow('not on the public internet');
  expect(partner.heard).toEqual([]);
});
