// Customers kept by the numbers of another system: each partner's own, and the department's.

import { expect, test } from 'vitest';
import { atOnce, brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { uniqueName } from '../setup/given.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const scopes = ['customers.upsert', 'customers.read', 'contacts.read'];
const crm = await app.given.key({ scopes });

interface Kept {
  customer: { id: string; name: string; phone: string | null; locale: string; version: number };
}

const keep = async (input: Record<string, unknown>, by: Client = crm) =>
  (await by.act<Kept>('customerUpsert', input, 'customer { id name phone locale version }')).customer;

test('C51 a customer who is new is added without a login, and handing them in again changes nothing', async () => {
  const input = { externalReference: uniqueName('C'), name: '韩梅梅', phone: '138 1234 1234', locale: 'zh' };
  const first = await keep(input);
  expect(first).toEqual({
    id: first.id,
    name: '韩梅梅',
    phone: '+8613812341234',
    locale: 'zh',
    version: 1,
  });
  expect(await keep(input)).toEqual(first);
  expect(await keep({ externalReference: input.externalReference, name: '韩梅梅' })).toEqual(first);
  expect(await keep({ externalReference: input.externalReference, name: '韩梅' })).toEqual({
    ...first,
    name: '韩梅',
    version: 2,
  });
});

test('C51 a number is one customer of each partner, and another one of the department', async () => {
  const other = await app.given.key({ scopes });
  const input = { externalReference: uniqueName('C'), name: 'Li Lei' };
  const ids = [(await keep(input)).id, (await keep(input, other)).id, (await keep(input, app.admin)).id];
  expect(new Set(ids).size).toBe(3);
  expect((await keep(input)).id).toBe(ids[0]);
  const seenBy = async (by: Client) => {
    const { customers } = await by.ok<{ customers: { edges: { node: { id: string } }[] } }>(
      'query ($reference: String!) { customers(where: { externalReference: $reference }) { edges { node { id } } } }',
      { reference: input.externalReference },
    );
    const nodes = await by.ok<{ nodes: { externalReference: string | null }[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { externalReference } } }',
      { ids },
    );
    return {
      found: customers.edges.map(({ node }) => ids.indexOf(node.id)).sort(),
      told: nodes.nodes.map(({ externalReference }) => externalReference === input.externalReference),
    };
  };
  expect(await seenBy(crm)).toEqual({ found: [0], told: [true, false, false] });
  expect(await seenBy(other)).toEqual({ found: [1], told: [false, true, false] });
  expect(await seenBy(app.admin)).toEqual({ found: [0, 1, 2], told: [true, true, true] });
});

test('C51 one number handed in many times at once is one customer', async () => {
  const inputs = Array.from({ length: 8 }, () => ({ externalReference: uniqueName('C'), name: 'Li Lei' }));
  const same = inputs.map(() => inputs[0] ?? {});
  const answers = await atOnce(crm, 'customerUpsert', same, 'customer { id }');
  expect(new Set(answers.map(({ customer }) => (customer as { id: string }).id)).size).toBe(1);
  expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
});

test('C51 T25 whoever was erased stays erased, and names never stand in events', async () => {
  const input = { externalReference: uniqueName('C'), name: 'Secret Name' };
  const { id } = await keep(input);
  await keep({ ...input, name: 'Secret Surname' });
  await app.admin.act('customerErase', { customerId: id, reason: 'Asked for it' });
  expect(brief(await crm.refusal('customerUpsert', input))).toEqual([
    'ILLEGAL_STATE input.externalReference',
  ]);
  await expect.poll(() => app.sql('SELECT 1 FROM event_outbox')).toEqual([]);
  const events = await app.sql<{ row: string }>('SELECT e::text AS row FROM event e');
  expect(events.filter(({ row }) => row.includes('Secret'))).toEqual([]);
});

test('nobody keeps customers without the permission, and bad input is refused all at once', async () => {
  const reader = await app.given.key({ scopes: ['customers.read'] });
  const document =
    'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { userErrors { code } } }';
  const input = { externalReference: 'x', name: 'Li Lei' };
  expect(await reader.codes(document, { input })).toEqual(['FORBIDDEN']);
  const wrong = { externalReference: '', name: ' ', phone: '12' };
  expect((await crm.refusal('customerUpsert', wrong)).map(({ path }) => path.join('.')).sort()).toEqual([
    'input.externalReference',
    'input.name',
    'input.phone',
  ]);
});
