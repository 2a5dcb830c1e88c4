// Why keys were revoked and customers erased is what colleagues wrote for each other: no partner's program reads it.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';

const { admin, given } = await startApp();

const WORDS = 'Sesame opens';

test('O58 a partner’s key reads no reason of a revocation or an erasure in the audit log', async () => {
  const { permissions } = await admin.ok<{ permissions: { name: string }[] }>('{ permissions { name } }');
  const key = await given.key({ scopes: permissions.map(({ name }) => name) });
  const other = await given.key({ partner: key.partnerId, scopes: ['stock.read'] });
  await admin.act('keyRevoke', { keyId: other.keyId, reason: WORDS });
  const customer = await given.customer();
  await admin.act('customerErase', { customerId: customer.customerId, reason: WORDS });
  const read = async (client: Client) => {
    const { events } = await client.ok<{ events: { edges: { node: { type: string; payload: object } }[] } }>(
      '{ events(first: 20) { edges { node { type payload } } } }',
    );
    return Object.fromEntries(events.edges.map(({ node }) => [node.type, node.payload]));
  };
  const reason = { reason: WORDS };
  expect(await read(admin)).toMatchObject({ 'key.revoked': reason, 'customer.erased': reason });
  const told = await read(key);
  expect(Object.keys(told)).toEqual(expect.arrayContaining(['key.revoked', 'customer.erased']));
  expect(JSON.stringify(told)).not.toContain(WORDS);
});
