// Customers: registered by themselves, changed by themselves and by staff, seen by staff as far as needed.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { ADMIN, startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { PASSWORD, uniqueName } from '../setup/given.ts';

const app = await startApp();
const { admin, anonymous, clientFor, given, sql } = app;

interface Customer {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  masked: boolean;
  version: number;
}

const FIELDS = 'id name email phone masked locale state version';
const BY_ID = `query ($id: ID!) { node(id: $id) { ... on Customer { ${FIELDS} } } }`;

/** What somebody reads of a customer by id. */
const read = async (client: Client, id: string | null) =>
  (await client.run<{ node: Customer | null }>(BY_ID, { id })).data?.node;

const someone = () => ({ name: '李雷', email: `${uniqueName('shopper')}@test.example`, password: PASSWORD });
const register = (input: object, by = anonymous) =>
  by.act<{ token: string }>('customerRegister', { ...someone(), ...input }, 'token');
const own = async (client: Client) =>
  (await client.ok<{ viewerCustomer: Customer }>(`{ viewerCustomer { ${FIELDS} } }`)).viewerCustomer;

describe('registering', () => {
  test('G37 makes an account and opens it with a token that is kept only as a keyed hash', async () => {
    const { token } = await register({
      name: ' 韩梅梅 ',
      email: ' Mei@Test.example',
      phone: '138 1234 1234',
    });
    expect(token).toMatch(/^ds_customer_[\w-]{27}$/);
    expect(await own(clientFor(token))).toEqual({
      id: expect.any(String),
      name: '韩梅梅',
      email: 'mei@test.example',
      phone: '+8613812341234',
      masked: false,
      locale: 'en',
      state: 'ACTIVE',
      version: 1,
    });
    expect(JSON.stringify(await sql('SELECT * FROM customer_session'))).not.toContain(token);
    const [row] = await sql<{ password_hash: string }>('SELECT password_hash FROM customer LIMIT 1');
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('takes the language of the request, unless another is wished', async () => {
    const chinese = anonymous.speaking('zh-CN,zh;q=0.9');
    const tokens = [await register({}, chinese), await register({ locale: 'en' }, chinese)];
    const answers = await Promise.all(
      tokens.map(({ token }) => clientFor(token).ok('{ viewerCustomer { locale } }')),
    );
    expect(answers).toEqual([{ viewerCustomer: { locale: 'zh' } }, { viewerCustomer: { locale: 'en' } }]);
  });

  test('C45 says all that is wrong at once', async () => {
    const input = { name: ' ', email: 'nobody', password: 'short', phone: '+44 12' };
    expect(brief(await anonymous.refusal('customerRegister', input)).sort()).toEqual([
      'INVALID input.email',
      'INVALID input.phone',
      'REQUIRED input.name',
      'TOO_SHORT input.password',
    ]);
  });

  test('an e-mail address has one account, whatever its case, also when six try at once', async () => {
    const { email, ...rest } = someone();
    const answers = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) =>
        anonymous.run<{ customerRegister: { token: string | null; userErrors: { code: string }[] } }>(
          'mutation ($input: CustomerRegisterInput!) { customerRegister(input: $input) { token userErrors { code } } }',
          { input: { ...rest, email: n % 2 ? email : email.toUpperCase() } },
        ),
      ),
    );
    const outcomes = answers.map(({ data }) => data?.customerRegister.userErrors[0]?.code ?? 'DONE');
    expect(outcomes.sort()).toEqual([...Array.from({ length: 5 }, () => 'ALREADY_EXISTS'), 'DONE']);
  });

  test('with the address of a colleague makes another account, which opens nothing of theirs', async () => {
    const { token } = await register({ email: ADMIN.email });
    expect(await clientFor(token).ok('{ viewer { id } viewerCustomer { email } }')).toEqual({
      viewer: null,
      viewerCustomer: { email: ADMIN.email },
    });
    const wrongDoors = [
      await anonymous.refusal('sessionOpen', { email: ADMIN.email, password: PASSWORD }),
      await anonymous.refusal('customerSessionOpen', ADMIN),
    ];
    expect(wrongDoors).toMatchObject([[{ code: 'LOGIN_FAILED' }], [{ code: 'LOGIN_FAILED' }]]);
  });
});

