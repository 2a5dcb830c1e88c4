// Addresses that customers keep: checked as those of orders, at most twenty, one of them preferred.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { address } from '../setup/goods.ts';

const app = await startApp();
const { given } = app;

interface Address {
  id: string;
  name: string;
  preferred: boolean;
}

const receiver = { name: '张三', phone: '13812341234', address };
const keep = async (client: Client, input: object = {}) =>
  (
    await client.act<{ customerAddress: Address }>(
      'customerAddressKeep',
      { ...receiver, ...input },
      'customerAddress { id }',
    )
  ).customerAddress.id;

const addressesOf = async (client: Client, fields = 'id name preferred') => {
  const { viewerCustomer } = await client.ok<{
    viewerCustomer: { addresses: { edges: { node: Address }[] } };
  }>(`{ viewerCustomer { addresses(first: 100) { edges { node { ${fields} } } } } }`);
  return viewerCustomer.addresses.edges.map(({ node }) => node);
};

test('an address is kept as it was given, replaced as a whole, and dropped', async () => {
  const client = await given.customer();
  const customerAddressId = await keep(client);
  const all = 'id name phone country region city district lines postalCode preferred masked';
  const kept = { id: customerAddressId, masked: false, preferred: false };
  expect(await addressesOf(client, all)).toEqual([
    { ...kept, name: '张三', phone: '13812341234', ...address },
  ]);
  const london = { country: 'GB', city: 'London', lines: ['12 St James’s Square'] };
  await keep(client, { customerAddressId, name: 'Ada', phone: undefined, address: london });
  const nothing = { phone: null, region: null, district: null, postalCode: null };
  expect(await addressesOf(client, all)).toEqual([{ ...kept, ...nothing, ...london, name: 'Ada' }]);
  const drop = () => client.refusal('customerAddressDrop', { customerAddressId });
  await client.act('customerAddressDrop', { customerAddressId }, 'customer { version }');
  expect(await addressesOf(client)).toEqual([]);
  expect(brief(await drop())).toEqual(['NOT_FOUND input.customerAddressId']);
});

test('one address is preferred: the last of which it was said, until it is said that it is not', async () => {
  const client = await given.customer();
  const first = await keep(client, { preferred: true });
  const second = await keep(client, { preferred: true });
  const preferred = async () =>
    (await addressesOf(client)).filter((one) => one.preferred).map(({ id }) => id);
  expect(await preferred()).toEqual([second]);
  await keep(client, { customerAddressId: second, name: 'Renamed' });
  expect(await preferred()).toEqual([second]);
  await Promise.all([
    keep(client, { customerAddressId: first, preferred: true }),
    keep(client, { customerAddressId: second, preferred: true }),
  ]);
  expect(await preferred()).toHaveLength(1);
  for (const customerAddressId of [first, second])
    await keep(client, { customerAddressId, preferred: false });
  expect(await preferred()).toEqual([]);
});

test('at most twenty are kept, also when thirty are added at once', async () => {
  const client = await given.customer();
  const answers = await Promise.all(
    Array.from({ length: 30 }, () =>
      client.run<{ customerAddressKeep: { userErrors: { code: string }[] } }>(
        'mutation ($input: CustomerAddressKeepInput!) { customerAddressKeep(input: $input) { userErrors { code } } }',
        { input: receiver },
      ),
    ),
  );
  const codes = answers.map(({ data }) => data?.customerAddressKeep.userErrors[0]?.code ?? 'DONE');
  expect(codes.filter((code) => code === 'DONE')).toHaveLength(20);
  expect(codes.filter((code) => code === 'ADDRESS_LIMIT')).toHaveLength(10);
  const [one] = await addressesOf(client);
  await keep(client, { customerAddressId: one?.id });
  expect(await addressesOf(client)).toHaveLength(20);
});

test('C45 an address is checked as that of an order, and all that is wrong is said at once', async () => {
  const client = await given.customer();
  const { region, district, ...bare } = address;
  expect(region && district).toBeTruthy();
  const refused = async (input: object) =>
    brief(await client.refusal('customerAddressKeep', { ...receiver, ...input })).sort();
  expect(await refused({ name: '', phone: '999', address: { ...bare, postalCode: '12' } })).toEqual([
    'PHONE_INVALID input.phone',
    'POSTAL_CODE_INVALID input.address.postalCode',
    'REQUIRED input.address.district',
    'REQUIRED input.address.region',
    'REQUIRED input.name',
  ]);
  expect(await refused({ address: { ...bare, country: 'ZZ', lines: Array(6).fill('x') } })).toEqual([
    'COUNTRY_UNKNOWN input.address.country',
    'TOO_LONG input.address.lines',
  ]);
});

test('C57 the address of somebody else looks like none, and guests have no account to keep one', async () => {
  const [owner, other] = [await given.customer(), await given.customer()];
  const customerAddressId = await keep(owner);
  const refusals = [
    await other.refusal('customerAddressKeep', { ...receiver, customerAddressId }),
    await other.refusal('customerAddressDrop', { customerAddressId }),
  ];
  for (const refusal of refusals) expect(brief(refusal)).toEqual(['NOT_FOUND input.customerAddressId']);
  const byId = 'query ($id: ID!) { node(id: $id) { id } }';
  expect((await other.run(byId, { id: customerAddressId })).data).toEqual({ node: null });
  const guest = given.guest();
  expect(brief(await guest.refusal('customerAddressKeep', receiver))).toEqual(['NOT_PERMITTED input']);
  expect(brief(await guest.refusal('customerAddressDrop', { customerAddressId }))).toEqual([
    'NOT_PERMITTED input',
  ]);
});

test('T25 staff see place and district, and receiver, street and postal code only with contacts.read', async () => {
  const client = await given.customer();
  const id = await keep(client);
  const document =
    'query ($id: ID!) { node(id: $id) { ... on CustomerAddress { name phone city district lines postalCode masked } } }';
  const clerk = await given.staff({ permissions: ['customers.read'] });
  expect(await clerk.ok(document, { id })).toEqual({
    node: {
      name: '张*',
      phone: '138****1234',
      city: '杭州市',
      district: '西湖区',
      lines: ['***'],
      postalCode: null,
      masked: true,
    },
  });
  const reader = await given.staff({ permissions: ['customers.read', 'contacts.read'] });
  expect(await reader.ok(document, { id })).toMatchObject({
    node: { name: '张三', lines: address.lines, postalCode: '310012', masked: false },
  });
});