describe('changing', () => {
  test('changes what is given, keeps the rest, and raises the version by one', async () => {
    const client = await given.customer({ name: 'Ann', phone: '+44 20 7946 0958' });
    const change = (input: object) =>
      client.act<{ customer: Customer }>(
        'customerChange',
        { customerId: client.customerId, ...input },
        'customer { name phone locale version }',
      );
    expect(await change({ expectedVersion: 1, name: 'Anna', locale: 'zh' })).toMatchObject({
      customer: { name: 'Anna', phone: '+442079460958', locale: 'zh', version: 2 },
    });
    expect(await change({ expectedVersion: 2, withoutPhone: true })).toMatchObject({
      customer: { name: 'Anna', phone: null, version: 3 },
    });
  });

  test('is refused against another version, and with a phone number that is both given and taken away', async () => {
    const client = await given.customer();
    const input = { customerId: client.customerId, expectedVersion: 2 };
    expect(brief(await client.refusal('customerChange', { ...input, name: 'X' }))).toEqual([
      'STALE_VERSION input.expectedVersion',
    ]);
    const both = { ...input, phone: '13812341234', withoutPhone: true };
    expect(brief(await client.refusal('customerChange', both))).toEqual(['INVALID input.withoutPhone']);
  });

  test('C57 somebody else looks like nobody, for customers and guests alike', async () => {
    const other = await given.customer();
    const input = { customerId: other.customerId, expectedVersion: 1, name: 'X' };
    for (const client of [await given.customer(), given.guest()]) {
      expect(brief(await client.refusal('customerChange', input))).toEqual(['NOT_FOUND input.customerId']);
      expect(await read(client, other.customerId)).toBeNull();
    }
  });

  test('is open to staff with customers.manage who may see customers, and to no others', async () => {
    const client = await given.customer();
    const input = { customerId: client.customerId, expectedVersion: 1, name: 'Corrected' };
    const blind = await given.staff({ permissions: ['customers.manage'] });
    expect(brief(await blind.refusal('customerChange', input))).toEqual(['NOT_FOUND input.customerId']);
    const service = await given.staff({ posts: ['customer_service'] });
    await service.act('customerChange', input);
    expect((await own(client)).name).toBe('Corrected');
  });
});

describe('what staff see', () => {
  const phone = '13812341234';
  const clear = { name: '张三', phone: '+8613812341234', masked: false };
  const masked = { name: '张*', email: 'z***@test.example', phone: '+86****1234', masked: true };

  test('T25 C57 is masked without contacts.read, in lists, by id and in answers to mutations', async () => {
    const client = await given.customer({ name: '张三', phone, email: 'zhang.san@test.example' });
    const clerk = await given.staff({ permissions: ['customers.read', 'customers.manage'] });
    const reader = await given.staff({ permissions: ['customers.read', 'contacts.read'] });
    expect(await read(clerk, client.customerId)).toMatchObject(masked);
    expect(await read(reader, client.customerId)).toMatchObject(clear);
    const newest = `{ customers(first: 1) { edges { node { ${FIELDS} } } } }`;
    expect(await clerk.ok(newest)).toMatchObject({ customers: { edges: [{ node: masked }] } });
    expect(await reader.ok(newest)).toMatchObject({ customers: { edges: [{ node: clear }] } });
    const input = { customerId: client.customerId, expectedVersion: 1, locale: 'zh' };
    expect(await clerk.act('customerChange', input, `customer { ${FIELDS} }`)).toMatchObject({
      customer: masked,
    });
  });

  test('C57 is nothing without customers.read', async () => {
    const client = await given.customer();
    const stranger = await given.staff({ permissions: ['contacts.read'] });
    expect(await read(stranger, client.customerId)).toBeNull();
    expect(await stranger.codes('{ customers { totalCount } }')).toEqual(['FORBIDDEN']);
  });

  test('T25 cannot be guessed by filters on what is masked', async () => {
    const email = `${uniqueName('guessed')}@test.example`;
    const client = await given.customer({ email, phone: '13900000001' });
    const find = 'query ($where: CustomerWhere) { customers(where: $where) { edges { node { id } } } }';
    const clerk = await given.staff({ permissions: ['customers.read'] });
    for (const where of [{ email }, { phone: '13900000001' }])
      expect(await clerk.codes(find, { where })).toEqual(['BAD_INPUT']);
    const reader = await given.staff({ permissions: ['customers.read', 'contacts.read'] });
    const found = { customers: { edges: [{ node: { id: client.customerId } }] } };
    expect(await reader.ok(find, { where: { email: ` ${email.toUpperCase()}` } })).toEqual(found);
    expect(await reader.ok(find, { where: { phone: '+86 139 0000 0001' } })).toEqual(found);
  });

  test('is filtered by state and by when the account was made, and a bad span is BAD_INPUT', async () => {
    const client = await given.customer();
    const count = 'query ($where: CustomerWhere) { customers(where: $where) { totalCount } }';
    const { createdAt } = (
      await client.ok<{ viewerCustomer: { createdAt: string } }>('{ viewerCustomer { createdAt } }')
    ).viewerCustomer;
    const where = { state: 'ACTIVE', createdFrom: createdAt };
    expect(await admin.ok(count, { where })).toEqual({ customers: { totalCount: 1 } });
    expect(await admin.ok(count, { where: { state: 'ERASED' } })).toEqual({ customers: { totalCount: 0 } });
    const turned = { createdFrom: createdAt, createdBefore: createdAt };
    expect(await admin.codes(count, { where: turned })).toEqual(['BAD_INPUT']);
  });

  test('C60 T25 says what happened and to which fields, never what stood in them', async () => {
    const client = await given.customer({ name: 'Nora Unmistakable', phone });
    const change = { customerId: client.customerId, expectedVersion: 1, name: 'Nora Unforgettable' };
    await client.act('customerChange', change);
    const timeline = `query ($id: ID!) { node(id: $id) { ... on Customer {
      timeline { edges { node { type version changes { field before after withheld } } } } } } }`;
    const withheld = (field: string) => ({ field, before: null, after: null, withheld: true });
    expect(await admin.ok(timeline, { id: client.customerId })).toEqual({
      node: {
        timeline: {
          edges: [
            {
              node: {
                type: 'customer.registered',
                version: 1,
                changes: ['name', 'email', 'phone'].map(withheld),
              },
            },
            { node: { type: 'customer.changed', version: 2, changes: [withheld('name')] } },
          ],
        },
      },
    });
    expect(JSON.stringify(await sql('SELECT * FROM event'), bigints)).not.toContain('Nora');
    expect(await client.ok(timeline, { id: client.customerId })).toEqual({
      node: { timeline: { edges: [] } },
    });
  });
});

const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

test('the history of an order names its customer by id, and only to those who may see customers', async () => {
  const customer = await given.customer();
  const { storeId, variantId } = await given.stockedVariant();
  const order = await given.order({ storeId, lines: [{ variantId, quantity: 1 }], by: customer });
  const actorFor = async (permissions: string[]) => {
    const reader = await given.staff({ permissions });
    const { node } = await reader.ok<{
      node: { timeline: { edges: { node: { actor: object } }[] } };
    }>(
      'query ($id: ID!) { node(id: $id) { ... on Order { timeline { edges { node { actor { kind name nodeId } } } } } } }',
      { id: order.id },
    );
    return node.timeline.edges[0]?.node.actor;
  };
  expect(await actorFor(['orders.read', 'customers.read'])).toEqual({
    kind: 'CUSTOMER',
    name: null,
    nodeId: customer.customerId,
  });
  expect(await actorFor(['orders.read'])).toEqual({ kind: 'CUSTOMER', name: null, nodeId: null });
});
